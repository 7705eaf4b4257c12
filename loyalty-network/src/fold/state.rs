//! The states of the network (docs/network.md): what a host stores by key.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::event::{ClaimForm, Event, PlayFields, ReturnedLine};
use super::fact::Fact;
use super::name::{ClaimOwner, Id, Name};
use crate::fault::Faults as _;
use loyalty_rules::api::fields::{BySlot, Hex};
use loyalty_rules::api::json::Json;
use loyalty_rules::api::wire::{At, Defs, Describe, Read, Whole, Write, record};
use loyalty_rules::calendar::{CivilTime, Date, Month};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::FundState;
use loyalty_rules::quantity::{Count, Points, Rate, Rupiah};
use loyalty_rules::sort::ascending;
use loyalty_rules::tables::Slot;
use loyalty_rules::{wire_words, words};

/// The form of a state or a fact; there is one (NW-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateForm;

impl Read for StateForm {
    fn read(at: &At<'_>) -> Self {
        if at.integer(Fault::UnknownForm) == 1 { Self } else { at.refuse(Fault::UnknownForm, Self) }
    }
}

impl Write for StateForm {
    fn write(&self, json: &mut Json) {
        json.integer(1);
    }
}

impl Describe for StateForm {
    fn schema(_: &mut Defs) -> String {
        "{\"const\":1}".into()
    }
}

words! {
    /// What became of an event.
    #[derive(Default)]
    pub enum Outcome {
        /// It counts now.
        #[default]
        Applied = "applied",
        /// It names what has not come.
        Waiting = "waiting",
        /// It counted before.
        Duplicate = "duplicate",
        /// Another event of its source and id counted before.
        Conflict = "conflict",
    }
}

wire_words! {
    Outcome;
}

/// The most vouchers in the list of a day: each is told to expire by a message of its own.
pub(super) const MOST_DUE: usize = 4_000;
/// The most shops that one shop owes: each is paid by a message of its own.
pub(super) const MOST_CREDITORS: usize = 2_000;
/// The most lots that one redemption takes.
pub(super) const MOST_PARTS: usize = 1_000;

record! {
    /// What became of an event.
    pub struct SeenState {
        /// The form.
        v: StateForm,
        /// SHA-256 of what it says.
        hash: Hex,
        /// What became of it.
        outcome: Outcome,
        /// What it led to.
        facts: Vec<Fact> = Vec::new(),
        /// What it told others.
        out: Vec<Event> = Vec::new(),
    }
}

record! {
    /// Which messages of one sender have come.
    #[derive(Default)]
    pub struct InboxState {
        /// The form.
        v: StateForm,
        /// All up to this number have come.
        through: Count,
        /// So have these, sorted.
        [rest] above: Vec<Count>,
    }
}

record! {
    /// A shop's guarantee fund.
    #[derive(Default)]
    pub struct FundInState {
        /// The deposit that is asked for, in rupiah.
        [rest] requirement: Rupiah,
        /// The share of it at which the fund is low, in basis points; 2,000 if absent.
        share_bp: Option<Rate>,
        /// The least seconds between two warnings; 86,400 if absent.
        warning_interval_s: Option<Count>,
        /// What it holds, in rupiah.
        balance: Rupiah,
        /// The unanswered warnings.
        [rest] warnings: Count,
        /// When it was warned last.
        last_warning: Option<CivilTime>,
        /// Whether its shop may issue.
        [rest] state: FundState,
    }
}

record! {
    /// A shop.
    #[derive(Default)]
    pub struct ShopState {
        /// The form.
        v: StateForm,
        /// Its guarantee fund.
        fund: FundInState,
        /// What its claims are worth that nobody has used, in rupiah.
        reserved: Rupiah,
        /// What it owes each acceptor of its claims, in rupiah; negative after an undo.
        [rest] owed: BTreeMap<String, Rupiah>,
        /// The balance of each account in rupiah, debit above zero.
        [rest] books: BTreeMap<String, Rupiah>,
        /// The number of its last message to each owner.
        [rest] sent: BTreeMap<String, Count>,
        /// The id of its program; any if absent.
        program: Option<String>,
        /// Whether its awards are stopped.
        [rest] paused: bool,
        /// Whether it has left.
        [rest] left: bool,
    }
}

