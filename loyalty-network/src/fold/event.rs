//! Events: what happened, what is asked, and what one owner tells another.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::name::{ClaimName, ClaimOwner, Id, Name, Owner, OwnerKind, Source, is_id, is_sender};
use crate::fault::Faults as _;
use loyalty_rules::api::canonical;
use loyalty_rules::api::fields::Hex;
use loyalty_rules::api::json::{Entry, Json};
use loyalty_rules::api::operations::award::decide::ShopperFields;
use loyalty_rules::api::wire::{
    Amount, AsWritten, At, Defs, Describe, Fields, Object, Path, Positive, Properties, Read, Refusal, Whole, Write, record,
};
use loyalty_rules::calendar::{CivilTime, Date, Month};
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::{Count, Line, Quantity, Rate, Rupiah};
use loyalty_rules::tables::{Digit, Slot};
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
    /// A voucher's token was accepted offline.
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
    /// A sale's award for an account.
    Earn = "loyalty.earn", Message, [Account], EarnMessage;
    /// Lots that come from elsewhere.
    LotsIn = "loyalty.lots.in", Message, [Account], LotsMessage;
    /// A return takes back of a lot.
    ClaimReverse = "loyalty.claim.reverse", Message, [Account], ReverseMessage;
    /// What a return could take back.
    ClaimReversed = "loyalty.claim.reversed", Message, [Shop], ReversedMessage;
    /// Claims of an issuer were used.
    ClaimUsed = "loyalty.claim.used", Message, [Shop], UsedMessage;
    /// A use is undone.
    ClaimUnused = "loyalty.claim.unused", Message, [Shop], UnusedMessage;
    /// Claims of an issuer expired.
    ClaimExpired = "loyalty.claim.expired", Message, [Shop], MoneyReport;
    /// A member's debt is paid.
    DebtPaid = "loyalty.debt.paid", Message, [Shop], DebtMessage;
    /// A voucher will expire.
    Due = "loyalty.due", Message, [Shop], DueMessage;
    /// A voucher expires.
    Expire = "loyalty.expire", Message, [Shop], VoucherMessage;
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

record! {
    /// Goods are sold.
    pub struct SaleReport {
        /// The selling day, its date of opening.
        day: Date,
        /// The goods.
        [flat] goods: GoodsSold,
        /// What redemptions paid of it.
        claims: Vec<ClaimPayment> = Vec::new(),
        /// The account of the member who bought.
        member: Option<Name>,
        /// The shopper as the account's view says.
        shopper: ShopperFields = ShopperFields::default(),
        /// What was played; later by a play.
        play: Option<PlayFields>,
        /// What the award becomes; a lot for a member, else a voucher.
        form: Option<ClaimForm>,
        /// The award that an offline till printed.
        printed: Option<PrintedAward>,
    }
}

record! {
    /// Goods: their total, or line by line.
    pub struct GoodsSold {
        /// What they cost, in rupiah; this or `lines`.
        total: Option<Amount>,
        /// Line by line.
        lines: Option<Vec<SoldLine>>,
    }
}

record! {
    /// A line of a sale.
    pub struct SoldLine {
        /// The code of the goods.
        sku: String,
        /// Thousandths of what the price is for, 1 or more.
        quantity_milli: Positive,
        /// The price of a unit, in rupiah.
        price: Amount,
        /// What is taken off the line, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
    }
}

record! {
    /// What a redemption paid of a sale.
    pub struct ClaimPayment {
        /// The redemption, by its id.
        of: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// What it paid, in rupiah.
        amount: Amount,
        /// The month of the redemption.
        month: Option<Month>,
    }
}

record! {
    /// What picks the column of a sale: at most one of digit, claim, slot and time.
    pub struct PlayFields {
        /// The lucky digit of a stopwatch.
        digit: Option<Digit>,
        /// A played countdown of a stopwatch.
        claim: Option<PlayedClaim>,
        /// The slot of a time auction.
        slot: Option<Slot>,
        /// The time of purchase.
        at: Option<CivilTime>,
        /// Whether it was entered later than it happened.
        late: bool = false,
    }
}

