use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::{Funding, Parts, not_negative};
use loyalty_rules::quantity::{Count, Rate, Rounding, Rupiah};
use loyalty_rules::words;

/// Where consigned goods (*Titip Jual*) stand on their way down (CS-1).
///
/// ```
/// use loyalty_network::Stage;
/// use loyalty_rules::quantity::{Count, Rupiah};
///
/// let days = |number| Count::new(number).unwrap();
/// let periods_days = [30, 14, 14, 14].map(days);
/// let (price, stage) = (Rupiah::new(100_000)?, Stage::at(days(30), periods_days));
/// assert_eq!((stage, stage.price(price)?.unwrap().get()), (Stage::One, 90_000));
/// assert_eq!(Stage::at(days(72), periods_days).price(price)?, None); // back to the owner
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The starting price.
    Full,
    /// 90 % of it.
    One,
    /// 80 % of it.
    Two,
    /// 70 % of it.
    Three,
    /// The periods are over: what is left goes back to the owner.
    Returned,
}

impl Stage {
    /// The stage on a day, counted from 0, for the periods of the full price and of stages one to three in days.
    /// A period holds its first day and not the day after its last; one of 0 days is skipped.
    pub fn at(day: Count, periods_days: [Count; 4]) -> Self {
        // Four counts stay below 2⁵⁵.
        let mut end = 0_i64;
        for (stage, period) in [Self::Full, Self::One, Self::Two, Self::Three].into_iter().zip(periods_days) {
            end = end.wrapping_add(period.get());
            if day.get() < end {
                return stage;
            }
        }
        Self::Returned
    }

    /// 0 at the full price, the number of the stage, 4 when returned.
    pub const fn number(self) -> u8 {
        match self {
            Self::Full => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Returned => 4,
        }
    }

    /// The stage of a number.
    ///
    /// # Errors
    /// `out_of_range` above 3: then the goods have no price.
    pub fn of_number(number: Count) -> Result<Self, Error> {
        match number.get() {
            0 => Ok(Self::Full),
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            _ => Err(Fault::StageOutOfRange.error().at("stage")),
        }
    }

    /// The price in rupiah for the starting price: its share of it, rounded down (CV-4); `None` when returned.
    ///
    /// # Errors
    /// `out_of_range` for a negative price.
    pub fn price(self, starting: Rupiah) -> Result<Option<Rupiah>, Error> {
        let starting = not_negative(starting, "price")?;
        let share_bp = match self {
            Self::Full => 10_000,
            Self::One => 9_000,
            Self::Two => 8_000,
            Self::Three => 7_000,
            Self::Returned => return Ok(None),
        };
        Rounding::default().apply(starting, Rate::from_bp(share_bp)?).map(Some)
    }
}

words! {
    /// How the profit on consigned goods is divided (CS-3).
    pub enum Scheme {
        /// Distributor (the parent branch) 40 %, child branch 60 %.
        A = "A",
        /// Distributor 25 %, producer 40 %, child branch 35 %.
        B = "B",
    }
}

/// The profit on consigned goods and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profit {
    /// (Sale price − cost) × units in rupiah, negative for a loss.
    pub profit: Rupiah,
    /// The parts in rupiah, in the order of the scheme; they sum to the profit.
    pub parts: Parts,
}

impl Scheme {
    /// The shares in the order that breaks ties: distributor, producer (scheme B), child branch.
    ///
    /// # Errors
    /// None that a caller can meet.
    pub fn funding(self) -> Result<Funding, Error> {
        match self {
            Self::A => Funding::from_shares_bp(&[4_000, 6_000]),
            Self::B => Funding::from_shares_bp(&[2_500, 4_000, 3_500]),
        }
    }

