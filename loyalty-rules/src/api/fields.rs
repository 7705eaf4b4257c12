//! Objects that several operations share.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::json::{Json, Node};
use super::wire::{At, Defs, Describe, Path, Read, Refusal, Share, Weight, Write, record};
use crate::award::{Quota, SlotLimits};
use crate::calendar::{SaleWindow, TimeOfDay};
use crate::error::{Error, Fault};
use crate::funding::{Bonus, Funding};
use crate::ledger::Key;
use crate::ledger::voucher::PublicKey;
use crate::quantity::{Count, Mode, Points, Rate, Rounding, Rupiah, Unit};
use crate::tables::{DayKey, Edition, MarginClass, Mechanism, RateTable, Schedule, Step, TableName};

crate::wire_words! {
    Mode;
    Mechanism;
    Edition: NoSuchTable;
    MarginClass: NoSuchTable;
    Bonus;
}

record! {
    /// A rate table: a printed one by its name, or ten rates of the merchant's own (TB-1, TB-2).
    pub struct TableFields {
        /// What decides the rate.
        mechanism: Mechanism,
        /// The one rate of a flat program in basis points (PT-8).
        rate_bp: Option<Rate>,
        /// The edition, of the time auction only; `recommended` if absent.
        edition: Option<Edition>,
        /// The margin class of a printed table.
        margin_class: Option<MarginClass>,
        /// The tier of a printed table, in lower case.
        tier: Option<String>,
        /// Ten rates of the merchant's own in basis points, in column order, instead of edition, class and tier.
        rates_bp: Option<Vec<Rate>>,
        /// Whether own rates may fall from one column to the next (TB-3).
        allow_falling: bool = false,
    }
}

impl TableFields {
    /// What a program decides by: a table, one rate, or points.
    pub fn basis(&self, path: &Path<'_>) -> Result<RateTable, Refusal> {
        if self.mechanism.has_columns() {
            return self.table(path);
        }
        let refuse = |fault, field: &'static str| Err(Refusal::at(fault, &path.key(field)));
        let of_table = [
            ("edition", self.edition.is_some()),
            ("margin_class", self.margin_class.is_some()),
            ("tier", self.tier.is_some()),
            ("rates_bp", self.rates_bp.is_some()),
            ("allow_falling", self.allow_falling),
        ];
        if let Some((field, _)) = of_table.into_iter().find(|(_, is_given)| *is_given) {
            return refuse(Fault::NoTableHere, field);
        }
        match (self.mechanism, self.rate_bp) {
            (Mechanism::Flat, None) => refuse(Fault::Missing, "rate_bp"),
            (Mechanism::Points, Some(_)) => refuse(Fault::RateOfFlatAlone, "rate_bp"),
            (_, rate) => Ok(rate.map_or(RateTable::POINTS, RateTable::flat)),
        }
    }

    /// A rate table.
    pub fn table(&self, path: &Path<'_>) -> Result<RateTable, Refusal> {
        let refuse = |fault, field: &'static str| Err(Refusal::at(fault, &path.key(field)));
        if !self.mechanism.has_columns() {
            return refuse(Fault::NoTableHere, "mechanism");
        }
        if self.rate_bp.is_some() {
            return refuse(Fault::RateOfFlatAlone, "rate_bp");
        }
        if let Some(rates_bp) = &self.rates_bp {
            if self.edition.is_some() || self.margin_class.is_some() || self.tier.is_some() {
                return refuse(Fault::OwnRatesBesideName, "rates_bp");
            }
            let rates = ten_rates(rates_bp, &path.key("rates_bp"))?;
            return RateTable::own(self.mechanism, rates, self.allow_falling).map_err(|error| Refusal::inside(error, path));
        }
        let Some(margin_class) = self.margin_class else { return refuse(Fault::Missing, "margin_class") };
        let Some(tier) = &self.tier else { return refuse(Fault::Missing, "tier") };
        let edition = match self.mechanism {
            Mechanism::Stopwatch if self.edition.is_some() => return refuse(Fault::NoSuchTable, "edition"),
            Mechanism::Stopwatch | Mechanism::Flat | Mechanism::Points => None,
            Mechanism::TimeAuction => Some(self.edition.unwrap_or_default()),
        };
        TableName::find(self.mechanism, edition, margin_class, tier).map(RateTable::from).map_err(|error| {
            let of = |table: &TableName| (table.mechanism(), table.edition(), table.margin_class());
            let tiers = TableName::all().filter(|table| of(table) == (self.mechanism, edition, margin_class));
            Refusal::inside(error, &path.key("tier")).with_words(&mut tiers.map(TableName::tier))
        })
    }

