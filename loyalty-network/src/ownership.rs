use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rounding, Rupiah};

/// How far a child branch is on its way to its owner's hands (*Employee to Owner*, CS-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// What the profits have paid of the price, in rupiah.
    pub paid: Rupiah,
    /// What is left of it, in rupiah; at zero the branch is owned.
    pub left: Rupiah,
    /// Paid ÷ price, truncated.
    pub progress: Ratio,
    /// The months that are left at the mean of the recent ones, rounded up; none if those pay nothing.
    pub months_left: Option<Count>,
}

impl Ownership {
    /// The progress after the profits of some months: each pays its share of a profit, rounded down, and nothing of a
    /// loss.
    ///
    /// ```
    /// use loyalty_network::Ownership;
    /// use loyalty_rules::quantity::{Count, Rate, Rupiah};
    ///
    /// let profits = [4_000_000, -500_000, 2_000_000].map(|rupiah| Rupiah::new(rupiah).unwrap());
    /// let (price, share) = (Rupiah::new(10_000_000)?, Rate::from_bp(5_000)?);
    /// let progress = Ownership::after(price, share, &profits, Count::new(3)?)?;
    /// assert_eq!((progress.paid.get(), progress.progress.bp()), (3_000_000, 3_000));
    /// assert_eq!(progress.months_left.unwrap().get(), 7); // Rp1,000,000 a month
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a price or a number of recent months below one, or if the months leave the domain.
    pub fn after(price: Rupiah, share: Rate, profits: &[Rupiah], recent_months: Count) -> Result<Self, Error> {
        if not_negative(price, "price")?.is_zero() {
            return Err(Fault::BelowOne.error().at("price"));
        }
        if recent_months == Count::ZERO {
            return Err(Fault::BelowOne.error().at("recent_months"));
        }
        let recent = usize::try_from(recent_months.get()).unwrap_or(usize::MAX).min(profits.len());
        let pay = |profit: &Rupiah| Rounding::default().apply((*profit).max(Rupiah::ZERO), share);
        let (mut left, mut recent_pay) = (price, 0_i128);
        for (months_after, profit) in (0..profits.len()).rev().zip(profits) {
            let pay = pay(profit)?;
            left = left.left_after(pay);
            if months_after < recent {
                // A list in memory has fewer than 2⁶⁴ entries, so a sum stays below 2¹¹⁷.
                recent_pay = recent_pay.wrapping_add(pay.get().into());
            }
        }
        let paid = price.left_after(left);
        // left ÷ (recent pay ÷ months), below 2¹¹⁷.
        let months = i128::from(left.get()).wrapping_mul(i128::try_from(recent).unwrap_or(i128::MAX));
        let months_left = match months.checked_div(recent_pay) {
            _ if left.is_zero() => Some(Count::ZERO),
            Some(whole) => {
                let is_exact = whole.wrapping_mul(recent_pay) == months;
                let whole = i64::try_from(whole.wrapping_add(i128::from(!is_exact))).ok();
                Some(Count::new(Rupiah::from_result(whole)?.get())?)
            }
            None => None,
        };
        Ok(Self { paid, left, progress: Ratio::of(paid.get().into(), price.get().into(), "price")?, months_left })
    }
}
