//! Events: what happened, what is asked, and what one owner tells another.

use alloc::format;
use alloc::string::{String, ToString};

pub use super::message::*;
use super::name::{ClaimName, ClaimOwner, Id, Owner, OwnerKind, Source, is_id, is_sender};
use super::report::distinct;
pub use super::report::*;
use super::request::above_zero;
pub use super::request::*;
use crate::fault::Faults as _;
use loyalty_rules::api::canonical;
use loyalty_rules::api::fields::Hex;
use loyalty_rules::api::json::{Entry, Json};
use loyalty_rules::api::wire::{AsWritten, At, Defs, Describe, Fields, Object, Path, Positive, Properties, Read, Refusal, Write};
use loyalty_rules::error::Fault;
use loyalty_rules::{wire_words, words};

words! {
    /// Whether an event can be refused, and can wait (NW-2).
    pub enum EventClass {
        /// It has happened: neither.
        Report = "report",
        /// It is answered before it happens: both.
        Request = "request",
        /// A fact of one owner for another: neither.
        Message = "message",
    }
}

words! {
    /// What a claim becomes.
    #[derive(Default)]
    pub enum ClaimForm {
        /// Points of an account.
        #[default]
        Lot = "lot",
        /// A voucher.
        Voucher = "voucher",
    }
}

wire_words! {
    EventKind;
    ClaimForm;
}