    /// Divides the profit, or the loss, of units sold (CS-3, SP-1).
    ///
    /// ```
    /// use loyalty_network::Scheme;
    /// use loyalty_rules::quantity::{Count, Rupiah};
    ///
    /// let sold = Scheme::B.divide(Rupiah::new(100_000)?, Rupiah::new(80_000)?, Count::new(1)?)?;
    /// let parts: Vec<i64> = sold.parts.as_slice().iter().map(|part| part.get()).collect();
    /// assert_eq!((sold.profit.get(), parts.as_slice()), (20_000, [5_000, 8_000, 7_000].as_slice()));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a negative price or cost, or if the profit leaves the domain.
    pub fn divide(self, sale_price: Rupiah, cost: Rupiah, units: Count) -> Result<Profit, Error> {
        let margin = not_negative(sale_price, "sale_price")?.checked_sub(not_negative(cost, "cost")?)?;
        let profit = margin.checked_mul(units.get())?;
        Ok(Profit { profit, parts: self.funding()?.split(profit) })
    }
}

/// Who bears the cost of returned goods (CS-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnCost {
    /// Returned units that were ordered beyond the capacity.
    pub excess_returned: Count,
    /// The child branch's half of their cost, in rupiah.
    pub child: Rupiah,
    /// The parent branch's half, with the odd rupiah.
    pub parent: Rupiah,
}

/// The cost of returned units that the child branch ordered beyond its sales capacity, half and half (CS-4):
/// min(returned, ordered − capacity) × cost of returning one. The odd rupiah is the parent's.
///
/// ```
/// use loyalty_network::return_cost;
/// use loyalty_rules::quantity::{Count, Rupiah};
///
/// let (ordered, capacity, returned) = (Count::new(15)?, Count::new(10)?, Count::new(6)?);
/// let cost = return_cost(ordered, capacity, returned, Rupiah::new(5_001)?)?; // 5 × Rp5,001
/// assert_eq!((cost.excess_returned.get(), cost.child.get(), cost.parent.get()), (5, 12_502, 12_503));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative cost, or if a half leaves the domain.
pub fn return_cost(ordered: Count, capacity: Count, returned: Count, cost_per_unit: Rupiah) -> Result<ReturnCost, Error> {
    let cost_per_unit = not_negative(cost_per_unit, "cost_per_unit")?;
    // Counts are zero or more, so their difference cannot wrap.
    let excess = ordered.get().wrapping_sub(capacity.get()).max(0);
    let excess_returned = Count::new(excess.min(returned.get()))?;
    // The whole cost is not answered, so it may leave the domain; it stays below 2¹⁰⁶.
    let cost = i128::from(cost_per_unit.get()).wrapping_mul(excess_returned.get().into());
    let child = cost / 2;
    let half = |rupiah: i128| Rupiah::from_result(i64::try_from(rupiah).ok());
    Ok(ReturnCost { excess_returned, child: half(child)?, parent: half(cost.wrapping_sub(child))? })
}

/// What the child branch pays the parent for taking stage-three goods back, in rupiah (CS-5): the rate, 15 %
/// unless agreed otherwise, of (starting price − stage-three price) × units, rounded down once.
///
/// ```
/// use loyalty_network::take_back_pay;
/// use loyalty_rules::quantity::{Count, Rate, Rupiah};
///
/// let pay = take_back_pay(Rupiah::new(100_000)?, Count::new(4)?, Rate::from_bp(1_500)?)?;
/// assert_eq!(pay.get(), 18_000); // 15 % of 30,000 × 4
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative price, or if the result leaves the domain.
pub fn take_back_pay(starting: Rupiah, units: Count, rate: Rate) -> Result<Rupiah, Error> {
    let reduction = starting.left_after(Stage::Three.price(starting)?.unwrap_or_default());
    // Below 2¹²⁰.
    let pay = i128::from(reduction.get()).wrapping_mul(units.get().into()).wrapping_mul(rate.bp().into()) / 10_000;
    Rupiah::from_result(i64::try_from(pay).ok())
}

words! {
    /// What a child branch makes of an offered quantity (CS-2).
    pub enum Acceptance {
        /// It takes all.
        Accepted = "accepted",
        /// It takes less.
        Reduced = "reduced",
        /// It takes nothing.
        Refused = "refused",
    }
}