    pub fn of(table: &RateTable) -> Self {
        let name = table.name();
        Self {
            mechanism: table.mechanism(),
            rate_bp: (table.mechanism() == Mechanism::Flat).then(|| table.highest()),
            edition: name.and_then(TableName::edition).filter(|edition| *edition != Edition::default()),
            margin_class: name.map(TableName::margin_class),
            tier: name.map(|name| name.tier().to_string()),
            rates_bp: (name.is_none() && table.mechanism().has_columns()).then(|| table.rates().to_vec()),
            allow_falling: table.allow_falling(),
        }
    }
}

pub fn ten_rates(rates_bp: &[Rate], path: &Path<'_>) -> Result<[Rate; 10], Refusal> {
    rates_bp.try_into().map_err(|_| Refusal::at(Fault::NotTenRates, path))
}

record! {
    /// How a value is rounded (CV-4).
    pub struct RoundingFields {
        /// The unit in rupiah: 1, 10, 50, 100, 500 or 1,000.
        unit: Unit = Unit::default(),
        /// The direction; a negative amount mirrors the positive one.
        mode: Mode = Mode::default(),
    }
}

impl RoundingFields {
    pub fn rounding(&self) -> Rounding {
        Rounding { unit: self.unit, mode: self.mode }
    }

    pub fn of(rounding: Rounding) -> Self {
        Self { unit: rounding.unit, mode: rounding.mode }
    }
}

impl Default for RoundingFields {
    fn default() -> Self {
        Self::of(Rounding::default())
    }
}

record! {
    /// One step of a standby schedule.
    pub struct StepFields {
        /// The thousandths of a point from which it holds, 0 or more.
        from_points_milli: Points,
        /// Its rate in basis points.
        rate_bp: Rate,
    }
}

record! {
    /// The rates of the standby voucher by points held (SB-3).
    pub struct StandbyFields {
        /// 1 … 16 steps with strictly rising thresholds and rates that do not fall; the printed ones if absent.
        steps: Option<Vec<StepFields>>,
        /// Whether points must be above a threshold instead of reaching it (SB-2).
        strict: bool = false,
    }
}

impl StandbyFields {
    /// The schedule of an optional field, the printed one if it is absent.
    pub fn schedule(standby: Option<&Self>, path: &Path<'_>) -> Result<Schedule, Refusal> {
        let Some(Self { steps, strict }) = standby else { return Ok(Schedule::default()) };
        let steps: Vec<Step> = match steps {
            Some(steps) => steps.iter().map(|step| Step { from: step.from_points_milli, rate: step.rate_bp }).collect(),
            None => Schedule::default().steps().collect(),
        };
        Schedule::new(&steps, *strict).map_err(|error| Refusal::inside(error, &path.key("standby")))
    }

    pub fn of(schedule: &Schedule) -> Option<Self> {
        let steps: Vec<Step> = schedule.steps().collect();
        let is_printed = steps.iter().copied().eq(Schedule::default().steps());
        let steps = steps.into_iter().map(|step| StepFields { from_points_milli: step.from, rate_bp: step.rate }).collect();
        (*schedule != Schedule::default()).then_some(Self { steps: (!is_printed).then_some(steps), strict: schedule.strict() })
    }
}

record! {
    /// By what an amount is split: one of the three.
    pub struct ShareFields {
        /// Shares in basis points that sum to 10,000.
        shares_bp: Option<Vec<Share>>,
        /// Weights 0 … 4,294,967,295, not all zero.
        weights: Option<Vec<Weight>>,
        /// The bonus whose preset shares apply (SP-2): producer, retailer, operator.
        preset: Option<Bonus>,
    }
}