record! {
    /// A played countdown.
    pub struct PlayedClaim {
        /// When it started.
        started_at: CivilTime,
        /// The whole seconds that the shopper picked.
        countdown_s: Whole,
        /// When it stopped.
        stopped_at: CivilTime,
    }
}

record! {
    /// The award that an offline till printed.
    pub struct PrintedAward {
        /// Its value, in rupiah.
        value: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
    }
}

record! {
    /// A sale is played.
    pub struct PlayReport {
        /// The sale.
        of: Id,
        /// Its selling day.
        of_day: Date,
        /// What was played.
        play: PlayFields,
    }
}

record! {
    /// Goods come back.
    pub struct ReturnReport {
        /// The sale.
        of: Id,
        /// Its selling day.
        of_day: Date,
        /// What comes back.
        [flat] returned: ReturnedGoods,
    }
}

record! {
    /// What comes back: lines, or an amount.
    pub struct ReturnedGoods {
        /// Units by line.
        back: Option<Vec<ReturnedLine>>,
        /// Rupiah.
        amount: Option<Amount>,
    }
}

record! {
    /// Units of a line that come back.
    #[derive(Copy)]
    pub struct ReturnedLine {
        /// The place of the line in the sale, counted from 0.
        line: Count,
        /// Thousandths of its unit, 1 or more.
        quantity_milli: Positive,
    }
}

record! {
    /// Goods come back for others.
    pub struct ExchangeReport {
        /// The sale.
        of: Id,
        /// Its selling day.
        of_day: Date,
        /// What comes back.
        [flat] returned: ReturnedGoods,
        /// The goods.
        [flat] goods: GoodsSold,
    }
}

record! {
    /// A sale is undone as a whole.
    pub struct VoidReport {
        /// The sale.
        of: Id,
        /// Its selling day.
        of_day: Date,
    }
}

record! {
    /// A voucher's token was accepted offline.
    pub struct AcceptReport {
        /// The voucher.
        voucher: ClaimName,
        /// The sale that it paid.
        sale: Id,
        /// What it paid, in rupiah.
        amount: Amount,
    }
}

record! {
    /// What is brought in.
    pub struct OpeningReport {
        /// What the fund holds, in rupiah.
        fund: Amount = Amount(Rupiah::ZERO),
        /// Vouchers of the shop.
        vouchers: Vec<OpeningVoucher> = Vec::new(),
        /// Lots of the shop.
        lots: Vec<OpeningLot> = Vec::new(),
        /// Purchases of the account.
        purchases: Option<Count>,
    }
}

record! {
    /// A voucher that is brought in.
    pub struct OpeningVoucher {
        /// Its name.
        voucher: ClaimName,
        /// What it is worth, in rupiah.
        value: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
    }
}

record! {
    /// A lot that is brought in.
    pub struct OpeningLot {
        /// The account that holds it.
        account: Name,
        /// Its name.
        lot: ClaimName,
        /// What it is worth, in rupiah.
        amount: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
    }
}

