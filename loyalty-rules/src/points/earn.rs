use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Mode, PointValue, Points, Rupiah, result_within_domain};
use crate::words::words;

words! {
    /// What happens to the rest of a purchase below a step (PT-1).
    #[derive(Default)]
    pub enum Rest {
        /// It is dropped.
        #[default]
        Drop = "drop",
        /// It is carried to the next purchase.
        Carry = "carry",
    }
}

/// How a class of goods earns points (PT-1 … PT-3).
///
/// ```
/// use loyalty_rules::points::PointsProgram;
/// use loyalty_rules::quantity::{Count, Points, Rupiah};
///
/// let mut program = PointsProgram::new(Rupiah::new(10_000)?)?; // a point for each full Rp10,000
/// let (double, five) = ([Count::new(2_000)?], [Points::from_milli(5_000)?]);
/// program.multipliers_milli = &double; // high margin
/// program.flat = &five; // a bundle
/// let earned = program.earn(Rupiah::new(22_000)?, Rupiah::ZERO)?;
/// assert_eq!(earned.points.milli(), 9_000); // 2 × 2 + 5
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PointsProgram<'a> {
    /// Rupiah a step.
    pub per: Rupiah,
    /// Points for each full step.
    pub points_per_step: Points,
    /// What happens to the rest.
    pub rest: Rest,
    /// Multipliers in thousandths; without any, ×1.
    pub multipliers_milli: &'a [Count],
    /// Whether multipliers multiply instead of the highest counting.
    pub stack: bool,
    /// Flat bonuses, added after multiplying.
    pub flat: &'a [Points],
    /// The purchase below which only the flat bonuses are given, in rupiah.
    pub min_purchase: Rupiah,
}

/// What a purchase earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earned {
    /// The points.
    pub points: Points,
    /// The rest carried to the next purchase, in rupiah.
    pub carried: Rupiah,
}

/// At most eight values, kept without an allocator; a list without values differs from none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Few<T> {
    values: [T; 8],
    len: Option<usize>,
}

impl<T: Copy + Default> Few<T> {
    /// The values of a list.
    ///
    /// # Errors
    /// `bad_config` for more than eight.
    pub fn new(list: &[T]) -> Result<Self, Error> {
        let mut few = Self { values: [T::default(); 8], len: Some(list.len()) };
        few.values.get_mut(..list.len()).ok_or(Fault::MoreThanEight.error())?.copy_from_slice(list);
        Ok(few)
    }

    /// The values.
    pub fn as_slice(&self) -> &[T] {
        self.stated().unwrap_or_default()
    }

    /// The list, if one was stated.
    pub fn stated(&self) -> Option<&[T]> {
        self.values.get(..self.len?)
    }
}

/// The basic points program as a program's document states it (PT-1 … PT-3, PT-8).
///
/// ```
/// use loyalty_rules::points::PointsTerms;
/// use loyalty_rules::quantity::Rupiah;
///
/// let terms = PointsTerms::new(Rupiah::new(10_000)?)?;
/// assert_eq!(terms.program().earn(Rupiah::new(22_000)?, Rupiah::ZERO)?.points.milli(), 2_000);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PointsTerms {
    /// Rupiah a step.
    pub per: Rupiah,
    /// Points for each full step.
    pub points_per_step: Points,
    /// What happens to the rest.
    pub rest: Rest,
    /// Multipliers in thousandths; without any, ×1.
    pub multipliers_milli: Few<Count>,
    /// Whether multipliers multiply instead of the highest counting.
    pub stack: bool,
    /// Flat bonuses, added after multiplying.
    pub flat: Few<Points>,
    /// The purchase below which only the flat bonuses are given, in rupiah.
    pub min_purchase: Rupiah,
}

impl PointsTerms {
    /// One point for each full `per` rupiah, the rest dropped.
    ///
    /// # Errors
    /// As [`PointsProgram::new`].
    pub fn new(per: Rupiah) -> Result<Self, Error> {
        let PointsProgram { points_per_step, rest, stack, min_purchase, .. } = PointsProgram::new(per)?;
        Ok(Self { per, points_per_step, rest, multipliers_milli: Few::default(), stack, flat: Few::default(), min_purchase })
    }

    /// The same; a list without values becomes none.
    pub(crate) fn without_empty_lists(mut self) -> Self {
        if self.multipliers_milli.as_slice().is_empty() {
            self.multipliers_milli = Few::default();
        }
        if self.flat.as_slice().is_empty() {
            self.flat = Few::default();
        }
        self
    }