impl Acceptance {
    /// What accepting so many of the offered units is, and how many stay with the parent branch.
    ///
    /// ```
    /// use loyalty_network::Acceptance;
    /// use loyalty_rules::quantity::Count;
    ///
    /// let (kind, left) = Acceptance::of(Count::new(100)?, Count::new(60)?)?;
    /// assert_eq!((kind, left.get()), (Acceptance::Reduced, 40));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for more than is offered.
    pub fn of(offered: Count, accepted: Count) -> Result<(Self, Count), Error> {
        let left = offered.get().wrapping_sub(accepted.get());
        let kind = match (left, accepted.get()) {
            (..0, _) => return Err(Fault::AcceptedAboveOffered.error().at("accepted")),
            (0, _) => Self::Accepted,
            (_, 0) => Self::Refused,
            _ => Self::Reduced,
        };
        Ok((kind, Count::new(left)?))
    }
}

/// The marketing cost of consigned goods, between owner and seller in rupiah (CS-6, SP-4); a negative one mirrors the
/// positive.
///
/// ```
/// use loyalty_network::marketing_cost;
/// use loyalty_rules::quantity::{Rate, Rupiah};
///
/// let (owner, seller) = marketing_cost(Rupiah::new(5_001)?, Rate::from_bp(5_000)?)?;
/// assert_eq!((owner.get(), seller.get()), (2_501, 2_500)); // the odd rupiah is the owner's
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// None that a caller can meet.
pub fn marketing_cost(amount: Rupiah, owner: Rate) -> Result<(Rupiah, Rupiah), Error> {
    let owner_bp = u32::from(owner.bp());
    let parts = Funding::from_shares_bp(&[owner_bp, 10_000_u32.wrapping_sub(owner_bp)])?.split(amount);
    match parts.as_slice() {
        [owner, seller] => Ok((*owner, *seller)),
        _ => Err(Fault::Bug.error()),
    }
}

/// A price offered to the child branch (CS-9). Amounts are rupiah a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The price at its stage.
    pub price: Rupiah,
    /// The cost that counts.
    pub cost: Rupiah,
    /// What of the cost was written off before the first stage.
    pub written_off: Rupiah,
    /// The child branch's part of the profit, signed.
    pub child: Rupiah,
    /// What it lacks of the child's least profit; the offer is allowed when nothing is missing.
    pub missing: Rupiah,
}

/// Goods that are offered to a child branch. Amounts are rupiah a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consigned {
    /// How the profit is divided.
    pub scheme: Scheme,
    /// The starting price.
    pub price: Rupiah,
    /// The cost.
    pub cost: Rupiah,
    /// The lower cost that goods out of fashion were given.
    pub reset_cost: Option<Rupiah>,
    /// The least that the child branch earns.
    pub least_profit: Rupiah,
}

impl Consigned {
    /// The offer at a stage: whether its price leaves the child branch its least profit (CS-9, CS-3, CS-1).
    ///
    /// ```
    /// use loyalty_network::{Consigned, Scheme, Stage};
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let rupiah = |amount| Rupiah::new(amount).unwrap();
    /// let (price, cost, least_profit) = (rupiah(100_000), rupiah(80_000), rupiah(10_000));
    /// let goods = Consigned { scheme: Scheme::A, price, cost, reset_cost: None, least_profit };
    /// assert_eq!(goods.offer(Stage::Full)?.child.get(), 12_000);
    /// assert_eq!(goods.offer(Stage::One)?.missing.get(), 4_000);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a re-set cost above the cost; `out_of_range` for a negative amount, a stage without a price, or
    /// if a result leaves the domain.
    pub fn offer(&self, stage: Stage) -> Result<Offer, Error> {
        let price = stage.price(self.price)?.ok_or(Fault::StageOutOfRange.error().at("stage"))?;
        let (cost, least_profit) = (not_negative(self.cost, "cost")?, not_negative(self.least_profit, "least_profit")?);
        let counted = self.reset_cost.map_or(Ok(cost), |reset_cost| not_negative(reset_cost, "reset_cost"))?;
        if counted > cost {
            return Err(Fault::ResetAboveCost.error().at("reset_cost"));
        }
        let divided = self.scheme.divide(price, counted, Count::ZERO.succ()?)?;
        let child = divided.parts.as_slice().last().copied().unwrap_or_default();
        let missing = if child < least_profit { least_profit.checked_sub(child)? } else { Rupiah::ZERO };
        Ok(Offer { price, cost: counted, written_off: cost.left_after(counted), child, missing })
    }
}