record! {
    /// A selling day.
    #[derive(Default)]
    pub struct DayState {
        /// The form.
        v: StateForm,
        /// Rupiah released in it.
        released: Count,
        /// Table-rate awards above Rp0 by slot.
        [rest] awards: BySlot,
        /// Rupiah released by slot.
        [rest] released_by_slot: BySlot,
        /// Whether it is closed.
        [rest] closed: bool,
    }
}

record! {
    /// A month of a shop's vouchers.
    #[derive(Default)]
    pub struct MonthState {
        /// The form.
        v: StateForm,
        /// Redemptions.
        uses: Count,
        /// Whether it is closed.
        [rest] closed: bool,
    }
}

/// A line of a sale: `[quantity_milli, amount, back_milli]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineInState {
    /// Thousandths that were sold.
    pub quantity_milli: Count,
    /// What they cost, in rupiah.
    pub amount: Rupiah,
    /// Thousandths that came back.
    pub back_milli: Count,
}
super::row! { LineInState { quantity_milli: Count, amount: Rupiah, back_milli: Count } }

record! {
    /// A return before its sale.
    #[derive(Default)]
    pub struct EarlyReturn {
        /// Units by line.
        back: Option<Vec<ReturnedLine>>,
        /// Rupiah.
        amount: Option<Rupiah>,
        /// What goes out for it, in rupiah.
        [rest] out: Rupiah,
        /// Whether it is a void.
        [rest] whole: bool,
    }
}

record! {
    /// What a redemption pays of a sale. Amounts are rupiah.
    #[derive(Default)]
    pub struct TenderInState {
        /// Who holds the claim.
        owner: ClaimOwner,
        /// Its place among the claims of the sale.
        [rest] order: Count,
        /// The month that counted the redemption.
        month: Option<Month>,
        /// Whether it was granted; absent while nobody knows.
        granted: Option<bool>,
        /// What its owner granted and did not undo.
        [rest] amount: Rupiah,
        /// What the sale claims of it.
        [rest] want: Rupiah,
        /// What pays the sale.
        [rest] bound: Rupiah,
        /// What the sale claimed and was not granted.
        [rest] lost: Rupiah,
        /// What is asked to be undone.
        [rest] asked: Rupiah,
        /// Whether all of it is asked to be undone, however much that is.
        [rest] whole: bool,
    }
}

record! {
    /// The goods of a line that is not played yet, as offers see them.
    pub struct GoodsInState {
        /// Their code.
        sku: String,
        /// Their class.
        class: Option<String>,
        /// Whether they have an expiry date.
        dated: Option<bool>,
    }
}

record! {
    /// The goods of a sale that one offer rated, or the program itself (PT-9). Amounts are rupiah.
    #[derive(Default)]
    pub struct GroupInState {
        /// The place of the offer, from 0; absent for the program itself.
        offer: Option<Count>,
        /// The places of its lines, from 0.
        lines: Vec<Count>,
        /// What the award was made on.
        [rest] base: Rupiah,
        /// Its rate.
        [rest] rate_bp: Rate,
        /// Its part of the award.
        [rest] value: Rupiah,
        /// Whether steps of the purchase gave it, not a rate.
        [rest] by_steps: bool,
    }
}