impl ShareFields {
    /// The weights of a split among any number of parties.
    pub fn weights(&self, path: &Path<'_>) -> Result<Vec<u64>, Refusal> {
        let numbers: Vec<u64> = self.numbers(path)?.into_iter().map(u64::from).collect();
        let (fault, field) = match (&self.shares_bp, numbers.iter().sum::<u64>()) {
            (Some(_), total) if total != 10_000 => (Fault::SharesMissWhole, "shares_bp"),
            (None, 0) => (Fault::AllWeightsZero, "weights"),
            _ => return Ok(numbers),
        };
        Err(Refusal::at(fault, &path.key(field)))
    }

    /// The funding of a program.
    pub fn funding(&self, path: &Path<'_>) -> Result<Funding, Refusal> {
        let numbers = self.numbers(path)?;
        let funding = if self.weights.is_some() { Funding::from_weights(&numbers) } else { Funding::from_shares_bp(&numbers) };
        funding.map_err(|error| Refusal::inside(error, path))
    }

    fn numbers(&self, path: &Path<'_>) -> Result<Vec<u32>, Refusal> {
        let (numbers, field) = match (&self.shares_bp, &self.weights, self.preset) {
            (Some(shares), None, None) => (shares.iter().map(|share| share.0).collect(), "shares_bp"),
            (None, Some(weights), None) => (weights.iter().map(|weight| weight.0).collect(), "weights"),
            (None, None, Some(bonus)) => match bonus.preset() {
                Some(funding) => (funding.weights().to_vec(), "preset"),
                None => return Err(Refusal::at(Fault::UnknownWord, &path.key("preset"))),
            },
            (None, None, None) => return Err(Refusal::at(Fault::NoParties, path)),
            _ => return Err(Refusal::at(Fault::TwoShareForms, path)),
        };
        if numbers.is_empty() { Err(Refusal::at(Fault::NoParties, &path.key(field))) } else { Ok(numbers) }
    }

    pub fn of(funding: &Funding) -> Self {
        let numbers = || funding.weights().iter().copied();
        Self {
            shares_bp: funding.is_shares().then(|| numbers().map(Share).collect()),
            weights: (!funding.is_shares()).then(|| numbers().map(Weight).collect()),
            preset: None,
        }
    }
}

record! {
    /// The selling day: `open` and `close`, or eleven boundaries (TA-1, TA-2).
    pub struct WindowFields {
        /// The time of opening, `HH:MM` or `HH:MM:SS`.
        open: Option<TimeOfDay>,
        /// The time of closing; ten hours after opening if absent, 24 hours if equal to it.
        close: Option<TimeOfDay>,
        /// Eleven times of day, read forward from the first.
        boundaries: Option<Vec<TimeOfDay>>,
    }
}

impl WindowFields {
    fn window(&self) -> Result<SaleWindow, Error> {
        match (self.open, self.close, &self.boundaries) {
            (Some(open), None, None) => Ok(SaleWindow::from_opening(open)),
            (Some(open), Some(close), None) => Ok(SaleWindow::between(open, close)),
            (None, None, Some(boundaries)) => {
                let boundaries: &[TimeOfDay; 11] =
                    boundaries.as_slice().try_into().map_err(|_| Fault::BoundaryCount.error().at("boundaries"))?;
                SaleWindow::from_boundaries(boundaries)
            }
            _ => Err(Fault::WindowForm.error()),
        }
    }

    fn of(window: &SaleWindow) -> Self {
        let open = window.open();
        let later = |tenths: u32| TimeOfDay::from_seconds(open.seconds().saturating_add(tenths / 10) % 86_400).unwrap_or_default();
        let [.., last] = window.ends_tenths();
        let close = later(last);
        if SaleWindow::from_opening(open) == *window {
            Self { open: Some(open), close: None, boundaries: None }
        } else if SaleWindow::between(open, close) == *window {
            Self { open: Some(open), close: Some(close), boundaries: None }
        } else {
            let boundaries = core::iter::once(open).chain(window.ends_tenths().map(later)).collect();
            Self { open: None, close: None, boundaries: Some(boundaries) }
        }
    }
}

