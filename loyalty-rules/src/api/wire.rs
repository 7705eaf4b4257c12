//! How requests are read, answers written and both described: one declaration for each object.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use super::json::Write;
use super::json::{Entry, Json, Node};
pub use super::reading::{At, Fields, Read, Run, read};
pub use super::refusal::{Path, Refusal};
use crate::award::Label;
use crate::calendar::{CivilTime, Date, LocalTime, Month, Offset, TimeOfDay};
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, DOMAIN_MAX, PointValue, Points, Rate, Ratio, Rupiah, Unit};
use crate::tables::{Digit, Slot, Tolerance};

/// What a schema is written in.
pub type Text = String;

/// A value that has a JSON Schema. Objects are collected by name.
pub trait Describe {
    /// Whether a field must be there.
    const REQUIRED: bool = true;

    fn schema(defs: &mut Defs) -> String;
}

/// The schemas of objects by name.
pub type Defs = BTreeMap<&'static str, String>;

/// An object: its fields, written and described.
pub trait Object {
    const NAME: &'static str;
    const DOC: &'static str;

    fn put(&self, entry: &mut Entry<'_>);
    fn describe(properties: &mut Properties<'_>);
}

/// An object that is read; its fields can also stand among those of another.
pub trait Record: Object {
    fn take(fields: &mut Fields<'_>) -> Self;
}

impl<T: Record> Read for T {
    fn read(at: &At<'_>) -> Self {
        let mut fields = Fields::of(at);
        let record = Self::take(&mut fields);
        fields.finish();
        record
    }
}

impl<T: Object> Write for T {
    fn write(&self, json: &mut Json) {
        json.object(|entry| self.put(entry));
    }
}

impl<T: Object> Describe for T {
    fn schema(defs: &mut Defs) -> String {
        object_schema(T::NAME, T::DOC, defs, T::describe)
    }
}

/// The described fields of an object.
#[derive(Debug)]
pub struct Properties<'a> {
    pub defs: &'a mut Defs,
    fields: Vec<String>,
    required: Vec<&'static str>,
    /// The pattern of further names, and the schema of what they hold.
    further: Option<(&'static str, String)>,
}

impl Properties<'_> {
    /// Describes fields of any name that matches a pattern.
    pub fn further<T: Describe>(&mut self, pattern: &'static str) {
        self.further = Some((pattern, T::schema(self.defs)));
    }

    pub fn field<T: Describe>(&mut self, name: &'static str, doc: &str, is_required: bool, default: Option<String>) {
        // A field that is `null` is an absent one, which has its default.
        let schema = if default.is_some() { Option::<T>::schema(self.defs) } else { T::schema(self.defs) };
        let schema = schema.strip_suffix('}').unwrap_or(&schema);
        let mut text = Json::default();
        text.text(doc.trim());
        let default = default.map_or_else(String::new, |default| format!(",\"default\":{default}"));
        self.fields.push(format!("\"{name}\":{schema},\"description\":{}{default}}}", text.into_string()));
        if is_required {
            self.required.push(name);
        }
    }
}

/// The schema of an object, by reference.
pub fn object_schema(name: &'static str, doc: &str, defs: &mut Defs, describe: impl FnOnce(&mut Properties<'_>)) -> String {
    if !defs.contains_key(name) {
        defs.insert(name, String::new());
        let mut properties = Properties { defs, fields: Vec::new(), required: Vec::new(), further: None };
        describe(&mut properties);
        let Properties { fields, required, further, .. } = properties;
        let mut text = Json::default();
        text.object(|entry| {
            entry.put("description", |json| json.text(doc.trim()));
            entry.put("type", |json| json.text("object"));
            entry.put("properties", |json| json.raw(&format!("{{{}}}", fields.join(","))));
            entry.put("required", |json| json.list(required, Json::text));
            if let Some((pattern, schema)) = further {
                entry.put("patternProperties", |json| json.object(|entry| entry.put(pattern, |json| json.raw(&schema))));
            }
            entry.put("additionalProperties", |json| json.bool(false));
        });
        defs.insert(name, text.into_string());
    }
    format!("{{\"$ref\":\"#/$defs/{name}\"}}")
}

pub fn to_json(value: &impl Write) -> String {
    let mut json = Json::default();
    value.write(&mut json);
    json.into_string()
}

/// The name of a field, also of one that is a word of Rust.
pub const fn field_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', name @ ..] => match core::str::from_utf8(name) {
            Ok(name) => name,
            Err(_) => field,
        },
        _ => field,
    }
}

