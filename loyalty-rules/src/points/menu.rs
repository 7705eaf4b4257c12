use crate::error::{Error, Fault};
use crate::quantity::{Count, Points, Rate, Ratio, Rounding, Rupiah};
use crate::words::words;

/// What a menu entry gives back of the purchases that earn its points, in basis points truncated toward zero
/// (PT-5): value ÷ (points × rupiah a point). It is a ratio and may be above 100 %.
///
/// ```
/// use loyalty_rules::{points::menu_cost, quantity::{Points, Rupiah}};
///
/// let fifty = Points::from_milli(50_000)?;
/// assert_eq!(menu_cost(fifty, Rupiah::new(10_000)?, Rupiah::new(10_000)?)?.bp(), 200); // 2 %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a `per` of zero; `not_defined` for no points; `out_of_range` below zero or if the ratio
/// leaves the domain.
pub fn menu_cost(points: Points, per: Rupiah, value: Rupiah) -> Result<Ratio, Error> {
    for (number, field) in [(points.milli(), "points_milli"), (per.get(), "per"), (value.get(), "value")] {
        if number < 0 {
            return Err(Fault::Negative.error().at(field));
        }
    }
    if per.is_zero() {
        return Err(Fault::MustNotBeZero.error().at("per"));
    }
    // Both in thousandths of a rupiah, below 2⁶³ and 2¹⁰⁶.
    let value = i128::from(value.get()).wrapping_mul(1_000);
    let spend = i128::from(points.milli()).wrapping_mul(per.get().into());
    Ratio::of(value, spend, "points_milli")
}

/// How many goods a purchase reaches: each full threshold of the accumulated purchases once (PT-6). Returns
/// the units and the new accumulated purchases.
///
/// ```
/// use loyalty_rules::{points::goods_reached, quantity::Rupiah};
///
/// let (cylinders, accumulated) = goods_reached(Rupiah::new(200_000)?, Rupiah::new(60_000)?, Rupiah::new(250_000)?)?;
/// assert_eq!((cylinders.get(), accumulated.get()), (1, 260_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a threshold of zero; `out_of_range` below zero or if the sum leaves the domain.
pub fn goods_reached(accumulated: Rupiah, amount: Rupiah, threshold: Rupiah) -> Result<(Count, Rupiah), Error> {
    for (number, field) in [(accumulated, "accumulated"), (amount, "amount"), (threshold, "threshold")] {
        if number.get() < 0 {
            return Err(Fault::Negative.error().at(field));
        }
    }
    let after = accumulated.checked_add(amount)?;
    let full = |sum: Rupiah| sum.get().checked_div(threshold.get()).ok_or(Fault::MustNotBeZero.error().at("threshold"));
    Ok((Count::new(full(after)?.saturating_sub(full(accumulated)?))?, after))
}

/// What a menu entry gives (PT-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reward<'a> {
    /// A voucher, in rupiah, zero or more.
    Value(Rupiah),
    /// A discount on a purchase.
    Discount(Rate),
    /// Goods, by name.
    Goods(&'a str),
}

/// An entry of a redemption menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MenuEntry<'a> {
    /// What it costs, a thousandth or more.
    pub points: Points,
    /// What it gives.
    pub reward: Reward<'a>,
}

words! {
    /// What became of a redemption by the menu.
    pub enum MenuReason {
        /// It is given.
        Redeemed = "redeemed",
        /// Points are missing.
        NotEnoughPoints = "not_enough_points",
    }
}

/// A redemption by the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MenuRedemption {
    /// What became of it.
    pub reason: MenuReason,
    /// The points that are missing.
    pub missing: Points,
    /// The points spent.
    pub spent: Points,
    /// The points left.
    pub left: Points,
    /// The voucher or the discount in rupiah; zero for goods.
    pub value: Rupiah,
}

impl MenuEntry<'_> {
    /// What a balance lacks of the entry.
    ///
    /// # Errors
    /// `out_of_range` for an entry below a thousandth or a negative balance.
    pub fn missing(&self, balance: Points) -> Result<Points, Error> {
        if self.points <= Points::ZERO {
            return Err(Fault::BelowOne.error().at("points_milli"));
        }
        if balance < Points::ZERO {
            return Err(Fault::Negative.error().at("balance_milli"));
        }
        Points::from_milli(self.points.milli().wrapping_sub(balance.milli()).max(0))
    }

    /// What the entry gives back of the purchases that earn its points (PT-5), if it is a voucher.
    ///
    /// # Errors
    /// As [`menu_cost`].
    pub fn cost(&self, per: Rupiah) -> Result<Option<Ratio>, Error> {
        match self.reward {
            Reward::Value(value) => menu_cost(self.points, per, value).map(Some),
            _ => Ok(None),
        }
    }

    /// Redeems the entry from a balance, a discount on a purchase.
    ///
    /// ```
    /// use loyalty_rules::points::{MenuEntry, Reward};
    /// use loyalty_rules::quantity::{Points, Rate, Rupiah};
    ///
    /// let points = |milli| Points::from_milli(milli).unwrap();
    /// let five_percent = MenuEntry { points: points(10_000), reward: Reward::Discount(Rate::from_bp(500)?) };
    /// let redeemed = five_percent.redeem(points(12_500), Rupiah::new(80_000)?)?;
    /// assert_eq!((redeemed.value.get(), redeemed.left.milli()), (4_000, 2_500));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for an entry below a thousandth or a negative balance, value or purchase.
    pub fn redeem(&self, balance: Points, purchase: Rupiah) -> Result<MenuRedemption, Error> {
        let missing = self.missing(balance)?;
        let value = match self.reward {
            Reward::Value(value) => value,
            Reward::Discount(rate) => Rounding::default().apply(purchase, rate)?,
            Reward::Goods(_) => Rupiah::ZERO,
        };
        if value < Rupiah::ZERO || purchase < Rupiah::ZERO {
            return Err(Fault::Negative.error().at(if purchase < Rupiah::ZERO { "purchase" } else { "value" }));
        }
        if missing > Points::ZERO {
            let (reason, spent) = (MenuReason::NotEnoughPoints, Points::ZERO);
            return Ok(MenuRedemption { reason, missing, spent, left: balance, value: Rupiah::ZERO });
        }
        let left = Points::from_milli(balance.milli().wrapping_sub(self.points.milli()))?;
        Ok(MenuRedemption { reason: MenuReason::Redeemed, missing, spent: self.points, left, value })
    }
}
