use super::not_negative;
use crate::error::{Error, Fault};
use crate::quantity::{Count, PointValue, Points, Rate, Ratio, Rupiah};

/// The deposit asked of a merchant that joins, in rupiah: (loyal + prospective shoppers) × average points of a
/// transaction × point value, rounded down once (GF-1).
///
/// ```
/// use loyalty_rules::funding::guarantee_deposit;
/// use loyalty_rules::quantity::{Count, PointValue, Points};
///
/// let (loyal, prospective) = (Count::new(50)?, Count::ZERO);
/// let deposit = guarantee_deposit(loyal, prospective, Points::from_milli(10_000)?, PointValue::default())?;
/// assert_eq!(deposit.get(), 500_000); // 50 × 10 points × Rp1,000
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for negative points, or if the deposit leaves the domain.
pub fn guarantee_deposit(
    loyal: Count,
    prospective: Count,
    points_per_transaction: Points,
    point_value: PointValue,
) -> Result<Rupiah, Error> {
    if points_per_transaction < Points::ZERO {
        return Err(Fault::Negative.error().at("points_per_transaction_milli"));
    }
    // Two counts stay below 2⁵⁴.
    let shoppers = i128::from(loyal.get()).wrapping_add(prospective.get().into());
    product_over([shoppers, points_per_transaction.milli().into(), point_value.rupiah().get().into(), 1], 1_000)
}

/// The deposit that covers a number of days, in rupiah: shoppers a day × average purchase × rate × days, rounded
/// down once (GF-2). The rate is the one that clever shoppers get (SW-5) unless the draw is hardened.
///
/// ```
/// use loyalty_rules::funding::guarantee_deposit_by_cover;
/// use loyalty_rules::quantity::{Count, Rate, Rupiah};
///
/// let (shoppers, days) = (Count::new(50)?, Count::new(3)?);
/// let deposit = guarantee_deposit_by_cover(shoppers, Rupiah::new(50_000)?, Rate::from_bp(500)?, days)?;
/// assert_eq!(deposit.get(), 375_000); // Rp125,000 a day
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative average, or if the deposit leaves the domain.
pub fn guarantee_deposit_by_cover(shoppers: Count, average: Rupiah, rate: Rate, days: Count) -> Result<Rupiah, Error> {
    let average = not_negative(average, "average")?;
    product_over([shoppers.get().into(), average.get().into(), rate.bp().into(), days.get().into()], 10_000)
}

/// The product of numbers that are zero or more, divided and rounded down.
fn product_over(factors: [i128; 4], divisor: i128) -> Result<Rupiah, Error> {
    // What leaves 128 bits is far above the domain, unless a later factor is zero.
    let product = if factors.contains(&0) { Some(0) } else { factors.into_iter().try_fold(1_i128, i128::checked_mul) };
    let whole = product.and_then(|product| product.checked_div(divisor));
    Rupiah::from_result(whole.and_then(|whole| i64::try_from(whole).ok()))
}

/// What a fund covers (GF-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The balance, in rupiah.
    pub balance: Rupiah,
    /// Vouchers issued and not yet redeemed, in rupiah.
    pub outstanding: Rupiah,
}

impl Cover {
    /// Balance ÷ outstanding in basis points, truncated; `None` with nothing outstanding.
    ///
    /// ```
    /// use loyalty_rules::{funding::Cover, quantity::{Count, Ratio, Rupiah}};
    ///
    /// let cover = Cover { balance: Rupiah::new(150_000)?, outstanding: Rupiah::new(100_000)? };
    /// assert_eq!(cover.ratio()?, Some(Ratio::from_bp(15_000)?));
    /// assert!(!cover.allows(Rupiah::new(60_000)?, Count::new(10_000)?)?); // 150,000 ÷ 160,000 is below 100 %
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a negative amount, or if the ratio leaves the domain.
    pub fn ratio(&self) -> Result<Option<Ratio>, Error> {
        let Self { balance, outstanding } = self.checked()?;
        if outstanding.is_zero() {
            return Ok(None);
        }
        Ratio::of(balance.get().into(), outstanding.get().into(), "outstanding").map(Some)
    }

    /// Whether balance ÷ (outstanding + award) reaches the least cover in basis points, compared exactly. With
    /// nothing outstanding and no award it does.
    ///
    /// # Errors
    /// `out_of_range` for a negative amount.
    pub fn allows(&self, award: Rupiah, min_cover_bp: Count) -> Result<bool, Error> {
        let Self { balance, outstanding } = self.checked()?;
        // Both products stay below 2¹⁰⁸.
        let outstanding = i128::from(outstanding.get()).wrapping_add(not_negative(award, "award")?.get().into());
        Ok(i128::from(balance.get()).wrapping_mul(10_000) >= outstanding.wrapping_mul(min_cover_bp.get().into()))
    }

    fn checked(&self) -> Result<Self, Error> {
        Ok(Self { balance: not_negative(self.balance, "balance")?, outstanding: not_negative(self.outstanding, "outstanding")? })
    }
}
