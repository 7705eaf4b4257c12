use core::cmp::Ordering;

use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::words;

words! {
    /// What a week shows beside the one before (PL-20).
    pub enum WeekFinding {
        /// Sales changed by no more than what counts as steady.
        SalesSteady = "sales_steady",
        /// They rose by more.
        SalesUp = "sales_up",
        /// They fell by more.
        SalesDown = "sales_down",
        /// More new shoppers came.
        NewShoppersUp = "new_shoppers_up",
        /// The margin fell.
        MarginEaten = "margin_eaten",
    }
}

words! {
    /// What to do about it (PL-20).
    pub enum WeekAction {
        /// Go on.
        Keep = "keep",
        /// Give lower rates, or ask for larger purchases.
        LowerRatesOrRaiseQuota = "lower_rates_or_raise_quota",
        /// Reach more shoppers or products.
        WidenProgram = "widen_program",
        /// Thank those who came for the first time.
        ThankNewShoppers = "thank_new_shoppers",
        /// Take the next higher tier.
        ClimbTier = "climb_tier",
    }
}

/// A week of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its sales, in rupiah.
    pub sales: Rupiah,
    /// Its profit after vouchers, in rupiah; negative for a loss.
    pub profit: Rupiah,
    /// Shoppers who bought for the first time.
    pub new_shoppers: Count,
}

/// A week beside the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekCheck {
    /// (Now − before) ÷ before of the sales, truncated toward zero.
    pub sales_change: Ratio,
    /// The change of the margins profit ÷ sales, each truncated toward zero.
    pub margin_change: Ratio,
    sales: WeekFinding,
    new_shoppers_up: bool,
    margin_eaten: bool,
    is_steadily_higher: bool,
}

/// So many weeks of higher sales carry the next tier: one to two months.
const WEEKS_TO_CLIMB: i64 = 4;

/// Compares a week with the one before (PL-20). Sales are steady up to a change of `steady`, both ends included;
/// comparisons use the exact ratios. `weeks_of_higher_sales` counts the weeks that sales have been higher.
///
/// ```
/// use loyalty_planning::{Week, week_check};
/// use loyalty_rules::quantity::{Count, Rate, Rupiah};
///
/// let week = |sales, profit, new| {
///     Ok::<_, loyalty_rules::Error>(Week { sales: Rupiah::new(sales)?, profit: Rupiah::new(profit)?, new_shoppers: Count::new(new)? })
/// };
/// let check = week_check(&week(7_000_000, 1_050_000, 12)?, &week(7_700_000, 924_000, 15)?, Rate::from_bp(500)?, Count::ZERO)?;
/// assert_eq!((check.sales_change.bp(), check.margin_change.bp()), (1_000, -300)); // 15 % became 12 %
/// assert!(check.findings().map(|finding| finding.name()).eq(["sales_up", "new_shoppers_up", "margin_eaten"]));
/// assert!(check.actions().map(|action| action.name()).eq(["lower_rates_or_raise_quota", "thank_new_shoppers"]));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` for a week without sales; `out_of_range` for negative sales, or if a ratio leaves the domain.
pub fn week_check(before: &Week, now: &Week, steady: Rate, weeks_of_higher_sales: Count) -> Result<WeekCheck, Error> {
    let sales = |week: &Week, field| not_negative(week.sales, field).map(|sales| i128::from(sales.get()));
    let (sales_before, sales_now) = (sales(before, "before.sales")?, sales(now, "now.sales")?);
    let change = sales_now.wrapping_sub(sales_before);
    let sales_change = Ratio::of(change, sales_before, "before.sales")?;
    // Below 2⁶⁷; only their difference is answered.
    let margin = |week: &Week, sales: i128| i128::from(week.profit.get()).wrapping_mul(10_000).checked_div(sales);
    let margin_now = margin(now, sales_now).ok_or(Fault::DividesByZero.error().at("now.sales"))?;
    let margin_before = margin(before, sales_before).unwrap_or_default();

    // Products of two numbers below 2⁵⁴.
    let is_beyond = change.wrapping_abs().wrapping_mul(10_000).cmp(&sales_before.wrapping_mul(steady.bp().into())) == Ordering::Greater;
    let sales = match (is_beyond, change > 0) {
        (false, _) => WeekFinding::SalesSteady,
        (true, true) => WeekFinding::SalesUp,
        (true, false) => WeekFinding::SalesDown,
    };
    Ok(WeekCheck {
        sales_change,
        margin_change: Ratio::from_result(margin_now.wrapping_sub(margin_before))?,
        sales,
        new_shoppers_up: now.new_shoppers > before.new_shoppers,
        margin_eaten: i128::from(now.profit.get()).wrapping_mul(sales_before) < i128::from(before.profit.get()).wrapping_mul(sales_now),
        is_steadily_higher: weeks_of_higher_sales.get() >= WEEKS_TO_CLIMB,
    })
}

impl WeekCheck {
    /// What the week shows: its sales first.
    pub fn findings(&self) -> impl Iterator<Item = WeekFinding> {
        let others = [(self.new_shoppers_up, WeekFinding::NewShoppersUp), (self.margin_eaten, WeekFinding::MarginEaten)];
        core::iter::once(self.sales).chain(others.into_iter().filter_map(|(holds, finding)| holds.then_some(finding)))
    }

    /// What to do; [`WeekAction::Keep`] if nothing else.
    pub fn actions(&self) -> impl Iterator<Item = WeekAction> {
        let is_sound = !self.margin_eaten;
        let widens = is_sound && self.sales == WeekFinding::SalesDown;
        let climbs = is_sound && self.sales == WeekFinding::SalesUp && self.is_steadily_higher;
        let keeps = is_sound && !widens && !self.new_shoppers_up && !climbs;
        let actions = [
            (self.margin_eaten, WeekAction::LowerRatesOrRaiseQuota),
            (widens, WeekAction::WidenProgram),
            (self.new_shoppers_up, WeekAction::ThankNewShoppers),
            (climbs, WeekAction::ClimbTier),
            (keeps, WeekAction::Keep),
        ];
        actions.into_iter().filter_map(|(holds, action)| holds.then_some(action))
    }
}
