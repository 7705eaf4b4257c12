use super::place::Place;
use super::{count, ratio};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Ratio};
use loyalty_rules::words;

words! {
    /// Whether somebody is at a store (CD-4).
    pub enum CheckIn {
        /// Inside its geofence.
        Inside = "inside",
        /// Outside.
        Outside = "outside",
    }
}

/// A circle around a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geofence {
    centre: Place,
    radius_m: u32,
}

impl Geofence {
    /// A circle of so many metres.
    ///
    /// # Errors
    /// `out_of_range` at `radius_m` unless it is 1 … 100,000.
    pub fn new(centre: Place, radius_m: Count) -> Result<Self, Error> {
        let radius = u32::try_from(radius_m.get()).ok().filter(|radius| (1..=100_000).contains(radius));
        let radius_m = radius.ok_or(Fault::RadiusOutOfRange.error().at("radius_m"))?;
        Ok(Self { centre, radius_m })
    }

    /// Whether a place is inside, its rim included, and the distance from the centre in centimetres, truncated (CD-4).
    ///
    /// ```
    /// use loyalty_network::{CheckIn, Geofence, Place};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let shop = Geofence::new(Place::from_e7(-61_753_924, 1_068_271_528)?, Count::new(50)?)?;
    /// assert_eq!(shop.check_in(Place::from_e7(-61_758_420, 1_068_271_528)?), (CheckIn::Inside, 4_999));
    /// assert_eq!(shop.check_in(Place::from_e7(-61_758_430, 1_068_271_528)?), (CheckIn::Outside, 5_010));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn check_in(&self, at: Place) -> (CheckIn, u32) {
        let distance_cm = self.centre.distance_cm(at);
        let is_inside = distance_cm <= self.radius_m.wrapping_mul(100);
        (if is_inside { CheckIn::Inside } else { CheckIn::Outside }, distance_cm)
    }
}

/// A task of some kind that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Whether it was done by its deadline.
    pub on_time: bool,
    /// Whether its evidence was complete.
    pub evidence_complete: bool,
    /// The minutes it took.
    pub minutes: Count,
}

/// How tasks of a kind went before, as a checklist tells it (CD-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experience {
    /// How many were done.
    pub times_done: Count,
    /// The share done on time; `None` if none was done, as below.
    pub on_time: Option<Ratio>,
    /// The share with complete evidence.
    pub evidence: Option<Ratio>,
    /// The mean minutes, truncated.
    pub mean_minutes: Option<Count>,
}

impl Experience {
    /// Sums up tasks of one kind, each figure truncated.
    ///
    /// ```
    /// use loyalty_network::{Experience, Past};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let done = |on_time, minutes| Ok::<_, loyalty_rules::Error>(Past { on_time, evidence_complete: true, minutes: Count::new(minutes)? });
    /// let experience = Experience::of(&[done(true, 20)?, done(false, 45)?, done(true, 25)?])?;
    /// assert_eq!(experience.on_time.map(|share| share.bp()), Some(6_666));
    /// assert_eq!(experience.mean_minutes, Some(Count::new(30)?));
    /// assert_eq!(Experience::of(&[])?.mean_minutes, None);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for a list that fits the domain of CV-1.
    pub fn of(tasks: &[Past]) -> Result<Self, Error> {
        let all = count(tasks.len());
        let share = |counts: fn(&&Past) -> bool| ratio(count(tasks.iter().filter(counts).count()), all);
        // Below 2⁵³ each.
        let minutes = tasks.iter().fold(0_i128, |sum, task| sum.wrapping_add(task.minutes.get().into()));
        Ok(Self {
            times_done: Count::from_result(all)?,
            on_time: share(|task| task.on_time)?,
            evidence: share(|task| task.evidence_complete)?,
            mean_minutes: minutes.checked_div(all).map(Count::from_result).transpose()?,
        })
    }
}
