//! An event of a channel as it is told: its fields, what its type says, erased, its signature verified.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{ChargedOn, EventType, PricedSale, Sale, SaleLine, SignatureReason, TaxBase, TaxBy, TaxTerms};
use loyalty_rules::api::canonical;
use loyalty_rules::api::fields::{Hex, Secret, Sha};
use loyalty_rules::api::json::{Entry, Json, Node};
use loyalty_rules::api::wire::{
    Amount, AsWritten, At, Defs, Describe, Fields, Object, Path, Positive, Properties, Read, Record, Refusal, Whole, Write, answer,
    operations, record,
};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Mode, Quantity, Rate, Rupiah};

loyalty_rules::wire_words! {
    EventType;
    TaxBy;
    TaxBase;
    ChargedOn;
    SignatureReason;
}

operations! {
    "record.erase" ["OR-1"] "An event without its member, its hash unchanged.": erase, EraseRequest => Erased;
    "record.verify" ["OR-1"] "Whether a message carries its signature.": verify, VerifyMessage => VerifiedMessage;
}

record! {
    /// An event of a channel, as `CloudEvents` 1.0.
    pub struct EventFields {
        /// The version of `CloudEvents`, `1.0`.
        specversion: String,
        /// What it is.
        r#type: EventType,
        /// Who sends it, not empty.
        source: String,
        /// Its id, which its source gives once; not empty.
        id: String,
        /// When it happened.
        time: AsWritten,
        /// What it is about.
        subject: Option<String>,
        /// The form of its data, `application/json`, perhaps with parameters.
        datacontenttype: Option<String>,
        /// Where the form of its data is described.
        dataschema: Option<String>,
        /// What happened.
        data: EventData,
        [flat] extensions: Extensions,
    }
}

/// The attributes that others add to an event: names of lower-case letters and digits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extensions(pub(super) Vec<(String, ExtensionValue)>);

/// What an extension attribute holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExtensionValue {
    Text(String),
    Integer(Whole),
    Bool(bool),
}

impl Object for Extensions {
    const NAME: &'static str = "Extensions";
    const DOC: &'static str = "The extension attributes of an event.";

    fn put(&self, entry: &mut Entry<'_>) {
        for (name, value) in &self.0 {
            entry.value(name, value);
        }
    }

    fn describe(properties: &mut Properties<'_>) {
        properties.further::<ExtensionValue>("^[a-z0-9]+$");
    }
}

impl Record for Extensions {
    fn take(fields: &mut Fields<'_>) -> Self {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        Self(fields.read_further(is_name))
    }
}

impl Read for ExtensionValue {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::Bool(value) => Self::Bool(*value),
            Node::Integer(_) => Self::Integer(Whole::read(at)),
            _ => Self::Text(String::read(at)),
        }
    }
}

impl Write for ExtensionValue {
    fn write(&self, json: &mut Json) {
        match self {
            Self::Text(text) => text.write(json),
            Self::Integer(number) => number.write(json),
            Self::Bool(value) => value.write(json),
        }
    }
}

impl Describe for ExtensionValue {
    fn schema(_: &mut Defs) -> String {
        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"},{\"type\":\"boolean\"},{\"type\":\"null\"}]}".to_string()
    }
}

record! {
    /// What happened in a channel.
    pub struct EventData {
        /// The shop.
        shop: String,
        /// The channel.
        channel: String,
        /// Its number in the channel, 1 or more.
        sequence: Positive,
        /// What is sold; of a sale or an exchange.
        lines: Vec<EventLine> = Vec::new(),
        /// What comes back; of a return or an exchange.
        back: Vec<BackLine> = Vec::new(),
        /// The sale of what comes back.
        of: Option<EventKey>,
        /// What is taken off the whole, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
        /// The service, in basis points of the goods.
        service_bp: Rate = Rate::ZERO,
        /// The amount of a line that the service is taken of: after or before discounts.
        service_on: ChargedOn = ChargedOn::default(),
        /// Tips, in rupiah.
        tips: Amount = Amount(Rupiah::ZERO),
        /// What cash rounding adds to what is payable, in rupiah: the last line, which earns nothing.
        rounding: Rupiah = Rupiah::ZERO,
        /// How it is taxed.
        tax: Option<TaxFields>,
        /// How it is paid, or what is paid back.
        payments: Vec<PaymentFields> = Vec::new(),
        /// The member's pseudonym.
        member: Option<String>,
        /// What stands for a member that was erased.
        erased_member: Option<Sha>,
    }
}