record! {
    /// A sale. Amounts are rupiah.
    #[derive(Default)]
    pub struct SaleState {
        /// The form.
        v: StateForm,
        /// Whether it has come; its tenders and returns may come before.
        [rest] sold: bool,
        /// Its selling day.
        day: Option<Date>,
        /// When it was.
        time: Option<CivilTime>,
        /// What it cost.
        [rest] total: Rupiah,
        /// What of it no claim paid.
        [rest] money: Rupiah,
        /// Its lines.
        [rest] lines: Vec<LineInState>,
        /// Their goods, while it is not played and its program has offers.
        [rest] goods: Vec<GoodsInState>,
        /// What each offer gave, if its program has offers.
        [rest] groups: Vec<GroupInState>,
        /// What came back of the total.
        [rest] back: Rupiah,
        /// What of that was money.
        [rest] back_money: Rupiah,
        /// What came back above the sale.
        [rest] above: Rupiah,
        /// What the award was made on.
        [rest] base: Rupiah,
        /// Its rate.
        [rest] rate_bp: Rate,
        /// The quota.
        [rest] quota: Rupiah,
        /// The standby rate of the points held before.
        [rest] standby_bp: Rate,
        /// The points that the shopper held before, in thousandths.
        [rest] prior_points_milli: Points,
        /// The purchases before.
        [rest] purchases: Count,
        /// The rest of earlier purchases.
        [rest] carried: Rupiah,
        /// The award.
        [rest] issued: Rupiah,
        /// What is kept of it.
        [rest] kept: Rupiah,
        /// Whether more was printed than decided.
        [rest] printed: bool,
        /// What each party pays of what is kept.
        [rest] parts: Vec<Rupiah>,
        /// The parties.
        [rest] parties: Vec<String>,
        /// What the award is.
        form: Option<ClaimForm>,
        /// The member's account.
        member: Option<Name>,
        /// Its slot.
        slot: Option<Slot>,
        /// Whether it took a first-N place.
        [rest] place: bool,
        /// Whether steps of the purchase gave the award, not a rate.
        [rest] by_steps: bool,
        /// The hash of its program.
        program: Option<String>,
        /// Whether it is not played yet.
        [rest] pending: bool,
        /// A play that came before it.
        late_play: Option<PlayFields>,
        /// Returns that came before it.
        [rest] early: Vec<EarlyReturn>,
        /// Whether it was voided.
        [rest] voided: bool,
        /// What redemptions pay of it.
        [rest] tenders: BTreeMap<String, TenderInState>,
        /// The number of its last message to each owner.
        [rest] sent: BTreeMap<String, Count>,
    }
}

record! {
    /// A voucher. Amounts are rupiah.
    #[derive(Default)]
    pub struct VoucherState {
        /// The form.
        v: StateForm,
        /// Whether it was issued; what it is to pay may come before.
        [rest] issued: bool,
        /// What it was issued for.
        value: Rupiah,
        /// What was used of it.
        [rest] used: Rupiah,
        /// What returns took back.
        [rest] taken: Rupiah,
        /// What expired.
        [rest] expired: Rupiah,
        /// What was used and then taken back: the issuer's loss.
        [rest] lost: Rupiah,
        /// What offline tills accepted above its value.
        [rest] overdrawn: Rupiah,
        /// What reservations keep.
        [rest] held: Rupiah,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
        /// Requests that came before it.
        [rest] waiting: Vec<Event>,
    }
}

/// What a redemption took of a claim: `[claim, issuer, left]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInState {
    /// The voucher or the lot.
    pub claim: String,
    /// Its issuer.
    pub issuer: String,
    /// What is not undone of it, in rupiah.
    pub left: Rupiah,
}
super::row! { PartInState { claim: String, issuer: String, left: Rupiah } }

record! {
    /// A redemption. Amounts are rupiah.
    #[derive(Default)]
    pub struct RedemptionState {
        /// The form.
        v: StateForm,
        /// The shop that accepted it.
        [rest] shop: String,
        /// The sale that it pays.
        [rest] sale: String,
        /// The month that counts it.
        month: Option<Month>,
        /// What it took.
        [rest] parts: Vec<PartInState>,
        /// What it pays.
        [rest] amount: Rupiah,
        /// What was undone of it.
        [rest] undone: Rupiah,
        /// Whether it was undone before it came.
        [rest] undone_before: bool,
        /// Until when it is kept, before it pays.
        deadline: Option<CivilTime>,
        /// Whether it was refused, or released before it paid.
        [rest] ended: bool,
    }
}

