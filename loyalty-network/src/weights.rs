use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Rate;

/// How much a factor counts, 0 … 1,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactorWeight(u32);

impl FactorWeight {
    /// A weight.
    ///
    /// # Errors
    /// `out_of_range` above 1,000,000.
    pub const fn new(weight: u32) -> Result<Self, Error> {
        if weight <= 1_000_000 { Ok(Self(weight)) } else { Err(Fault::FactorWeightOutOfRange.error()) }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The weights of the three factors of a score (CD-3, TR-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights([FactorWeight; 3]);

impl Weights {
    /// Weights, of which at least one is above zero.
    ///
    /// # Errors
    /// `bad_config` at `weights` if all are zero.
    pub fn new(weights: [FactorWeight; 3]) -> Result<Self, Error> {
        if weights == [FactorWeight::default(); 3] { Err(Fault::NoFactorWeight.error().at("weights")) } else { Ok(Self(weights)) }
    }

    /// The weighted mean of three factors, truncated to a whole basis point: Σ weight × factor ÷ Σ weights.
    ///
    /// ```
    /// use loyalty_network::{FactorWeight, Weights};
    /// use loyalty_rules::quantity::Rate;
    ///
    /// let weights = Weights::new([FactorWeight::new(5)?, FactorWeight::new(3)?, FactorWeight::new(2)?])?;
    /// let factors = [Rate::from_bp(10_000)?, Rate::from_bp(3_333)?, Rate::ZERO];
    /// assert_eq!(weights.mean(factors).bp(), 5_999); // (50,000 + 9,999) ÷ 10
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn mean(self, factors: [Rate; 3]) -> Rate {
        // Below 2³⁶.
        let (sum, whole) = self.0.into_iter().zip(factors).fold((0_u64, 0_u64), |(sum, whole), (weight, factor)| {
            let weight = u64::from(weight.0);
            (sum.wrapping_add(weight.wrapping_mul(factor.bp().into())), whole.wrapping_add(weight))
        });
        rate(sum.checked_div(whole).unwrap_or_default())
    }
}

/// A part of the highest of its kind in basis points, truncated; 0 if that is 0.
pub(super) fn of_highest(part: i64, highest: i64) -> Rate {
    let bp = i128::from(part).wrapping_mul(10_000).checked_div(highest.into()).unwrap_or_default();
    rate(u64::try_from(bp).unwrap_or_default())
}

/// A share that is at most the whole.
pub(super) fn rate(bp: u64) -> Rate {
    u16::try_from(bp).ok().and_then(|bp| Rate::from_bp(bp).ok()).unwrap_or(Rate::WHOLE)
}