record! {
    /// A line of what is sold.
    pub struct EventLine {
        /// The channel's code of the goods.
        code: String,
        /// Pieces, 1 or more.
        quantity: Option<Positive>,
        /// Instead of pieces thousandths of what the price is for, 1 or more: 1250 of 1.25 kg.
        quantity_milli: Option<Positive>,
        /// The price of a unit, in rupiah.
        price: Amount,
        /// What is taken off the line, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
        /// Its own rate of tax in basis points.
        tax_bp: Option<Rate>,
    }
}

record! {
    /// Units that come back.
    pub struct BackLine {
        /// The place of their line in the sale, counted from 0.
        line: Count,
        /// Pieces, 1 or more.
        quantity: Option<Positive>,
        /// Thousandths, 1 or more, of a line that was sold in them.
        quantity_milli: Option<Positive>,
    }
}

record! {
    /// What tells an event from all others.
    pub struct EventKey {
        /// Who sent it.
        source: String,
        /// Its id.
        id: String,
    }
}

record! {
    /// How an event is taxed.
    pub struct TaxFields {
        /// The rate of the service, and of lines without their own, in basis points.
        rate_bp: Rate,
        /// Whether prices hold the tax already.
        inclusive: bool,
        /// How it is rounded to whole rupiah.
        mode: Mode = Mode::HalfUp,
        /// What is rounded at once.
        by: TaxBy = TaxBy::default(),
        /// The amount of a line that bears it: after or before discounts.
        on: ChargedOn = ChargedOn::default(),
        /// Whether the service bears it too.
        service: bool = true,
        /// The part of an amount that bears it.
        base: TaxBase = TaxBase::default(),
    }
}

record! {
    /// A payment.
    pub struct PaymentFields {
        /// Its kind; `voucher` for what vouchers pay.
        kind: String,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// An event whose member is to be erased.
    pub struct EraseRequest {
        /// The event.
        event: EventFields,
    }
}

answer! {
    /// An event without its member.
    pub struct Erased {
        /// The event, without fields that say what is said anyway.
        event: EventFields,
        /// Its hash, the same as before.
        hash: Hex,
    }
}

record! {
    /// A message and its signature.
    pub struct VerifyMessage {
        /// The message as text.
        body: Option<String>,
        /// The message as bytes.
        body_hex: Option<String>,
        /// The secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The signature: 64 hexadecimal digits, perhaps after `sha256=`.
        signature: String,
    }
}

answer! {
    /// Whether a message carries its signature.
    pub struct VerifiedMessage {
        /// Whether, and why not.
        reason: SignatureReason,
        /// SHA-256 of the message.
        hash: Hex,
    }
}

impl EventFields {
    /// Refuses an event that is not what its type says.
    pub(super) fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        if self.specversion != "1.0" {
            return refuse(Fault::NotThisSpec, "specversion");
        }
        if self.source.is_empty() {
            return refuse(Fault::EmptyText, "source");
        }
        if self.id.is_empty() {
            return refuse(Fault::EmptyText, "id");
        }
        // Parameters may follow, as in `application/json; charset=utf-8`.
        let media = |form: &str| form.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
        if self.datacontenttype.as_deref().is_some_and(|form| !media(form)) {
            return refuse(Fault::NotJsonData, "datacontenttype");
        }
        self.data.check(self.r#type, &path.key("data"))
    }

    pub(super) fn key(&self) -> (&str, &str) {
        (&self.source, &self.id)
    }

    /// The event without its member, and its hash.
    pub(super) fn erased(&self) -> (Self, [u8; 32]) {
        let mut erased = self.clone();
        if let Some(member) = erased.data.member.take() {
            erased.data.erased_member = Some(Sha(crate::erased_member(&member)));
        }
        let hash = crate::event_hash(canonical::bytes(&erased).as_bytes());
        (erased, hash)
    }