/// Declares an object of a request: its fields with their defaults, read, written and described. A field with
/// a default, or an `Option`, is optional, and written only if it differs. `[flat]` puts the fields of another
/// record among these; `[null]` writes an absent field as `null`. A field of [`fields!`](crate::fields) states its kind
/// there: by slot it is an `Option`, of any other kind it has the default of its type.
#[doc(hidden)]
#[macro_export]
macro_rules! record {
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $([$how:ident])? $field:ident: $type:ty $(= $default:expr)?,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq $($(, $derive)*)?)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }

        impl $crate::api::wire::Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),*);

            fn put(&self, entry: &mut $crate::api::json::Entry<'_>) {
                $($crate::api::wire::field!(put $([$how])? self entry $field: $type $(= $default)?);)*
            }

            fn describe(properties: &mut $crate::api::wire::Properties<'_>) {
                $($crate::api::wire::field!(describe $([$how])? properties $field: $type $(= $default)? , concat!($($field_doc),*));)*
            }
        }

        impl $crate::api::wire::Record for $name {
            fn take(fields: &mut $crate::api::wire::Fields<'_>) -> Self {
                Self { $($field: $crate::api::wire::field!(take $([$how])? fields $field: $type $(= $default)?),)* }
            }
        }
    };
}

/// Declares an answer: every field is written, `None` as `null`, but one marked `[omit]` or `[by_slot]` is left out then, and a `[rest]` of zero.
#[doc(hidden)]
#[macro_export]
macro_rules! answer {
    ($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $([$omit:ident])? $field:ident: $type:ty,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }

        impl $crate::api::wire::Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),*);

            fn put(&self, entry: &mut $crate::api::json::Entry<'_>) {
                $($crate::api::wire::field!(answer $([$omit])? self entry $field);)*
            }

            fn describe(properties: &mut $crate::api::wire::Properties<'_>) {
                $(properties.field::<$type>($crate::api::wire::field!(name $field), concat!($($field_doc),*), $crate::api::wire::field!(always $([$omit])?), None);)*
            }
        }
    };
}

/// One field of a [`record`] or [`answer`].
#[doc(hidden)]
#[macro_export]
macro_rules! field {
    (name $field:ident) => {
        const { $crate::api::wire::field_name(stringify!($field)) }
    };

    (take [flat] $fields:ident $field:ident: $type:ty) => {
        <$type as $crate::api::wire::Record>::take($fields)
    };
    (take [null] $fields:ident $field:ident: $type:ty) => {
        $crate::api::wire::field!(take $fields $field: $type)
    };
    (take [by_slot] $fields:ident $field:ident: $type:ty) => {
        $crate::api::wire::field!(take $fields $field: $type)
    };
    (take [$kind:ident] $fields:ident $field:ident: $type:ty) => {
        $crate::api::wire::field!(take $fields $field: $type = <$type>::default())
    };
    (take $fields:ident $field:ident: $type:ty) => {
        $fields.read($crate::api::wire::field!(name $field))
    };
    (take $fields:ident $field:ident: $type:ty = $default:expr) => {
        $fields.read_or($crate::api::wire::field!(name $field), $default)
    };

    (put [flat] $record:ident $entry:ident $field:ident: $type:ty) => {
        $crate::api::wire::Object::put(&$record.$field, $entry)
    };
    (put [null] $record:ident $entry:ident $field:ident: $type:ty) => {
        $entry.value($crate::api::wire::field!(name $field), &$record.$field)
    };
    (put [by_slot] $record:ident $entry:ident $field:ident: $type:ty) => {
        $crate::api::wire::field!(put $record $entry $field: $type)
    };
    (put [$kind:ident] $record:ident $entry:ident $field:ident: $type:ty) => {
        $crate::api::wire::field!(put $record $entry $field: $type = <$type>::default())
    };
    (put $record:ident $entry:ident $field:ident: $type:ty) => {
        $entry.some($crate::api::wire::field!(name $field), &$record.$field)
    };
    (put $record:ident $entry:ident $field:ident: $type:ty = $default:expr) => {{
        let default: $type = $default;
        if default != $record.$field {
            $entry.value($crate::api::wire::field!(name $field), &$record.$field);
        }
    }};

    (describe [flat] $properties:ident $field:ident: $type:ty, $doc:expr) => {
        <$type as $crate::api::wire::Object>::describe($properties)
    };
    (describe [null] $properties:ident $field:ident: $type:ty, $doc:expr) => {
        $crate::api::wire::field!(describe $properties $field: $type, $doc)
    };
    (describe [by_slot] $properties:ident $field:ident: $type:ty, $doc:expr) => {
        $crate::api::wire::field!(describe $properties $field: $type, $doc)
    };
    (describe [$kind:ident] $properties:ident $field:ident: $type:ty, $doc:expr) => {
        $crate::api::wire::field!(describe $properties $field: $type = <$type>::default(), $doc)
    };
    (describe $properties:ident $field:ident: $type:ty, $doc:expr) => {
        $properties.field::<$type>($crate::api::wire::field!(name $field), $doc, <$type as $crate::api::wire::Describe>::REQUIRED, None)
    };
    (describe $properties:ident $field:ident: $type:ty = $default:expr, $doc:expr) => {{
        let default: $type = $default;
        $properties.field::<$type>($crate::api::wire::field!(name $field), $doc, false, Some($crate::api::wire::to_json(&default)))
    }};

    (answer [omit] $answer:ident $entry:ident $field:ident) => {
        $entry.some($crate::api::wire::field!(name $field), &$answer.$field)
    };
    (answer [by_slot] $answer:ident $entry:ident $field:ident) => {
        $crate::api::wire::field!(answer [omit] $answer $entry $field)
    };
    (answer [rest] $answer:ident $entry:ident $field:ident) => {
        if $answer.$field != Default::default() {
            $entry.value($crate::api::wire::field!(name $field), &$answer.$field);
        }
    };
    (answer $([$kind:ident])? $answer:ident $entry:ident $field:ident) => {
        $entry.value($crate::api::wire::field!(name $field), &$answer.$field)
    };
    (fault) => {
        $crate::error::Fault::UnknownWord
    };
    (fault $fault:ident) => {
        $crate::error::Fault::$fault
    };
    (always [omit]) => {
        false
    };
    (always [by_slot]) => {
        false
    };
    (always [rest]) => {
        false
    };
    (always $([$kind:ident])?) => {
        true
    };
}
pub use crate::{answer, field, operations, record, wire_integers, wire_words};

