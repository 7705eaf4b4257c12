#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::not_negative;
#[cfg(feature = "alloc")]
use super::{FundState, allocate};
#[cfg(feature = "alloc")]
use crate::error::Field;
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
pub(crate) fn product_over(factors: [i128; 4], divisor: i128) -> Result<Rupiah, Error> {
    // What leaves 128 bits is far above the domain, unless a later factor is zero.
    let product = if factors.contains(&0) { Some(0) } else { factors.into_iter().try_fold(1_i128, i128::checked_mul) };
    let whole = product.and_then(|product| product.checked_div(divisor));
    Rupiah::from_result(whole.and_then(|whole| i64::try_from(whole).ok()))
}

/// What a shop that starts small is asked for, and what it lacks (GF-9). Amounts are rupiah.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The larger of the start and the deposit by cover (GF-2).
    pub requirement: Rupiah,
    /// What the balance lacks of it, at least zero.
    pub missing: Rupiah,
    /// Registered while anything is missing, else active.
    pub state: FundState,
}

#[cfg(feature = "alloc")]
impl Requirement {
    /// The requirement for a deposit by cover ([`guarantee_deposit_by_cover`]), which grows with the shoppers.
    ///
    /// ```
    /// use loyalty_rules::funding::Requirement;
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let rupiah = |amount| Rupiah::new(amount).unwrap();
    /// let asked = Requirement::new(rupiah(125_000), rupiah(200_000), rupiah(150_000))?;
    /// assert_eq!((asked.requirement.get(), asked.missing.get(), asked.state.name()), (200_000, 50_000, "registered"));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a negative amount.
    pub fn new(by_cover: Rupiah, start: Rupiah, balance: Rupiah) -> Result<Self, Error> {
        let requirement = not_negative(by_cover, "deposit")?.max(not_negative(start, "start")?);
        let missing = requirement.left_after(not_negative(balance, "balance")?);
        let state = if missing.is_zero() { FundState::Active } else { FundState::Registered };
        Ok(Self { requirement, missing, state })
    }
}

/// A fund whose reservations are kept by till, so that no row is hot (GF-8). Amounts are rupiah.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shards {
    /// The reservations of all tills.
    pub reserved: Rupiah,
    /// Balance − reserved, signed.
    pub free: Rupiah,
    /// The part of it that each till may promise, in declared order; they sum to it.
    pub free_by_till: Vec<Rupiah>,
}

#[cfg(feature = "alloc")]
impl Shards {
    /// The shards of a balance, from what each till has reserved; what is free is split in equal parts (SP-1).
    ///
    /// ```
    /// use loyalty_rules::funding::Shards;
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let rupiah = |amount| Rupiah::new(amount).unwrap();
    /// let shards = Shards::new(rupiah(100_000), &[rupiah(30_000), rupiah(19_999)])?;
    /// assert_eq!(shards.free_by_till, [rupiah(25_001), rupiah(25_000)]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` without a till; `out_of_range` for a negative amount, or if the sum leaves the domain.
    pub fn new(balance: Rupiah, reserved_by_till: &[Rupiah]) -> Result<Self, Error> {
        if reserved_by_till.is_empty() {
            return Err(Fault::NoTills.error().at("tills"));
        }
        let mut reserved = Rupiah::ZERO;
        for (index, of_till) in reserved_by_till.iter().enumerate() {
            if *of_till < Rupiah::ZERO {
                return Err(Fault::Negative.error().at(Field::within("tills", index, "reserved")));
            }
            reserved = reserved.checked_add(*of_till)?;
        }
        let free = not_negative(balance, "balance")?.checked_sub(reserved)?;
        let equal = alloc::vec![1; reserved_by_till.len()];
        Ok(Self { reserved, free, free_by_till: allocate(free, &equal)? })
    }
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