record! {
    /// A lot of points. Amounts are rupiah.
    pub struct LotInState {
        /// The shop that issued it.
        issuer: String,
        /// What came into it.
        value: Rupiah,
        /// What was used of it.
        [rest] used: Rupiah,
        /// What returns took back of what was open.
        [rest] taken: Rupiah,
        /// What expired.
        [rest] expired: Rupiah,
        /// What returns took back in all.
        [rest] reversed: Rupiah,
        /// What of that became a debt.
        [rest] debt: Rupiah,
        /// What reservations keep.
        [rest] held: Rupiah,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
        /// When it was earned.
        earned: CivilTime,
    }
}

/// What an account owes a shop: `["A", 1400]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtInState {
    /// The shop.
    pub creditor: String,
    /// Rupiah.
    pub amount: Rupiah,
}
super::row! { DebtInState { creditor: String, amount: Rupiah } }

record! {
    /// What a return takes back of a lot that has not come.
    pub struct EarlyReversal {
        /// Rupiah.
        amount: Rupiah,
        /// The shop that a debt is owed to.
        creditor: Name,
        /// The sale.
        sale: Id,
        /// When it was.
        sold_at: CivilTime,
        /// Whether the purchase no longer counts.
        [rest] purchase: bool,
    }
}

record! {
    /// An account.
    #[derive(Default)]
    pub struct AccountState {
        /// The form.
        v: StateForm,
        /// Its lots.
        [rest] lots: BTreeMap<String, LotInState>,
        /// What it owes, in the order in which it is paid.
        [rest] debts: Vec<DebtInState>,
        /// Its purchases; below zero while a return is ahead of its sale.
        [rest] purchases: Whole,
        /// Redemptions by month.
        [rest] uses: BTreeMap<String, Count>,
        /// Lots that expired before it and were empty are forgotten.
        horizon: Option<CivilTime>,
        /// Reversals that came before their lot.
        [rest] early: BTreeMap<String, Vec<EarlyReversal>>,
        /// The number of its last message to each owner.
        [rest] sent: BTreeMap<String, Count>,
    }
}

record! {
    /// The vouchers that expire at the start of a day.
    #[derive(Default)]
    pub struct DueState {
        /// The form.
        v: StateForm,
        /// Their names, sorted.
        [rest] vouchers: Vec<String>,
        /// Whether the day is closed.
        [rest] closed: bool,
    }
}

record! {
    /// A period of clearing.
    #[derive(Default)]
    pub struct PeriodState {
        /// The form.
        v: StateForm,
        /// The shops that have closed it, sorted.
        [rest] shops: Vec<String>,
    }
}

/// Adds to an amount.
pub(super) fn add(amount: &mut Rupiah, more: Rupiah) -> Result<(), Error> {
    *amount = amount.checked_add(more)?;
    Ok(())
}

/// Takes from an amount.
pub(super) fn take(amount: &mut Rupiah, less: Rupiah) -> Result<(), Error> {
    *amount = amount.checked_sub(less)?;
    Ok(())
}

impl SeenState {
    /// Whether it is of an event, and not of another of its source and id.
    pub fn is_of(&self, event: &Event) -> bool {
        self.hash == event.hash()
    }
}

impl VoucherState {
    /// What of it can be used.
    pub fn open(&self) -> Rupiah {
        let gone = [self.used, self.taken, self.expired, self.held];
        gone.iter().fold(self.value, |open, gone| open.left_after(*gone))
    }
}

impl LotInState {
    /// What of it can be used, expired or not.
    pub fn open(&self) -> Rupiah {
        let gone = [self.used, self.taken, self.expired, self.held];
        gone.iter().fold(self.value, |open, gone| open.left_after(*gone))
    }
}

impl InboxState {
    /// Whether a message has come.
    #[must_use]
    pub fn has(&self, number: Count) -> bool {
        number <= self.through || self.above.contains(&number)
    }

    /// Notes a number; false if it had come.
    pub(super) fn note(&mut self, number: Count) -> bool {
        if self.has(number) {
            return false;
        }
        self.above.push(number);
        ascending(&mut self.above);
        while self.above.first().is_some_and(|first| first.get() == self.through.get().wrapping_add(1)) {
            self.through = self.above.remove(0);
        }
        true
    }
}