impl Read for SaleWindow {
    fn read(at: &At<'_>) -> Self {
        at.proved(WindowFields::read(at).window(), Self::from_opening(TimeOfDay::default()))
    }
}

impl Write for SaleWindow {
    fn write(&self, json: &mut Json) {
        WindowFields::of(self).write(json);
    }
}

impl Describe for SaleWindow {
    fn schema(defs: &mut Defs) -> String {
        WindowFields::schema(defs)
    }
}

/// One amount, or a list of ten.
impl Read for Quota {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::List(_) => {
                let quotas = Vec::<Rupiah>::read(at).try_into();
                quotas.map_or_else(|_| at.refuse(Fault::QuotaCount, Self::default()), Self::by_slot)
            }
            Node::Integer(_) | Node::Fraction => Rupiah::read(at).into(),
            _ => at.refuse(Fault::WantsAmountOrList, Self::default()),
        }
    }
}

impl Write for Quota {
    fn write(&self, json: &mut Json) {
        match self.all() {
            [quota, ..] if !self.is_by_slot() => quota.write(json),
            quotas => quotas.to_vec().write(json),
        }
    }
}

impl Describe for Quota {
    fn schema(defs: &mut Defs) -> String {
        let amount = Count::schema(defs);
        format!("{{\"anyOf\":[{amount},{{\"type\":\"array\",\"items\":{amount},\"minItems\":10,\"maxItems\":10}}]}}")
    }
}

/// One limit for every slot, or a list of ten with null for no limit.
impl<T: Read + Copy> Read for SlotLimits<T> {
    fn read(at: &At<'_>) -> Self {
        let none = Self::by_slot([None; 10]);
        match at.node {
            Node::List(_) => {
                let limits = Vec::<Option<T>>::read(at).try_into();
                limits.map_or_else(|_| at.refuse(Fault::LimitCount, none), Self::by_slot)
            }
            Node::Integer(_) | Node::Fraction => T::read(at).into(),
            _ => at.refuse(Fault::WantsNumberOrList, none),
        }
    }
}

impl<T: Write + Copy> Write for SlotLimits<T> {
    fn write(&self, json: &mut Json) {
        match self.all() {
            [one, ..] if !self.is_by_slot() => one.write(json),
            limits => limits.to_vec().write(json),
        }
    }
}

impl<T: Describe> Describe for SlotLimits<T> {
    fn schema(defs: &mut Defs) -> String {
        let (one, limit) = (T::schema(defs), Option::<T>::schema(defs));
        format!("{{\"anyOf\":[{one},{{\"type\":\"array\",\"items\":{limit},\"minItems\":10,\"maxItems\":10}}]}}")
    }
}

/// A counter for each slot I … X.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySlot(pub [Count; 10]);

impl Read for BySlot {
    fn read(at: &At<'_>) -> Self {
        let counters = Vec::<Count>::read(at).try_into();
        counters.map_or_else(|_| at.refuse(Fault::CounterCount, Self::default()), Self)
    }
}

impl Write for BySlot {
    fn write(&self, json: &mut Json) {
        json.list(&self.0, |json, count| count.write(json));
    }
}

impl Describe for BySlot {
    fn schema(defs: &mut Defs) -> String {
        let count = Count::schema(defs);
        format!("{{\"type\":\"array\",\"items\":{count},\"minItems\":10,\"maxItems\":10}}")
    }
}

/// The version of the program document; there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion;

impl Read for SchemaVersion {
    fn read(at: &At<'_>) -> Self {
        if at.integer(Fault::UnsupportedSchema) == 1 { Self } else { at.refuse(Fault::UnsupportedSchema, Self) }
    }
}

impl Write for SchemaVersion {
    fn write(&self, json: &mut Json) {
        json.integer(1);
    }
}

impl Describe for SchemaVersion {
    fn schema(_: &mut Defs) -> String {
        "{\"const\":1}".to_string()
    }
}

