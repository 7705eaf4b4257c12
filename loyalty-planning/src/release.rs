use super::exact_profit;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::tables::{Slot, stock_quota};
use loyalty_rules::words;

words! {
    /// What to do with vouchers during the day (PL-21).
    pub enum ReleaseAdvice {
        /// Go on as planned.
        Keep = "keep",
        /// Give the higher rates now.
        ReleaseHigher = "release_higher",
        /// Give less.
        HoldBack = "hold_back",
        /// Give none.
        Pause = "pause",
    }
}

words! {
    /// Why (PL-21).
    pub enum ReleaseReason {
        /// The stock is near its plan.
        OnPlan = "on_plan",
        /// More is left than planned.
        StockBehind = "stock_behind",
        /// Less is left than planned.
        StockAhead = "stock_ahead",
        /// Nothing is left.
        SoldOut = "sold_out",
        /// The vouchers given leave less than the least margin.
        MarginSpent = "margin_spent",
    }
}

impl ReleaseReason {
    /// What to do.
    pub const fn advice(self) -> ReleaseAdvice {
        match self {
            Self::OnPlan => ReleaseAdvice::Keep,
            Self::StockBehind => ReleaseAdvice::ReleaseHigher,
            Self::StockAhead | Self::MarginSpent => ReleaseAdvice::HoldBack,
            Self::SoldOut => ReleaseAdvice::Pause,
        }
    }
}

/// A selling day so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySoFar {
    /// Units at opening, 1 or more.
    pub stock_units: Count,
    /// Units left.
    pub stock_left: Count,
    /// The running slot.
    pub slot: Slot,
    /// The margin of the goods.
    pub margin: Ratio,
    /// The vouchers given, in rupiah.
    pub given: Rupiah,
    /// The sales, in rupiah.
    pub sales: Rupiah,
    /// The least margin that vouchers must leave.
    pub min_margin: Ratio,
    /// How far the stock may be off its plan, as a share of the units at opening.
    pub tolerance: Rate,
}

/// What to do with vouchers, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// Why, and with it what to do.
    pub reason: ReleaseReason,
    /// The units that the plan leaves at the start of the slot.
    pub planned_left: Count,
    /// What the vouchers leave of the margin: margin − given ÷ sales, truncated toward zero; `None` without sales.
    pub effective_margin: Option<Ratio>,
}

impl DaySoFar {
    /// What to do with vouchers now (PL-21). The first that holds: sold out; the effective margin below the least;
    /// the stock behind or ahead of its plan (TA-5) by more than the tolerance. All are compared exactly.
    ///
    /// ```
    /// use loyalty_planning::DaySoFar;
    /// use loyalty_rules::{quantity::{Count, Rate, Ratio, Rupiah}, tables::Slot};
    ///
    /// let day = DaySoFar {
    ///     stock_units: Count::new(100)?,
    ///     stock_left: Count::new(65)?,
    ///     slot: Slot::new(6)?, // half the day: 50 should be left
    ///     margin: Ratio::from_bp(1_500)?,
    ///     given: Rupiah::new(14_000)?,
    ///     sales: Rupiah::new(350_000)?,
    ///     min_margin: Ratio::from_bp(500)?,
    ///     tolerance: Rate::from_bp(1_000)?,
    /// };
    /// let release = day.release()?;
    /// assert_eq!((release.reason.name(), release.reason.advice().name()), ("stock_behind", "release_higher"));
    /// assert_eq!(release.planned_left.get(), 50);
    /// assert_eq!(release.effective_margin.map(|margin| margin.bp()), Some(1_100)); // 15 % − 4 %
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` without stock, for a negative amount, or if the effective margin leaves the domain; `bad_config`
    /// if more is left than there was.
    pub fn release(&self) -> Result<Release, Error> {
        let (stock, left) = (self.stock_units.get(), self.stock_left.get());
        if stock == 0 {
            return Err(Fault::NoStock.error().at("stock_units"));
        }
        if left > stock {
            return Err(Fault::MoreLeftThanStock.error().at("stock_left"));
        }
        let (given, sales) = (not_negative(self.given, "given")?, not_negative(self.sales, "sales")?);
        let before = usize::from(self.slot.column().index());
        let planned_left = stock_quota(self.stock_units, 10)?.take(before).fold(stock, |left, units| left.wrapping_sub(units.get()));

        // Margin × sales − given, in ten-thousandths of a rupiah, below 2¹⁰⁷.
        let kept = exact_profit(sales.get().into(), self.margin)?.wrapping_sub(i128::from(given.get()).wrapping_mul(10_000));
        let effective_margin = kept.checked_div(sales.get().into()).map(Ratio::from_result).transpose()?;
        let is_spent = !sales.is_zero() && kept < exact_profit(sales.get().into(), self.min_margin)?;
        let tolerance = i128::from(stock).wrapping_mul(self.tolerance.bp().into());
        let behind = i128::from(left.wrapping_sub(planned_left)).wrapping_mul(10_000);
        let reason = match left {
            0 => ReleaseReason::SoldOut,
            _ if is_spent => ReleaseReason::MarginSpent,
            _ if behind > tolerance => ReleaseReason::StockBehind,
            _ if behind.wrapping_neg() > tolerance => ReleaseReason::StockAhead,
            _ => ReleaseReason::OnPlan,
        };
        Ok(Release { reason, planned_left: Count::new(planned_left)?, effective_margin })
    }
}
