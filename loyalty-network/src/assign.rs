use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::NANOS_A_MINUTE;
use crate::fault::Faults as _;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::Count;
use loyalty_rules::words;

words! {
    /// Why a task has nobody (CD-6).
    pub enum Unassigned {
        /// Nobody of its store is on shift.
        NobodyOnShift = "nobody_on_shift",
        /// Nobody on shift has enough minutes left, free and before the shift ends.
        NobodyFree = "nobody_free",
    }
}

/// A task of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffTask<'a> {
    /// The id of its store.
    pub store: &'a str,
    /// The minutes it takes.
    pub minutes: Count,
}

/// A shift of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift<'a> {
    /// The person's id.
    pub id: &'a str,
    /// The id of the store.
    pub store: &'a str,
    /// Its first instant.
    pub from: CivilTime,
    /// Its end, that instant excluded.
    pub to: CivilTime,
    /// The minutes that are free for tasks; `None` for any number.
    pub minutes: Option<Count>,
}

/// A task that somebody was given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierTask<'a> {
    /// The person's id.
    pub staff: &'a str,
    /// The minutes it still takes.
    pub minutes: Count,
}

/// Who does a task, by the place of the shift in its list, or why nobody does.
pub type Assignment = Result<usize, Unassigned>;

/// Gives each task, in order, to somebody who is on shift in its store, has enough minutes left, and can finish it, after
/// the tasks that were given before, by the end of the shift: of these to whom has the fewest tasks so far, of equal ones
/// by id (CD-6).
///
/// ```
/// use loyalty_network::{EarlierTask, Shift, StaffTask, Unassigned, assign};
/// use loyalty_rules::quantity::Count;
///
/// let (from, to) = ("2025-03-01T08:00:00+07:00".parse()?, "2025-03-01T16:00:00+07:00".parse()?);
/// let shift = |id, minutes| Ok::<_, loyalty_rules::Error>(Shift { id, store: "toko-1", from, to, minutes: Some(Count::new(minutes)?) });
/// let staff = [shift("ani", 60)?, shift("budi", 20)?];
/// let task = |minutes| Ok::<_, loyalty_rules::Error>(StaffTask { store: "toko-1", minutes: Count::new(minutes)? });
///
/// let tasks = [task(15)?, task(15)?, task(30)?, task(30)?];
/// let assigned = assign(&tasks, &staff, &[], &"2025-03-01T09:00:00+07:00".parse()?)?;
/// assert_eq!(assigned, [Ok(0), Ok(1), Ok(0), Err(Unassigned::NobodyFree)]);
///
/// let earlier = [EarlierTask { staff: "ani", minutes: Count::ZERO }];
/// let assigned = assign(&tasks[..1], &staff, &earlier, &"2025-03-01T09:00:00+07:00".parse()?)?;
/// assert_eq!(assigned, [Ok(1)]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` at `staff[…].to` for a shift that does not end after it begins.
pub fn assign(tasks: &[StaffTask<'_>], staff: &[Shift<'_>], earlier: &[EarlierTask<'_>], at: &CivilTime) -> Result<Vec<Assignment>, Error> {
    let mut before: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    for EarlierTask { staff, minutes } in earlier {
        let (tasks, sum) = before.entry(staff).or_default();
        (*tasks, *sum) = (tasks.wrapping_add(1), sum.saturating_add(minutes.get()));
    }
    let mut on_shift: BTreeMap<&str, Vec<Person<'_>>> = BTreeMap::new();
    for (place, shift) in staff.iter().enumerate() {
        if shift.to.nanos_since(&shift.from) <= 0 {
            return Err(Fault::ToNotAfterFrom.error().at(Field::within("staff", place, "to")));
        }
        if at.nanos_since(&shift.from) >= 0 && shift.to.nanos_since(at) > 0 {
            let (tasks, minutes) = before.get(shift.id).copied().unwrap_or_default();
            // A calendar has fewer minutes than 2⁶³.
            let until_end = i64::try_from(shift.to.nanos_since(at) / NANOS_A_MINUTE).unwrap_or(i64::MAX);
            let free = shift.minutes.map_or(until_end, |free| free.get().min(until_end));
            let person = Person { tasks, id: shift.id, place, minutes_left: free.saturating_sub(minutes) };
            on_shift.entry(shift.store).or_default().push(person);
        }
    }
    let assignment = |task: &StaffTask<'_>| {
        let minutes = task.minutes.get();
        let people = on_shift.get_mut(task.store).ok_or(Unassigned::NobodyOnShift)?;
        let free = people.iter_mut().filter(|person| person.minutes_left >= minutes);
        let person = free.min_by_key(|person| (person.tasks, person.id)).ok_or(Unassigned::NobodyFree)?;
        person.tasks = person.tasks.wrapping_add(1);
        person.minutes_left = person.minutes_left.wrapping_sub(minutes);
        Ok(person.place)
    };
    Ok(tasks.iter().map(assignment).collect())
}

/// Somebody on shift.
struct Person<'a> {
    tasks: u64,
    id: &'a str,
    place: usize,
    /// Free, and before the end of the shift.
    minutes_left: i64,
}
