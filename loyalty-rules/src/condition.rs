//! One small language of conditions: tests joined by *all*, *any* and *not*.
//!
//! What is tested differs: a program's offers test the time, the slot and the shopper, a campaign tests its stores. How tests
//! are joined, how large a condition may be, and which part of it failed stand here once.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::{Error, Fault};

/// The most levels of a condition.
const MAX_LEVELS: usize = 16;
/// The most conditions in one, itself included.
const MAX_NODES: usize = 1_000;

/// A test, or conditions that are joined.
///
/// ```
/// use loyalty_rules::condition::Condition;
///
/// let even_below_ten = Condition::All(vec![Condition::Test(2), Condition::Not(Box::new(Condition::Test(10)))]);
/// let failure = |number: i64| even_below_ten.failure(&|test| if *test == 2 { number % 2 == 0 } else { number >= *test });
/// assert_eq!(failure(4), None);
/// assert_eq!(failure(12), Some(vec![1])); // the second part
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<T> {
    /// Every part holds; of no part it is true.
    All(Vec<Self>),
    /// Some part holds; of no part it is false.
    Any(Vec<Self>),
    /// The part does not hold.
    Not(Box<Self>),
    /// The test is met.
    Test(T),
}

impl<T> Condition<T> {
    /// Refuses a condition that is too large.
    ///
    /// # Errors
    /// `too_large` above 16 levels or 1,000 conditions.
    pub fn check(&self) -> Result<(), Error> {
        let nodes = self.nodes(MAX_LEVELS).filter(|nodes| *nodes <= MAX_NODES);
        nodes.map(|_| ()).ok_or(Fault::ConditionTooLarge.error())
    }

    /// The same condition of other tests.
    pub fn map<U>(self, convert: &impl Fn(T) -> U) -> Condition<U> {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.map(convert)).collect();
        match self {
            Self::All(parts) => Condition::All(all(parts)),
            Self::Any(parts) => Condition::Any(all(parts)),
            Self::Not(part) => Condition::Not(Box::new(part.map(convert))),
            Self::Test(test) => Condition::Test(convert(test)),
        }
    }

    /// Its tests, from first to last.
    pub fn tests(&self) -> Vec<&T> {
        match self {
            Self::Test(test) => [test].to_vec(),
            _ => self.parts().iter().flat_map(Self::tests).collect(),
        }
    }

    /// The places of the first condition that fails, `None` if all is met: the place to take in each [`All`](Self::All) on the
    /// way to it, from outside. Of any other condition the failure is its own.
    pub fn failure(&self, is_met: &impl Fn(&T) -> bool) -> Option<Vec<usize>> {
        if let Self::All(parts) = self {
            return parts.iter().enumerate().find_map(|(index, part)| {
                let mut places = part.failure(is_met)?;
                places.insert(0, index);
                Some(places)
            });
        }
        (!self.holds(is_met)).then(Vec::new)
    }

    /// What it comes to if some tests always come to the same; none if it depends.
    ///
    /// ```
    /// use loyalty_rules::condition::Condition;
    ///
    /// let known = |test: &u32| match test {
    ///     0 => Some(false),
    ///     1 => Some(true),
    ///     _ => None,
    /// };
    /// assert_eq!(Condition::All(vec![Condition::Test(7), Condition::Test(0)]).always(&known), Some(false));
    /// assert_eq!(Condition::Any(vec![Condition::Test(7), Condition::Test(0)]).always(&known), None);
    /// assert_eq!(Condition::Not(Box::new(Condition::Test(1))).always(&known), Some(false));
    /// ```
    pub fn always(&self, known: &impl Fn(&T) -> Option<bool>) -> Option<bool> {
        let mut parts = self.parts().iter().map(|part| part.always(known));
        // One part of this kind decides; without it all must be known.
        let mut decided_by = |one: bool| {
            let mut all = Some(!one);
            parts
                .any(|part| {
                    all = all.and(part);
                    part == Some(one)
                })
                .then_some(one)
                .or(all.map(|_| !one))
        };
        match self {
            Self::All(_) => decided_by(false),
            Self::Any(_) => decided_by(true),
            Self::Not(part) => part.always(known).map(|holds| !holds),
            Self::Test(test) => known(test),
        }
    }

    fn holds(&self, is_met: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(is_met)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(is_met)),
            Self::Not(part) => !part.holds(is_met),
            Self::Test(test) => is_met(test),
        }
    }

    fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) => core::slice::from_ref(&**part),
            Self::Test(_) => &[],
        }
    }

    /// How many conditions it is; `None` if it has more levels than this.
    fn nodes(&self, levels: usize) -> Option<usize> {
        let below = levels.checked_sub(1)?;
        self.parts().iter().try_fold(1, |sum: usize, part| Some(sum.saturating_add(part.nodes(below)?)))
    }
}