impl<T: Read> Read for Option<T> {
    fn read(at: &At<'_>) -> Self {
        if at.is_null() { None } else { Some(T::read(at)) }
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => json.null(),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Describe> Describe for Option<T> {
    const REQUIRED: bool = false;

    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{{\"type\":\"null\"}}]}}", T::schema(defs))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(at: &At<'_>) -> Self {
        let mut list = Self::new();
        at.entries(&mut |at| list.push(T::read(at)));
        list
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, json: &mut Json) {
        json.list(self, |json, value| value.write(json));
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"type\":\"array\",\"items\":{}}}", T::schema(defs))
    }
}

/// A list of at most so many entries, refused before any of a longer one is read.
#[derive(Clone, Debug, PartialEq)]
pub struct AtMost<T, const N: usize>(pub Vec<T>);

impl<T: Read, const N: usize> Read for AtMost<T, N> {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::List(entries) if entries.len() > N => at.refuse(Fault::TooManyPrograms, Self(Vec::new())),
            _ => Self(Vec::read(at)),
        }
    }
}

impl<T: Write, const N: usize> Write for AtMost<T, N> {
    fn write(&self, json: &mut Json) {
        self.0.write(json);
    }
}

impl<T: Describe, const N: usize> Describe for AtMost<T, N> {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"type\":\"array\",\"maxItems\":{N},\"items\":{}}}", T::schema(defs))
    }
}

/// Objects with free keys, read and written in the order of their keys' bytes; a null entry is a missing one.
impl<T: Read> Read for BTreeMap<String, T> {
    fn read(at: &At<'_>) -> Self {
        let Node::Object(entries) = at.node else { return at.refuse(Fault::WantsObject, Self::new()) };
        let mut map = Self::new();
        for (key, node) in entries {
            map.insert(key.clone(), T::read(&at.key(key, node)));
        }
        map
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(&self, json: &mut Json) {
        json.object(|entry| {
            for (key, value) in self {
                entry.put(key, |json| value.write(json));
            }
        });
    }
}

impl<T: Describe> Describe for BTreeMap<String, T> {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"type\":\"object\",\"additionalProperties\":{}}}", T::schema(defs))
    }
}

impl Read for bool {
    fn read(at: &At<'_>) -> Self {
        if let Node::Bool(value) = at.node { *value } else { at.refuse(Fault::WantsBool, false) }
    }
}

impl Write for bool {
    fn write(&self, json: &mut Json) {
        json.bool(*self);
    }
}

impl Describe for bool {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"boolean\"}".to_owned()
    }
}

impl Read for String {
    fn read(at: &At<'_>) -> Self {
        at.text().to_owned()
    }
}