/// Declares the events: the variant, its `type`, its class, the owners that it can have, and its data.
macro_rules! events {
    ($($(#[doc = $doc:literal])* $kind:ident = $word:literal, $class:ident, [$($owner:ident),*], $data:ident;)*) => {
        words! {
            /// The type of an event.
            pub enum EventKind { $($(#[doc = $doc])* $kind = $word,)* }
        }

        /// What an event says, by its type.
        #[derive(Clone, Debug, PartialEq)]
        pub enum EventDetail { $($(#[doc = $doc])* $kind($data),)* }

        impl EventKind {
            /// Its class.
            pub const fn class(self) -> EventClass {
                match self { $(Self::$kind => EventClass::$class,)* }
            }

            const fn owners(self) -> &'static [OwnerKind] {
                match self { $(Self::$kind => &[$(OwnerKind::$owner),*],)* }
            }
        }

        impl EventDetail {
            fn take(kind: EventKind, fields: &mut Fields<'_>) -> Self {
                match kind { $(EventKind::$kind => Self::$kind(fields.read("data")),)* }
            }

            /// Its type.
            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$kind(_) => EventKind::$kind,)* }
            }
        }

        impl Write for EventDetail {
            fn write(&self, json: &mut Json) {
                match self { $(Self::$kind(data) => data.write(json),)* }
            }
        }

        impl Describe for EventDetail {
            fn schema(defs: &mut Defs) -> String {
                let mut schemas = alloc::vec![$($data::schema(defs)),*];
                schemas.dedup();
                format!("{{\"anyOf\":[{}]}}", schemas.join(","))
            }
        }
    };
}

events! {
    /// Goods are sold.
    Sale = "loyalty.sale", Report, [Shop], SaleReport;
    /// A sale is played.
    Play = "loyalty.play", Report, [Shop], PlayReport;
    /// Goods come back.
    Return = "loyalty.return", Report, [Shop], ReturnReport;
    /// Goods come back for others.
    Exchange = "loyalty.exchange", Report, [Shop], ExchangeReport;
    /// A sale is undone as a whole.
    Void = "loyalty.void", Report, [Shop], VoidReport;
    /// A claim was accepted offline.
    Accept = "loyalty.accept", Report, [Shop], AcceptReport;
    /// Funds, vouchers, lots and purchases of before are brought in.
    Opening = "loyalty.opening", Report, [Shop, Account], OpeningReport;
    /// The shop pays into its fund.
    TopUp = "loyalty.topup", Report, [Shop], MoneyReport;
    /// The fund pays the shop.
    Draw = "loyalty.draw", Report, [Shop], MoneyReport;
    /// The fund is looked at.
    Check = "loyalty.check", Report, [Shop], NowReport;
    /// A selling day ends.
    DayClose = "loyalty.day.close", Report, [Shop], DayReport;
    /// A month ends.
    MonthClose = "loyalty.month.close", Report, [Shop], MonthReport;
    /// An account's lots are looked at.
    AccountTick = "loyalty.account.tick", Report, [Account], NowReport;
    /// A shop settles what it owes.
    PeriodClose = "loyalty.period.close", Report, [Shop], PeriodReport;
    /// A shop joins, or its requirement changes.
    Join = "loyalty.join", Report, [Shop], JoinReport;
    /// A shop leaves.
    Leave = "loyalty.leave", Report, [Shop], LeaveReport;
    /// A shop's awards are stopped, or go on.
    Pause = "loyalty.pause", Report, [Shop], PauseReport;
    /// A shop takes another program.
    Program = "loyalty.program", Report, [Shop], ProgramReport;
    /// A voucher is to pay.
    RedeemVoucher = "loyalty.redeem.voucher", Request, [Shop], VoucherRequest;
    /// Points are to pay.
    RedeemPoints = "loyalty.redeem.points", Request, [Account], PointsRequest;
    /// A claim is kept for a payment.
    Reserve = "loyalty.reserve", Request, [Shop, Account], ReserveRequest;
    /// What is kept pays.
    Commit = "loyalty.commit", Request, [Shop, Account], ReservedRequest;
    /// What is kept is free again.
    Release = "loyalty.release", Request, [Shop, Account], ReservedRequest;
    /// A waiting or kept redemption ends at its deadline.
    RequestEnd = "loyalty.request.end", Request, [Shop, Account], ReservedRequest;
    /// A redemption is to be undone; asked at the acceptor.
    UndoAsk = "loyalty.undo.ask", Request, [Shop], UndoAskRequest;
    /// Points go to another account.
    Transfer = "loyalty.transfer", Request, [Account], PointsTransfer;
    /// All of an account goes to another one of the same member.
    Merge = "loyalty.merge", Request, [Account], AccountMerge;
    /// A sale's award for an account.
    Earn = "loyalty.earn", Message, [Account], EarnMessage;
    /// Lots that come from elsewhere.
    LotsIn = "loyalty.lots.in", Message, [Account], LotsMessage;
    /// A return takes back of a lot.
    ClaimReverse = "loyalty.claim.reverse", Message, [Account], ReverseMessage;
    /// What a return could take back.
    ClaimReversed = "loyalty.claim.reversed", Message, [Shop], ReversedMessage;
    /// Claims of an issuer were used.
    ClaimUsed = "loyalty.claim.used", Message, [Shop, Account], UsedMessage;
    /// A use is undone.
    ClaimUnused = "loyalty.claim.unused", Message, [Shop], UnusedMessage;
    /// Claims of an issuer expired.
    ClaimExpired = "loyalty.claim.expired", Message, [Shop], MoneyReport;
    /// A member's debt is paid.
    DebtPaid = "loyalty.debt.paid", Message, [Shop], DebtMessage;
    /// A voucher will expire.
    Due = "loyalty.due", Message, [Shop], DueMessage;
    /// A voucher expires.
    Expire = "loyalty.expire", Message, [Shop], ExpireMessage;
    /// What a redemption pays at its acceptor.
    Tender = "loyalty.tender", Message, [Shop], TenderMessage;
    /// A redemption is undone.
    Undo = "loyalty.undo", Message, [Shop, Account], UndoMessage;
    /// What an issuer paid.
    ClearingReceived = "loyalty.clearing.received", Message, [Shop], ReceivedMessage;
    /// What an acceptor pays back.
    ClearingDraw = "loyalty.clearing.draw", Message, [Shop], DrawMessage;
    /// A shop has closed a period.
    Closed = "loyalty.closed", Message, [Network], ClosedMessage;
}

/// An event in `CloudEvents` 1.0.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Who sends it.
    pub source: Source,
    /// Its id, which its source gives once.
    pub id: Id,
    /// When it happened.
    pub time: AsWritten,
    /// Its owner.
    pub subject: Owner,
    /// The number of a message among those of its source to its subject.
    pub number: Option<Positive>,
    /// What it says.
    pub data: EventDetail,
}

/// What an extension attribute holds does not matter.
struct Ignored;

impl Read for Ignored {
    fn read(_: &At<'_>) -> Self {
        Self
    }
}

impl Read for Event {
    fn read(at: &At<'_>) -> Self {
        let mut fields = Fields::of(at);
        let specversion: String = fields.read("specversion");
        if specversion != "1.0" {
            at.note(Refusal::at(Fault::NotThisSpec, &at.path.key("specversion")));
        }
        let kind: EventKind = fields.read("type");
        let (source, id) = (fields.read("source"), fields.read("id"));
        let (time, subject) = (fields.read("time"), fields.read("subject"));
        let number = if kind.class() == EventClass::Message { Some(fields.read("n")) } else { None };
        let data = EventDetail::take(kind, &mut fields);
        let is_attribute = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        fields.read_further::<Ignored>(is_attribute);
        fields.finish();
        let event = Self { source, id, time, subject, number, data };
        // What stands in for refused fields may contradict itself, but the first refusal is kept.
        if let Err(refusal) = event.check(&at.path) {
            at.note(refusal);
        }
        event
    }
}

impl Object for Event {
    const NAME: &'static str = "NetworkEvent";
    const DOC: &'static str = "An event of the network, in CloudEvents 1.0.";

    fn put(&self, entry: &mut Entry<'_>) {
        entry.put("specversion", |json| json.text("1.0"));
        entry.value("type", &self.data.kind());
        entry.value("source", &self.source);
        entry.value("id", &self.id);
        entry.value("time", &self.time);
        entry.value("subject", &self.subject);
        entry.some("n", &self.number);
        entry.value("data", &self.data);
    }

    fn describe(properties: &mut Properties<'_>) {
        properties.field::<String>("specversion", "The version of CloudEvents, `1.0`.", true, None);
        properties.field::<EventKind>("type", "Its type.", true, None);
        properties.field::<Source>("source", "Who sends it.", true, None);
        properties.field::<Id>("id", "Its id, which its source gives once.", true, None);
        properties.field::<AsWritten>("time", "When it happened.", true, None);
        properties.field::<Owner>("subject", "Its owner.", true, None);
        properties.field::<Option<Positive>>("n", "The number of a message.", false, None);
        properties.field::<EventDetail>("data", "What it says, by its type.", true, None);
        properties.further::<Anything>("^[a-z0-9]+$");
    }
}

/// An extension attribute of any value.
struct Anything;

impl Describe for Anything {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":[\"string\",\"integer\",\"boolean\",\"null\"]}".to_string()
    }
}

impl Event {
    /// The class of its type.
    pub const fn class(&self) -> EventClass {
        self.data.kind().class()
    }

    /// SHA-256 of what it says: type, subject, time and data (NW-4).
    pub(super) fn hash(&self) -> Hex {
        let write = |json: &mut Json| {
            json.object(|entry| {
                entry.value("data", &self.data);
                entry.value("subject", &self.subject);
                entry.value("time", &self.time);
                entry.value("type", &self.data.kind());
            });
        };
        Hex(canonical::hash_of(write).to_vec())
    }

    /// Refuses an event that contradicts itself.
    fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault: Fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        if !self.data.kind().owners().contains(&self.subject.kind()) {
            return refuse(Fault::OtherOwner, "subject");
        }
        if let Some(number) = self.number {
            let id = format!("{}|{}", self.subject.as_str(), number.0.get());
            if !is_sender(self.source.as_str()) {
                return refuse(Fault::NotASender, "source");
            }
            if self.id.as_str() != id {
                return refuse(Fault::NotAMessageId, "id");
            }
        } else if !is_id(self.source.as_str()) {
            return refuse(Fault::NotAnId, "source");
        }
        self.check_data(&path.key("data"))
    }

    fn check_data(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let shop = self.subject.name();
        let refuse = |fault: Fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let own = |claim: &ClaimName| self.subject.kind() == OwnerKind::Shop && claim.issuer() == shop;
        let owned = |owner: &ClaimOwner| owner.subject() == self.subject;
        match &self.data {
            EventDetail::Sale(sale) => sale.check(path),
            EventDetail::Return(report) => report.returned.check(path),
            EventDetail::Exchange(report) => report.returned.check(path).and_then(|()| report.goods.check(path).map(|_| ())),
            EventDetail::Opening(report) => self.check_opening(report, path),
            EventDetail::RedeemVoucher(request) if !own(&request.voucher) => refuse(Fault::OtherOwner, "voucher"),
            EventDetail::RedeemVoucher(request) => request.purchase.check(request.amount, path),
            EventDetail::RedeemPoints(request) => request.purchase.check(Some(request.amount), path),
            EventDetail::Reserve(request) => match (&request.voucher, self.subject.kind()) {
                (None, OwnerKind::Shop) => refuse(Fault::Missing, "voucher"),
                (Some(voucher), _) if !own(voucher) => refuse(Fault::OtherOwner, "voucher"),
                (None, _) if request.amount.is_none() => refuse(Fault::Missing, "amount"),
                _ => request.purchase.check(request.amount, path),
            },
            EventDetail::Commit(request) | EventDetail::Release(request) | EventDetail::RequestEnd(request) if !owned(&request.owner) => {
                refuse(Fault::OtherOwner, "owner")
            }
            EventDetail::UndoAsk(request) => above_zero(request.amount, path),
            EventDetail::Transfer(request) => above_zero(request.amount, path),
            EventDetail::Merge(request) if request.to.as_str() == self.subject.name() => refuse(Fault::OtherOwner, "to"),
            EventDetail::Undo(undo) if !owned(&undo.owner) => refuse(Fault::OtherOwner, "owner"),
            EventDetail::ClaimUsed(used) if used.voucher.as_ref().is_some_and(|voucher| !own(voucher)) => {
                refuse(Fault::OtherOwner, "voucher")
            }
            EventDetail::ClaimUsed(used) => used.check(self.subject.kind() == OwnerKind::Account, path),
            EventDetail::Accept(AcceptReport { voucher: None, account: None, .. }) => refuse(Fault::Missing, "voucher"),
            EventDetail::Accept(AcceptReport { voucher: Some(_), account: Some(_), .. }) => refuse(Fault::VoucherOrAccount, "account"),
            EventDetail::Due(DueMessage { voucher, .. }) | EventDetail::Expire(ExpireMessage { voucher, .. }) if !own(voucher) => {
                refuse(Fault::OtherOwner, "voucher")
            }
            _ => Ok(()),
        }
    }

    fn check_opening(&self, report: &OpeningReport, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault: Fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        if self.subject.kind() == OwnerKind::Account {
            return match report {
                OpeningReport { fund, .. } if !fund.0.is_zero() => refuse(Fault::OtherOwner, "fund"),
                OpeningReport { vouchers, .. } if !vouchers.is_empty() => refuse(Fault::OtherOwner, "vouchers"),
                OpeningReport { lots, .. } if !lots.is_empty() => refuse(Fault::OtherOwner, "lots"),
                OpeningReport { purchases: None, .. } => refuse(Fault::Missing, "purchases"),
                _ => Ok(()),
            };
        }
        if report.purchases.is_some() {
            return refuse(Fault::OtherOwner, "purchases");
        }
        let is_other = |claim: &ClaimName| claim.issuer() != self.subject.name();
        if let Some(index) = report.vouchers.iter().position(|opening| is_other(&opening.voucher)) {
            return Err(Refusal::at(Fault::OtherOwner, &path.key("vouchers").entry(index).key("voucher")));
        }
        if let Some(index) = report.lots.iter().position(|opening| is_other(&opening.lot)) {
            return Err(Refusal::at(Fault::OtherOwner, &path.key("lots").entry(index).key("lot")));
        }
        distinct(report.vouchers.iter().map(|opening| opening.voucher.as_str()), &path.key("vouchers"), "voucher")
    }
}
