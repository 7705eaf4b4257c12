//! Reports: what has happened (NW-2).

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::event::ClaimForm;
use super::name::{ClaimName, ClaimOwner, Id, Name};
use crate::fault::Faults as _;
use loyalty_rules::api::operations::award::decide::ShopperFields;
use loyalty_rules::api::wire::{Amount, Path, Positive, Refusal, Whole, record};
use loyalty_rules::calendar::{CivilTime, Date, Month};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Line, Points, Quantity, Rate, Rupiah};
use loyalty_rules::tables::{Claim, Digit, Slot};

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
        /// The class of the goods, which offers look at.
        class: Option<String>,
        /// Whether they have an expiry date; by the program's list if absent.
        dated: Option<bool>,
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
    #[derive(Default)]
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
    /// A claim was accepted offline: a voucher's token, or points within an allowance.
    pub struct AcceptReport {
        /// The voucher.
        voucher: Option<ClaimName>,
        /// The account, for points.
        account: Option<Name>,
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

/// Refuses the second of two equal texts.
pub(super) fn distinct<'a>(texts: impl Iterator<Item = &'a str>, list: &Path<'_>, field: &str) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for (index, text) in texts.enumerate() {
        if !seen.insert(text) {
            return Err(Refusal::at(Fault::NotDistinct, &list.entry(index).key(field)));
        }
    }
    Ok(())
}

impl SaleReport {
    pub(super) fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let total = self.goods.check(path)?;
        let claimed = self.claimed().map_err(|error| Refusal::inside(error, &path.key("claims")))?;
        if claimed > total {
            return Err(Refusal::at(Fault::VoucherPaidAboveTotal, &path.key("claims")));
        }
        distinct(self.claims.iter().map(|claim| claim.of.as_str()), &path.key("claims"), "of")?;
        if self.form == Some(ClaimForm::Lot) && self.member.is_none() {
            return Err(Refusal::at(Fault::LotNeedsMember, &path.key("form")));
        }
        if self.shopper.prior_points_milli < Points::ZERO {
            return Err(Refusal::at(Fault::Negative, &path.key("shopper").key("prior_points_milli")));
        }
        Ok(())
    }

    /// What redemptions paid.
    pub(super) fn claimed(&self) -> Result<Rupiah, Error> {
        self.claims.iter().try_fold(Rupiah::ZERO, |sum, claim| sum.checked_add(claim.amount.0))
    }
}

impl GoodsSold {
    /// The total of goods that are stated in one of the two ways.
    pub(super) fn check(&self, path: &Path<'_>) -> Result<Rupiah, Refusal> {
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

impl PlayedClaim {
    /// The claim as the rules judge it.
    pub(super) const fn played(&self) -> Claim {
        Claim { started_at: self.started_at, countdown_s: self.countdown_s.0, stopped_at: self.stopped_at }
    }
}

impl SoldLine {
    /// Price × quantity ÷ 1,000, rounded half up, less the discount.
    pub(super) fn amount(&self) -> Result<Rupiah, Error> {
        let quantity = Quantity::of(None, Some(self.quantity_milli.0))?;
        Line { quantity, price: self.price.0, price_per: Count::ONE, discount: self.discount.0 }.amount(Line::ROUNDING)
    }
}

impl ReturnedGoods {
    pub(super) fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        match (&self.back, &self.amount) {
            (Some(_), Some(_)) => Err(Refusal::at(Fault::BackOrAmount, &path.key("amount"))),
            (None, None) => Err(Refusal::at(Fault::Missing, &path.key("back"))),
            (None, Some(_)) => Ok(()),
            (Some(back), None) => {
                let mut seen = BTreeSet::new();
                match back.iter().position(|line| !seen.insert(line.line.get())) {
                    Some(index) => Err(Refusal::at(Fault::NotDistinct, &path.key("back").entry(index).key("line"))),
                    None => Ok(()),
                }
            }
        }
    }
}