record! {
    /// An amount of money.
    pub struct MoneyReport {
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A look at an instant.
    pub struct NowReport {
        /// The instant.
        now: CivilTime,
    }
}

record! {
    /// A selling day.
    pub struct DayReport {
        /// Its date of opening.
        day: Date,
    }
}

record! {
    /// A month.
    pub struct MonthReport {
        /// The month.
        month: Month,
    }
}

record! {
    /// A period of clearing.
    pub struct PeriodReport {
        /// Its number, 1 or more.
        period: Positive,
        /// Whether the shop owes nothing afterwards: it leaves, or the network ends.
        last: bool = false,
    }
}

record! {
    /// The terms of a shop's fund.
    pub struct JoinReport {
        /// The deposit that is asked for, in rupiah.
        requirement: Amount,
        /// The share of it at which the fund is low, in basis points.
        share_bp: Rate = Rate::from_bp(2_000).unwrap_or_default(),
        /// The least seconds between two warnings.
        warning_interval_s: Count = Count::new(86_400).unwrap_or_default(),
    }
}

record! {
    /// A shop leaves.
    pub struct LeaveReport {
        /// Why.
        reason: Option<String>,
    }
}

record! {
    /// A shop's awards are stopped, or go on.
    pub struct PauseReport {
        /// Why.
        reason: Option<String>,
        /// Whether they are stopped.
        paused: bool = true,
    }
}

record! {
    /// A shop's program.
    pub struct ProgramReport {
        /// The id of the program.
        program: String,
    }
}

record! {
    /// What a claim is to pay of.
    pub struct ClaimPurchase {
        /// The shop that accepts it.
        shop: Name,
        /// The sale.
        sale: Id,
        /// The purchase, which limits look at, in rupiah.
        purchase: Amount,
        /// What of it is left to pay, in rupiah.
        left_to_pay: Amount,
        /// The month that counts it.
        month: Month,
        /// Until when the request may wait.
        valid_until: Option<CivilTime>,
        /// What proves that the shopper may use the claim; the caller judges it.
        proof: Option<String>,
    }
}

record! {
    /// A voucher is to pay.
    pub struct VoucherRequest {
        /// The voucher.
        voucher: ClaimName,
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What it is to pay, in rupiah, 1 or more; as much as it can if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// Points are to pay.
    pub struct PointsRequest {
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What they are to pay, in rupiah, 1 or more.
        amount: Amount,
    }
}

record! {
    /// A claim is kept for a payment.
    pub struct ReserveRequest {
        /// The voucher; absent for points.
        voucher: Option<ClaimName>,
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What it is to pay, in rupiah, 1 or more; of points always stated.
        amount: Option<Amount>,
        /// Until when it is kept.
        deadline: CivilTime,
    }
}

record! {
    /// A redemption that waits or is kept.
    pub struct ReservedRequest {
        /// The redemption, by its id.
        redemption: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The shop that accepts it.
        shop: Name,
        /// The month that counts it.
        month: Month,
    }
}

record! {
    /// A redemption by its id and who holds its claim.
    pub struct RedemptionName {
        /// Its id.
        of: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
    }
}

record! {
    /// A redemption is to be undone.
    pub struct UndoAskRequest {
        /// The redemption.
        redemption: RedemptionName,
        /// The sale that it was to pay.
        sale: Id,
        /// The month that counted it.
        of_month: Month,
        /// How much, in rupiah, 1 or more; all of it if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// Points go to another account.
    pub struct PointsTransfer {
        /// The other account.
        to: Name,
        /// How much, in rupiah, 1 or more; all that can be used if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// A sale's award for an account.
    pub struct EarnMessage {
        /// The lot.
        lot: ClaimName,
        /// The shop that issued it.
        issuer: Name,
        /// Its value, in rupiah.
        amount: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
        /// Whether the sale counts as a purchase.
        purchase: bool = false,
    }
}

record! {
    /// Lots that come from elsewhere.
    pub struct LotsMessage {
        /// The lots.
        lots: Vec<LotIn>,
    }
}

record! {
    /// A lot that comes from elsewhere.
    pub struct LotIn {
        /// The lot.
        lot: ClaimName,
        /// The shop that issued it.
        issuer: Name,
        /// What comes of it, in rupiah.
        amount: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
    }
}

record! {
    /// A return takes back of a lot.
    pub struct ReverseMessage {
        /// The lot.
        lot: ClaimName,
        /// How much, in rupiah.
        amount: Amount,
        /// The shop that a debt is owed to.
        creditor: Name,
        /// The sale.
        sale: Id,
        /// When it was.
        sold_at: CivilTime,
        /// Whether the purchase no longer counts.
        purchase: bool = false,
    }
}

record! {
    /// What a return could take back. Amounts are rupiah.
    pub struct ReversedMessage {
        /// The sale.
        sale: Id,
        /// What was not used yet.
        free: Amount,
        /// What was used and is a debt now.
        debt: Amount,
        /// What had expired.
        expired: Amount,
        /// What nobody owes.
        lost: Amount,
    }
}

record! {
    /// Claims of an issuer were used.
    pub struct UsedMessage {
        /// The shop that accepted them.
        acceptor: Name,
        /// Rupiah.
        amount: Amount,
        /// The voucher, if its token was accepted offline.
        voucher: Option<ClaimName>,
        /// Of such a voucher: the acceptance, by its id.
        redemption: Option<Id>,
        /// The sale that it paid.
        sale: Option<Id>,
        /// The month that counts it.
        month: Option<Month>,
    }
}

record! {
    /// A use is undone.
    pub struct UnusedMessage {
        /// The shop that had accepted the claims.
        acceptor: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A member's debt is paid.
    pub struct DebtMessage {
        /// The shop that issued the lot that paid.
        issuer: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A voucher will expire.
    pub struct DueMessage {
        /// The voucher.
        voucher: ClaimName,
        /// The day at whose start it does.
        date: Date,
    }
}

record! {
    /// A voucher.
    pub struct VoucherMessage {
        /// The voucher.
        voucher: ClaimName,
    }
}

record! {
    /// What a redemption pays at its acceptor.
    pub struct TenderMessage {
        /// The redemption, by its id.
        red: Id,
        /// The sale.
        sale: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The month that counted it.
        month: Month,
        /// What each issuer owes of it, in rupiah; negative for what is undone.
        parts: Vec<PartOfIssuer>,
        /// Whether it was granted, where this decides it.
        grant: Option<bool>,
        /// What an undo asked for that this answers, in rupiah.
        asked: Amount = Amount(Rupiah::ZERO),
        /// Whether that undo asked for all of it.
        whole: bool = false,
    }
}

record! {
    /// A redemption is undone.
    pub struct UndoMessage {
        /// The redemption, by its id.
        redemption: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The acceptor.
        shop: Name,
        /// The sale that it was to pay.
        sale: Id,
        /// The month that counted it.
        of_month: Month,
        /// How much, in rupiah; all of it if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// What an issuer paid for a period.
    pub struct ReceivedMessage {
        /// The period.
        period: Positive,
        /// The issuer.
        issuer: Name,
        /// From its fund, in rupiah.
        paid: Amount,
        /// From the operator, in rupiah.
        operator: Amount,
    }
}

record! {
    /// What an acceptor pays back.
    pub struct DrawMessage {
        /// The period.
        period: Positive,
        /// The issuer.
        issuer: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A shop has closed a period.
    pub struct ClosedMessage {
        /// The period.
        period: Positive,
    }
}

/// An issuer and its part of an amount: `["A", 5000]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartOfIssuer {
    /// The issuer.
    pub issuer: Name,
    /// Rupiah, negative for what is undone.
    pub amount: Rupiah,
}
super::row! { PartOfIssuer { issuer: Name, amount: Rupiah } }

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
        if !specversion.is_empty() && specversion != "1.0" {
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
    pub(super) fn hash(&self) -> Result<Hex, Refusal> {
        let mut json = Json::default();
        json.object(|entry| {
            entry.value("data", &self.data);
            entry.value("subject", &self.subject);
            entry.value("time", &self.time);
            entry.value("type", &self.data.kind());
        });
        Ok(Hex(canonical::hash(&json.into_string())?.to_vec()))
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
            EventDetail::Undo(undo) if !owned(&undo.owner) => refuse(Fault::OtherOwner, "owner"),
            EventDetail::ClaimUsed(used) if used.voucher.as_ref().is_some_and(|voucher| !own(voucher)) => {
                refuse(Fault::OtherOwner, "voucher")
            }
            EventDetail::ClaimUsed(UsedMessage { voucher: Some(_), redemption: None, .. }) => refuse(Fault::Missing, "redemption"),
            EventDetail::ClaimUsed(UsedMessage { voucher: Some(_), month: None, .. }) => refuse(Fault::Missing, "month"),
            EventDetail::Due(DueMessage { voucher, .. }) | EventDetail::Expire(VoucherMessage { voucher }) if !own(voucher) => {
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

/// Refuses an amount of zero.
fn above_zero(amount: Option<Amount>, path: &Path<'_>) -> Result<(), Refusal> {
    match amount {
        Some(Amount(Rupiah::ZERO)) => Err(Refusal::at(Fault::BelowOne, &path.key("amount"))),
        _ => Ok(()),
    }
}

/// Refuses the second of two equal texts.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>, list: &Path<'_>, field: &str) -> Result<(), Refusal> {
    let mut seen = alloc::collections::BTreeSet::new();
    for (index, text) in texts.enumerate() {
        if !seen.insert(text) {
            return Err(Refusal::at(Fault::NotDistinct, &list.entry(index).key(field)));
        }
    }
    Ok(())
}

impl SaleReport {
    fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let total = self.goods.check(path)?;
        let claimed = self.claimed().map_err(|error| Refusal::inside(error, &path.key("claims")))?;
        if claimed > total {
            return Err(Refusal::at(Fault::VoucherPaidAboveTotal, &path.key("claims")));
        }
        distinct(self.claims.iter().map(|claim| claim.of.as_str()), &path.key("claims"), "of")?;
        if self.form == Some(ClaimForm::Lot) && self.member.is_none() {
            return Err(Refusal::at(Fault::LotNeedsMember, &path.key("form")));
        }
        Ok(())
    }

    /// What redemptions paid.
    pub(super) fn claimed(&self) -> Result<Rupiah, loyalty_rules::Error> {
        self.claims.iter().try_fold(Rupiah::ZERO, |sum, claim| sum.checked_add(claim.amount.0))
    }
}

impl GoodsSold {
    /// The total of goods that are stated in one of the two ways.
    fn check(&self, path: &Path<'_>) -> Result<Rupiah, Refusal> {
        match (&self.total, &self.lines) {
            (Some(_), Some(_)) => return Err(Refusal::at(Fault::TotalAndLines, &path.key("lines"))),
            (None, None) => return Err(Refusal::at(Fault::Missing, &path.key("total"))),
            (Some(total), None) => return Ok(total.0),
            (None, Some(_)) => {}
        }
        let list = path.key("lines");
        let mut total = Rupiah::ZERO;
        for (index, line) in self.lines.iter().flatten().enumerate() {
            let amount = line.amount().map_err(|error| Refusal::inside(error, &list.entry(index)))?;
            total = total.checked_add(amount).map_err(|error| Refusal::inside(error, &list))?;
        }
        Ok(total)
    }

    /// The total of goods that were checked.
    pub(super) fn total(&self) -> Result<Rupiah, Refusal> {
        self.check(&Path::Root)
    }
}

impl SoldLine {
    /// Price × quantity ÷ 1,000, rounded half up, less the discount.
    pub(super) fn amount(&self) -> Result<Rupiah, loyalty_rules::Error> {
        let quantity = Quantity::of(None, Some(self.quantity_milli.0))?;
        Line { quantity, price: self.price.0, price_per: Count::ONE, discount: self.discount.0 }.amount(Line::ROUNDING)
    }
}

impl ReturnedGoods {
    fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        match (&self.back, &self.amount) {
            (Some(_), Some(_)) => Err(Refusal::at(Fault::BackOrAmount, &path.key("amount"))),
            (None, None) => Err(Refusal::at(Fault::Missing, &path.key("back"))),
            (None, Some(_)) => Ok(()),
            (Some(back), None) => {
                let mut seen = alloc::collections::BTreeSet::new();
                match back.iter().position(|line| !seen.insert(line.line.get())) {
                    Some(index) => Err(Refusal::at(Fault::NotDistinct, &path.key("back").entry(index).key("line"))),
                    None => Ok(()),
                }
            }
        }
    }
}

impl ClaimPurchase {
    fn check(&self, amount: Option<Amount>, path: &Path<'_>) -> Result<(), Refusal> {
        if self.left_to_pay.0 > self.purchase.0 {
            return Err(Refusal::at(Fault::LeftAbovePurchase, &path.key("left_to_pay")));
        }
        above_zero(amount, path)
    }
}