impl Write for String {
    fn write(&self, json: &mut Json) {
        json.text(self);
    }
}

/// A text that may be one of the library's own, which then needs no memory of its own.
pub type Phrase = Cow<'static, str>;

impl Read for Phrase {
    fn read(at: &At<'_>) -> Self {
        Self::Owned(at.text().to_owned())
    }
}

impl Write for Phrase {
    fn write(&self, json: &mut Json) {
        json.text(self);
    }
}

impl Describe for Phrase {
    fn schema(defs: &mut Defs) -> String {
        String::schema(defs)
    }
}

impl Describe for String {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"string\"}".to_owned()
    }
}

/// Integers: the type, the bounds of its schema, what a number outside the domain is refused with, how it is made, how
/// it is written.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_integers {
    ($($type:ty: $min:expr, $max:expr, $outside:ident, |$number:ident| $make:expr, |$value:ident| $get:expr;)*) => { $(
        impl $crate::api::wire::Read for $type {
            fn read(at: &$crate::api::wire::At<'_>) -> Self {
                let $number = at.integer($crate::error::Fault::$outside);
                at.proved($make, Self::default())
            }
        }

        impl $crate::api::wire::Write for $type {
            fn write(&self, json: &mut $crate::api::json::Json) {
                let $value = self;
                json.integer($get);
            }
        }

        impl $crate::api::wire::Describe for $type {
            fn schema(_: &mut $crate::api::wire::Defs) -> $crate::api::wire::Text {
                $crate::api::wire::integer_schema($min, $max)
            }
        }
    )* };
}

/// The schema of an integer.
pub fn integer_schema(min: impl Into<i64>, max: impl Into<i64>) -> String {
    format!("{{\"type\":\"integer\",\"minimum\":{},\"maximum\":{}}}", min.into(), max.into())
}

/// A whole number in the domain of CV-1 that is neither money nor points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole(pub i64);

/// An amount whose meaning has no sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount(pub Rupiah);

/// A weight of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight(pub u32);

/// A share of a split in basis points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share(pub u32);

/// A count of one or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Positive(pub Count);

/// Minutes, days or months that the proof bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span<const MAX: u16>(pub u16);

pub fn small<T: TryFrom<i64>>(number: i64, fault: Fault) -> Result<T, Error> {
    T::try_from(number).map_err(|_| fault.error())
}

wire_integers! {
    Rupiah: -DOMAIN_MAX, DOMAIN_MAX, OutsideDomain, |number| Self::new(number), |value| value.get();
    Amount: 0, DOMAIN_MAX, OutsideDomain, |number| Rupiah::not_negative(number).map(Self), |value| value.0.get();
    Points: -DOMAIN_MAX, DOMAIN_MAX, OutsideDomain, |number| Self::from_milli(number), |value| value.milli();
    Ratio: -DOMAIN_MAX, DOMAIN_MAX, OutsideDomain, |number| Self::from_bp(number), |value| value.bp();
    Whole: -DOMAIN_MAX, DOMAIN_MAX, OutsideDomain, |number| Ok(Self(number)), |value| value.0;
    Count: 0, DOMAIN_MAX, OutsideDomain, |number| Self::new(number), |value| value.get();
    Positive: 1, DOMAIN_MAX, OutsideDomain, |number| if number < 1 { Err(Fault::BelowOne.error()) } else { Count::new(number).map(Self) }, |value| value.0.get();
    Tolerance: 0, DOMAIN_MAX, OutsideDomain, |number| Count::new(number).map(Self::from_ms), |value| value.ms().get();
    PointValue: 1, DOMAIN_MAX, OutsideDomain, |number| Rupiah::new(number).and_then(Self::new), |value| value.rupiah().get();
    Rate: 0, 10_000, RateOutOfRange, |number| small(number, Fault::RateOutOfRange).and_then(Self::from_bp), |value| value.bp().into();
    Digit: 0, 9, NotADigit, |number| small(number, Fault::NotADigit).and_then(Self::new), |value| value.get().into();
    Slot: 1, 10, NotASlot, |number| small(number, Fault::NotASlot).and_then(Self::new), |value| value.get().into();
    Unit: 1, 1_000, OutsideDomain, |number| Rupiah::not_negative(number).and_then(Self::new), |value| value.rupiah();
    Weight: 0, u32::MAX, WeightOutOfRange, |number| small(number, Fault::WeightOutOfRange).map(Self), |value| value.0.into();
    Share: 0, 10_000, ShareOutOfRange, |number| small(number, Fault::ShareOutOfRange).and_then(|share| if share > 10_000 { Err(Fault::ShareOutOfRange.error()) } else { Ok(Self(share)) }), |value| value.0.into();
    Span<1_440>: 1, 1_440, MakeUpMinutesOutOfRange, |number| small(number, Fault::MakeUpMinutesOutOfRange).map(Self), |value| value.0.into();
    Span<36_500>: 1, 36_500, ValidityOutOfRange, |number| small(number, Fault::ValidityOutOfRange).map(Self), |value| value.0.into();
    Span<1_200>: 1, 1_200, ValidityOutOfRange, |number| small(number, Fault::ValidityOutOfRange).map(Self), |value| value.0.into();
}