    /// What is sold, of the event that stands at `path`.
    pub(super) fn price(&self, path: &Path<'_>) -> Result<PricedSale, Refusal> {
        self.data.price().map_err(|error| Refusal::inside(error, &path.key("data")))
    }
}

impl EventData {
    pub(super) fn check(&self, kind: EventType, path: &Path<'_>) -> Result<(), Refusal> {
        let (sells, takes_back) = match kind {
            EventType::Sale => (true, false),
            EventType::Return => (false, true),
            EventType::Exchange => (true, true),
        };
        let faults = [
            (self.lines.is_empty() == sells, Fault::EventLines, "lines"),
            (self.back.is_empty() == takes_back, Fault::EventBack, "back"),
            (self.of.is_none() == takes_back, Fault::EventOf, "of"),
            (!sells && !self.discount.0.is_zero(), Fault::ReturnCharges, "discount"),
            (!sells && self.service_bp != Rate::ZERO, Fault::ReturnCharges, "service_bp"),
            (!sells && !self.tips.0.is_zero(), Fault::ReturnCharges, "tips"),
            (self.member.is_some() && self.erased_member.is_some(), Fault::MemberTwice, "erased_member"),
        ];
        if let Some((_, fault, field)) = faults.into_iter().find(|(is_fault, ..)| *is_fault) {
            return Err(Refusal::at(fault, &path.key(field)));
        }
        for (list, quantities) in [
            ("lines", self.lines.iter().map(|line| (line.quantity, line.quantity_milli)).collect::<Vec<_>>()),
            ("back", self.back.iter().map(|back| (back.quantity, back.quantity_milli)).collect()),
        ] {
            for (index, (pieces, thousandths)) in quantities.into_iter().enumerate() {
                if let Err(error) = quantity_of(pieces, thousandths) {
                    return Err(Refusal::inside(error, &path.key(list).entry(index)));
                }
            }
        }
        if self.tax.as_ref().is_some_and(|tax| tax.inclusive && tax.on == ChargedOn::Gross) {
            return Err(Refusal::at(Fault::InclusiveOfGross, &path.key("tax").key("on")));
        }
        match self.lines.iter().position(|line| line.tax_bp.is_some() && self.tax.is_none()) {
            Some(index) => Err(Refusal::at(Fault::RateWithoutTax, &path.key("lines").entry(index).key("tax_bp"))),
            None => Ok(()),
        }
    }

    pub(super) fn price(&self) -> Result<PricedSale, Error> {
        let line = |line: &EventLine| {
            let quantity = quantity_of(line.quantity, line.quantity_milli)?;
            Ok(SaleLine { quantity, price: line.price.0, discount: line.discount.0, tax: line.tax_bp })
        };
        let lines = self.lines.iter().map(line).collect::<Result<Vec<_>, Error>>()?;
        let tax = self.tax.as_ref().map(|tax| TaxTerms {
            rate: tax.rate_bp,
            inclusive: tax.inclusive,
            mode: tax.mode,
            by: tax.by,
            on: tax.on,
            with_service: tax.service,
            base: tax.base,
        });
        PricedSale::new(&Sale {
            lines: &lines,
            discount: self.discount.0,
            service: self.service_bp,
            service_on: self.service_on,
            tips: self.tips.0,
            tax,
        })
    }

    pub(super) fn payments(&self) -> Vec<(&str, Rupiah)> {
        self.payments.iter().map(|payment| (payment.kind.as_str(), payment.amount.0)).collect()
    }
}

/// Pieces or thousandths, of which one is given.
pub(super) fn quantity_of(pieces: Option<Positive>, thousandths: Option<Positive>) -> Result<Quantity, Error> {
    Quantity::of(pieces.map(|units| units.0), thousandths.map(|units| units.0))
}

impl EventData {
    /// What of it vouchers paid.
    pub(super) fn vouchers(&self) -> i128 {
        let vouchers = self.payments.iter().filter(|payment| payment.kind == "voucher");
        // A list in memory is shorter than 2⁶⁰.
        vouchers.fold(0, |sum, payment| sum.wrapping_add(payment.amount.0.get().into()))
    }
}

fn erase(request: &EraseRequest) -> Result<Erased, Refusal> {
    request.event.check(&Path::Root.key("event"))?;
    let (event, hash) = request.event.erased();
    Ok(Erased { event, hash: Hex(hash.to_vec()) })
}

fn verify(request: &VerifyMessage) -> Result<VerifiedMessage, Refusal> {
    let refuse = |fault, field| Err(Refusal::at(fault, &Path::Root.key(field)));
    let body = match (&request.body, &request.body_hex) {
        (Some(body), None) => body.clone().into_bytes(),
        (None, Some(hex)) => match Hex::parse(hex) {
            Ok(Hex(bytes)) => bytes,
            Err(_) => return refuse(Fault::NotHexBytes, "body_hex"),
        },
        (None, None) => return refuse(Fault::Missing, "body"),
        (Some(_), Some(_)) => return refuse(Fault::BodyForm, "body_hex"),
    };
    let digits = request.signature.strip_prefix("sha256=").unwrap_or(&request.signature);
    let signature = Hex::parse(digits).ok().and_then(|Hex(bytes)| bytes.try_into().ok());
    let reason = crate::check_signature(request.key_hex.key()?, &body, signature.as_ref());
    Ok(VerifiedMessage { reason, hash: Hex(canonical::sha256(&body).to_vec()) })
}
