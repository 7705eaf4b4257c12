use crate::error::{Error, Fault};
use crate::quantity::{Count, DOMAIN_MAX};
use crate::words::words;

/// How often each digit 0 … 9 came up (SW-5, SW-6).
///
/// ```
/// use loyalty_rules::{quantity::Count, tables::{DigitCounts, Forcing, Uniformity}};
///
/// let mut counts = [Count::new(10)?; 10];
/// assert_eq!(DigitCounts::new(counts)?.uniformity(), Uniformity::Likely);
///
/// counts[0] = Count::new(60)?; // digit 0 came up 60 times in 150
/// let forced = DigitCounts::new(counts)?;
/// assert_eq!(forced.forcing(), Forcing::Suspected);
/// assert_eq!(forced.chi_square_milli()?, Some(150_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitCounts {
    counts: [Count; 10],
    plays: Count,
}

words! {
    /// Whether digits look evenly spread: chi-square with nine degrees of freedom.
    pub enum Uniformity {
        /// Below 50 plays the test does not apply.
        TooFew = "too_few",
        /// Up to the 5 % point.
        Likely = "likely",
        /// Up to the 0.1 % point.
        Doubtful = "doubtful",
        /// Above it.
        Unlikely = "unlikely",
    }
}

words! {
    /// Whether digit 0, the best, stands out.
    pub enum Forcing {
        /// Below 50 plays nothing is said.
        TooFew = "too_few",
        /// Up to three standard deviations above a tenth.
        None = "none",
        /// Above.
        Suspected = "suspected",
    }
}

/// The points of the chi-square table for nine degrees of freedom, in thousandths: 5 % and 0.1 %.
const CHI_SQUARE_9_MILLI: [i128; 2] = [16_919, 27_877];
const LEAST_PLAYS: i64 = 50;

impl DigitCounts {
    /// Counts by digit.
    ///
    /// # Errors
    /// `out_of_range` if their sum leaves the domain.
    pub fn new(counts: [Count; 10]) -> Result<Self, Error> {
        // Ten numbers below 2⁵³ stay below 2⁶³.
        let plays = counts.iter().fold(0_i64, |sum, count| sum.wrapping_add(count.get()));
        let plays = Count::new(plays).map_err(|_| Fault::ResultOutsideDomain.error())?;
        Ok(Self { counts, plays })
    }

    /// How many plays there were.
    pub const fn plays(&self) -> Count {
        self.plays
    }

    /// 10 Σc² − n²: chi-square times the number of plays. Everything stays below 2¹²⁰.
    fn spread(&self) -> i128 {
        let plays = i128::from(self.plays.get());
        let squares =
            self.counts.iter().map(|count| i128::from(count.get())).fold(0_i128, |sum, count| sum.wrapping_add(count.wrapping_mul(count)));
        squares.wrapping_mul(10).wrapping_sub(plays.wrapping_mul(plays))
    }

    /// Chi-square against an even spread, in thousandths, rounded down; `None` without plays.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn chi_square_milli(&self) -> Result<Option<i64>, Error> {
        let chi_square = self.spread().wrapping_mul(1_000).checked_div(self.plays.get().into());
        let within = |chi_square: i128| i64::try_from(chi_square).ok().filter(|milli| *milli <= DOMAIN_MAX);
        chi_square.map(|chi_square| within(chi_square).ok_or(Fault::ResultOutsideDomain.error())).transpose()
    }

    /// Whether the digits look evenly spread; compared exactly.
    pub fn uniformity(&self) -> Uniformity {
        let spread = self.spread().wrapping_mul(1_000);
        let [likely, doubtful] = CHI_SQUARE_9_MILLI.map(|point| point.wrapping_mul(self.plays.get().into()));
        match self.plays.get() {
            ..LEAST_PLAYS => Uniformity::TooFew,
            _ if spread <= likely => Uniformity::Likely,
            _ if spread <= doubtful => Uniformity::Doubtful,
            _ => Uniformity::Unlikely,
        }
    }

    /// The share of digit 0 in basis points, rounded down; `None` without plays.
    pub fn zero_share_bp(&self) -> Option<i64> {
        let [zeros, ..] = self.counts;
        let share = i128::from(zeros.get()).wrapping_mul(10_000).checked_div(self.plays.get().into())?;
        i64::try_from(share).ok()
    }

    /// Whether digit 0 came up more than three standard deviations above a tenth of the plays: more than one
    /// in 700 honest shops would show by luck.
    pub fn forcing(&self) -> Forcing {
        let [zeros, ..] = self.counts;
        let plays = i128::from(self.plays.get());
        let above = i128::from(zeros.get()).wrapping_mul(10).wrapping_sub(plays);
        match self.plays.get() {
            ..LEAST_PLAYS => Forcing::TooFew,
            // The variance is 9 n ÷ 100, so three deviations are 0.9 √n.
            _ if above > 0 && above.wrapping_mul(above) > plays.wrapping_mul(81) => Forcing::Suspected,
            _ => Forcing::None,
        }
    }
}