/// The schema of a word: its values.
pub fn words_schema(words: impl Iterator<Item = &'static str>) -> String {
    let mut json = Json::default();
    json.object(|entry| entry.put("enum", |json| json.list(words, Json::text)));
    json.into_string()
}

/// Makes enums of [`words`](crate::words) read, written and described: the type, and what an unknown word is refused
/// with if not `UnknownWord`.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_words {
    ($($type:ty $(: $fault:ident)?;)*) => { $(
        impl $crate::api::wire::Read for $type {
            fn read(at: &$crate::api::wire::At<'_>) -> Self {
                let mut words = Self::ALL.iter().map(|word| word.name());
                let fault = $crate::api::wire::field!(fault $($fault)?);
                Self::from_name(at.text()).unwrap_or_else(|| at.refuse_word(fault, &mut words, Self::FIRST))
            }
        }

        impl $crate::api::wire::Write for $type {
            fn write(&self, json: &mut $crate::api::json::Json) {
                json.text(self.name());
            }
        }

        impl $crate::api::wire::Describe for $type {
            fn schema(_: &mut $crate::api::wire::Defs) -> $crate::api::wire::Text {
                $crate::api::wire::words_schema(Self::ALL.iter().map(|word| word.name()))
            }
        }
    )* };
}

/// Times: the type, what stands in for a refused one, and the pattern of its text.
macro_rules! times {
    ($($type:ty: $instead:expr, $pattern:literal;)*) => { $(
        impl Read for $type {
            fn read(at: &At<'_>) -> Self {
                at.proved(at.text().parse(), $instead)
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut Json) {
                json.text(&self.to_string());
            }
        }

        impl Describe for $type {
            fn schema(_: &mut Defs) -> String {
                let mut json = Json::default();
                json.object(|entry| {
                    entry.put("type", |json| json.text("string"));
                    entry.put("pattern", |json| json.text($pattern));
                });
                json.into_string()
            }
        }
    )* };
}

times! {
    CivilTime: Self::midnight(Date::FIRST, Offset::default()), r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?([+-]\d{2}:\d{2}|Z)$";
    Month: Self::of(Date::FIRST), r"^\d{4}-\d{2}$";
    Date: Self::FIRST, r"^\d{4}-\d{2}-\d{2}$";
    LocalTime: Self { date: Date::FIRST, time: TimeOfDay::default() }, r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$";
    TimeOfDay: Self::default(), r"^\d{2}:\d{2}(:\d{2})?$";
    Offset: Self::default(), r"^[+-]\d{2}:\d{2}$";
}

/// A time that is answered letter by letter as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsWritten(pub CivilTime);

impl Read for AsWritten {
    fn read(at: &At<'_>) -> Self {
        Self(CivilTime::read(at))
    }
}

impl Write for AsWritten {
    fn write(&self, json: &mut Json) {
        json.text(&self.0.as_written().to_string());
    }
}

impl Describe for AsWritten {
    fn schema(defs: &mut Defs) -> String {
        CivilTime::schema(defs)
    }
}

impl<const N: usize> Read for Label<N> {
    fn read(at: &At<'_>) -> Self {
        at.proved(Self::new(at.text()), Self::NONE)
    }
}

impl<const N: usize> Write for Label<N> {
    fn write(&self, json: &mut Json) {
        json.text(self.as_str());
    }
}

impl<const N: usize> Describe for Label<N> {
    fn schema(_: &mut Defs) -> String {
        format!("{{\"type\":\"string\",\"minLength\":1,\"maxLength\":{N}}}")
    }
}

/// Refuses an entry of a list whose text in `field` stands twice.
pub fn distinct<'a>(list: &'static str, field: &'static str, texts: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let twice = texts.enumerate().find(|(_, text)| !seen.insert(*text));
    twice.map_or(Ok(()), |(index, _)| Err(Fault::NotDistinct.error().at(Field::within(list, index, field)).into()))
}