/// The key of a day's draw, as hexadecimal digits.
#[derive(Clone, PartialEq)]
pub struct KeyHex(pub Vec<u8>);

/// A key is not shown.
impl core::fmt::Debug for KeyHex {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyHex")
    }
}

impl Read for KeyHex {
    fn read(at: &At<'_>) -> Self {
        let key = Hex::parse(at.text()).map_err(|_| Fault::KeyLength.error());
        let key = key.and_then(|Hex(key)| DayKey::new(&key).map(|_| ()).map(|()| Self(key)));
        at.proved(key, Self(Vec::new()))
    }
}

impl Write for KeyHex {
    fn write(&self, json: &mut Json) {
        Hex(self.0.clone()).write(json);
    }
}

impl Describe for KeyHex {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2}){16,64}$\"}".to_string()
    }
}

/// A secret key of codes, allowances, entries and pseudonyms, as hexadecimal digits.
#[derive(Clone, PartialEq)]
pub struct Secret(Vec<u8>);

/// A key is not shown.
impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    pub fn key(&self) -> Result<Key<'_>, Error> {
        Key::new(&self.0)
    }
}

impl Read for Secret {
    fn read(at: &At<'_>) -> Self {
        let key = Hex::parse(at.text()).map_err(|_| Fault::KeyLength.error());
        let key = key.and_then(|Hex(key)| Key::new(&key).map(|_| ()).map(|()| Self(key)));
        at.proved(key, Self(Vec::new()))
    }
}

impl Write for Secret {
    fn write(&self, json: &mut Json) {
        Hex(self.0.clone()).write(json);
    }
}

impl Describe for Secret {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2}){16,64}$\"}".to_string()
    }
}

/// 32 bytes as hexadecimal digits: the type, and what anything else is refused with.
macro_rules! thirty_two {
    ($($type:ty: $fault:ident;)*) => { $(
        impl Read for $type {
            fn read(at: &At<'_>) -> Self {
                let bytes = Hex::parse(at.text()).ok().and_then(|Hex(bytes)| bytes.try_into().ok());
                Self(bytes.unwrap_or_else(|| at.refuse(Fault::$fault, [0; 32])))
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut Json) {
                Hex(self.0.to_vec()).write(json);
            }
        }

        impl Describe for $type {
            fn schema(_: &mut Defs) -> String {
                "{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F]{64}$\"}".to_string()
            }
        }
    )* };
}

/// SHA-256 of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitment(pub [u8; 32]);

/// The secret key of a network's tokens.
#[derive(Clone, PartialEq)]
pub struct TokenSecret(pub [u8; 32]);

/// A secret is not shown.
impl core::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TokenSecret")
    }
}

/// The public key of a network's tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenPublic([u8; 32]);

impl TokenPublic {
    pub fn key(&self) -> Result<PublicKey, Error> {
        PublicKey::new(&self.0)
    }
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sha(pub [u8; 32]);

thirty_two! {
    Sha: NotAHash;
    Commitment: NotACommitment;
    TokenSecret: NotASecret;
    TokenPublic: NotAPublicKey;
}

/// Bytes as hexadecimal digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Hex(pub Vec<u8>);

impl Hex {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0).ok_or(Fault::NotHex.error())?;
        let byte = |pair: &[u32]| pair.iter().fold(0_u8, |byte, digit| byte << 4 | u8::try_from(*digit).unwrap_or_default());
        Ok(Self(digits.chunks_exact(2).map(byte).collect()))
    }

    /// Two digits a byte, in lower case.
    pub fn text(bytes: &[u8]) -> String {
        let nibble = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        bytes.iter().flat_map(|byte| [nibble(byte >> 4), nibble(byte & 15)]).collect()
    }
}

impl Read for Hex {
    fn read(at: &At<'_>) -> Self {
        at.proved(Self::parse(at.text()), Self(Vec::new()))
    }
}

impl Write for Hex {
    fn write(&self, json: &mut Json) {
        json.text(&Self::text(&self.0));
    }
}

impl Describe for Hex {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2})*$\"}".to_string()
    }
}
