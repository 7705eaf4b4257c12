use crate::error::{Error, Fault, Field};
use crate::quantity::{Points, Rate};

/// One step of a standby schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The points a shopper must have had before this purchase.
    pub from: Points,
    /// The rate from there on.
    pub rate: Rate,
}

const MAX_STEPS: usize = 16;

/// The rates of the standby voucher (*Voucher Siaga*) by points held (SB-1 … SB-3).
///
/// ```
/// use loyalty_rules::{quantity::Points, tables::Schedule};
///
/// let printed = Schedule::default();
/// assert_eq!(printed.rate(Points::from_milli(299_999)?).bp(), 100);
/// assert_eq!(printed.rate(Points::from_milli(300_000)?).bp(), 150); // reached counts
/// assert_eq!(printed.rate(Points::from_milli(49_999)?).bp(), 0);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The least thousandths that reach each step; beyond the last step a number nobody holds.
    reached_at_milli: [i64; MAX_STEPS],
    /// The rate by the number of steps reached.
    rates: [Rate; MAX_STEPS + 1],
    len: u8,
    strict: bool,
}

/// The printed schedule (SB-1): points, basis points.
#[rustfmt::skip]
const PRINTED: [(i64, u16); 5] = [
    ( 50,  50),
    (150, 100),
    (300, 150),
    (500, 200),
    (700, 250),
];

impl Default for Schedule {
    fn default() -> Self {
        let mut schedule = Self::NONE;
        for (points, bp) in PRINTED {
            schedule.push(points.wrapping_mul(1_000), Rate::from_bp(bp).unwrap_or_default());
        }
        schedule
    }
}

impl Schedule {
    const NONE: Self = Self { reached_at_milli: [i64::MAX; MAX_STEPS], rates: [Rate::ZERO; MAX_STEPS + 1], len: 0, strict: false };

    /// The merchant's own schedule (SB-3); `strict` asks for more than the threshold instead of reaching it
    /// (SB-2).
    ///
    /// # Errors
    /// `bad_schedule` unless there are 1 … 16 steps with strictly rising thresholds and rates that do not
    /// fall; `out_of_range` for a negative threshold.
    pub fn new(steps: &[Step], strict: bool) -> Result<Self, Error> {
        if steps.is_empty() || steps.len() > MAX_STEPS {
            return Err(Fault::StepCount.error().at("steps"));
        }
        let mut schedule = Self { strict, ..Self::NONE };
        let mut previous: Option<&Step> = None;
        for (index, step) in steps.iter().enumerate() {
            let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("steps", index, field)));
            if step.from.milli() < 0 {
                return refuse(Fault::Negative, "from_points_milli");
            }
            if previous.is_some_and(|previous| step.from <= previous.from) {
                return refuse(Fault::ThresholdsNotRising, "from_points_milli");
            }
            if previous.is_some_and(|previous| step.rate < previous.rate) {
                return refuse(Fault::StandbyRatesFalling, "rate_bp");
            }
            schedule.push(step.from.milli().wrapping_add(i64::from(strict)), step.rate);
            previous = Some(step);
        }
        Ok(schedule)
    }

    fn push(&mut self, reached_at_milli: i64, rate: Rate) {
        let len = usize::from(self.len);
        if let (Some(threshold), Some(slot)) = (self.reached_at_milli.get_mut(len), self.rates.get_mut(len.wrapping_add(1))) {
            (*threshold, *slot) = (reached_at_milli, rate);
            self.len = self.len.wrapping_add(1);
        }
    }

    /// Whether points must be above a threshold instead of reaching it.
    pub const fn strict(&self) -> bool {
        self.strict
    }

    /// The steps, rising.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let steps = self.reached_at_milli.iter().zip(self.rates.iter().skip(1)).take(self.len.into());
        let strict = i64::from(self.strict);
        steps.map(move |(&milli, &rate)| Step { from: Points::from_milli(milli.wrapping_sub(strict)).unwrap_or_default(), rate })
    }

    /// The rate for the points held before the purchase; 0 % below the first step.
    #[inline]
    pub fn rate(&self, prior: Points) -> Rate {
        self.rates.get(self.reached(prior)).copied().unwrap_or_default()
    }

    /// How many steps are reached.
    pub(crate) fn reached(&self, prior: Points) -> usize {
        let steps = self.reached_at_milli.get(..usize::from(self.len)).unwrap_or_default();
        steps.iter().fold(0, |reached: usize, milli| reached.wrapping_add(usize::from(prior.milli() >= *milli)))
    }
}