    /// What computes the points.
    pub fn program(&self) -> PointsProgram<'_> {
        let Self { per, points_per_step, rest, ref multipliers_milli, stack, ref flat, min_purchase } = *self;
        let (multipliers_milli, flat) = (multipliers_milli.as_slice(), flat.as_slice());
        PointsProgram { per, points_per_step, rest, multipliers_milli, stack, flat, min_purchase }
    }

    /// Refuses what no program can mean; fields are named as in a program's document.
    ///
    /// # Errors
    /// `bad_config` for a step of zero, `out_of_range` for an amount below.
    pub fn check(&self) -> Result<(), Error> {
        PointsProgram::new(self.per).map_err(|refused| refused.at("points.per"))?;
        if let Some(below) = self.flat.as_slice().iter().position(|points| points.milli() < 0) {
            return Err(Fault::Negative.error().at(Field::entry("points.flat_milli", below)));
        }
        let numbers = [(self.points_per_step.milli(), "points.points_per_step_milli"), (self.min_purchase.get(), "points.min_purchase")];
        numbers.into_iter().find(|(number, _)| *number < 0).map_or(Ok(()), |(_, field)| Err(Fault::Negative.error().at(field)))
    }

    /// The most that steps earn of a purchase, at this point value, in tenths of a basis point, rounded up; flat bonuses
    /// are not in it.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn rate_tenth_bp(&self, point_value: PointValue) -> Result<i64, Error> {
        let outside = Fault::ResultOutsideDomain.error();
        let points = self.program().multiplied(self.points_per_step.milli().into())?;
        // Thousandths of a point × rupiah a point ÷ 1,000, of each `per` rupiah, × 100,000.
        let worth = points.checked_mul(point_value.rupiah().get().into()).and_then(|worth| worth.checked_mul(100)).ok_or(outside)?;
        result_within_domain(i64::try_from(Mode::Up.divide(worth, self.per.get().into())).ok())
    }
}

impl PointsProgram<'_> {
    /// One point for each full `per` rupiah, the rest dropped.
    ///
    /// # Errors
    /// `bad_config` for a step of zero, `out_of_range` below.
    pub fn new(per: Rupiah) -> Result<Self, Error> {
        match per.get() {
            0 => Err(Fault::MustNotBeZero.error().at("per")),
            ..0 => Err(Fault::Negative.error().at("per")),
            _ => Ok(Self {
                per,
                points_per_step: Points::from_milli(1_000)?,
                rest: Rest::Drop,
                multipliers_milli: &[],
                stack: false,
                flat: &[],
                min_purchase: Rupiah::ZERO,
            }),
        }
    }

    /// The points of a purchase: steps × points a step, floored; then × the multiplier, floored once; then the
    /// flat bonuses. `carried` is the rest of earlier purchases, counted only if the program carries.
    ///
    /// # Errors
    /// `out_of_range` if the points or the rest leave the domain.
    pub fn earn(&self, amount: Rupiah, carried: Rupiah) -> Result<Earned, Error> {
        self.earn_of(amount, amount, carried)
    }

    /// The same where only a part of the purchase earns: the minimum looks at the whole, the points at the part.
    ///
    /// # Errors
    /// As [`earn`](Self::earn).
    pub fn earn_of(&self, purchase: Rupiah, amount: Rupiah, carried: Rupiah) -> Result<Earned, Error> {
        let before = if self.rest == Rest::Carry { carried } else { Rupiah::ZERO };
        let is_enough = purchase >= self.min_purchase;
        // Two amounts of the domain stay below 2⁵⁵.
        let counted = if is_enough { amount.get().wrapping_add(before.get()) } else { 0 };
        let steps = counted.checked_div(self.per.get()).unwrap_or_default();
        let rest = counted.wrapping_sub(steps.wrapping_mul(self.per.get()));
        let purchase = i128::from(steps).wrapping_mul(self.points_per_step.milli().into());
        let flat = self.flat.iter().fold(0_i128, |sum, flat| sum.wrapping_add(flat.milli().into()));
        let points = self.multiplied(purchase)?.checked_add(flat).and_then(|points| i64::try_from(points).ok());
        let carried = match (self.rest, is_enough) {
            (Rest::Drop, _) => Rupiah::ZERO,
            (Rest::Carry, true) => Rupiah::new(rest)?,
            (Rest::Carry, false) => carried,
        };
        let outside = Fault::ResultOutsideDomain.error();
        Ok(Earned { points: Points::from_milli(points.ok_or(outside)?).map_err(|_| outside)?, carried })
    }

    /// The purchase points, zero or more, times the multiplier.
    fn multiplied(&self, points: i128) -> Result<i128, Error> {
        let outside = Fault::ResultOutsideDomain.error();
        let milli = |count: &Count| i128::from(count.get());
        if !self.stack {
            let best = self.multipliers_milli.iter().map(milli).max().unwrap_or(1_000);
            return points.checked_mul(best).map(|product| product / 1_000).ok_or(outside);
        }
        if self.multipliers_milli.contains(&Count::ZERO) {
            return Ok(0);
        }
        // The fraction is kept in lowest terms, so that ordinary multipliers never grow out of 128 bits.
        let mut product = (points, 1_i128);
        for multiplier in self.multipliers_milli {
            let factor = lowest(milli(multiplier), 1_000);
            let (left, right) = (lowest(product.0, factor.1), lowest(factor.0, product.1));
            product = (left.0.checked_mul(right.0).ok_or(outside)?, left.1.checked_mul(right.1).ok_or(outside)?);
        }
        product.0.checked_div(product.1).ok_or(outside)
    }
}

/// A fraction in lowest terms; both parts are zero or more.
fn lowest(numerator: i128, denominator: i128) -> (i128, i128) {
    let (mut a, mut b) = (numerator, denominator);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    let by = |number: i128| number.checked_div(a).unwrap_or(number);
    (by(numerator), by(denominator))
}
