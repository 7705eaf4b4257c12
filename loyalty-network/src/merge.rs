use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::once::Once;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::Count;
use loyalty_rules::sort;

/// Where an event stands: when, and which of its channel's events it is (OR-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// When it happened.
    pub time: CivilTime,
    /// The channel.
    pub channel: &'a str,
    /// Its number in the channel, 1 or more.
    pub sequence: Count,
}

impl<'a> Position<'a> {
    /// By instant, then channel, then number.
    pub(super) fn order(&self) -> (i128, &'a str, Count) {
        (self.time.instant_nanos(), self.channel, self.sequence)
    }

    pub(super) fn is_written_as(&self, other: &Self) -> bool {
        (self.channel, self.sequence) == (other.channel, other.sequence) && self.time.is_written_as(&other.time)
    }
}

/// Two events or more with one number in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceConflict<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The number.
    pub sequence: Count,
    /// Their ids, sorted.
    pub ids: Vec<&'a str>,
}

/// Numbers of a channel that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The first that is missing.
    pub from: Count,
    /// The last.
    pub to: Count,
}

/// The events of all channels as one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged<'a> {
    /// The ids by instant, channel, number and id, each once.
    pub order: Vec<&'a str>,
    /// Ids that came more than once, wholly equal, sorted.
    pub duplicates: Vec<&'a str>,
    /// Different events with one number, by channel and number; all of them stand in the order.
    pub conflicts: Vec<SequenceConflict<'a>>,
    /// Ids that came with different content, sorted; the first of them stands in the order.
    pub contradictions: Vec<&'a str>,
    /// Numbers between the first expected and the highest that are missing, by channel.
    pub gaps: Vec<Gap<'a>>,
    /// Numbers whose time is earlier than that of the next lower one that came, by channel.
    pub backwards: Vec<(&'a str, Count)>,
    /// Ids that do not come after an earlier merge, in order.
    pub late: Vec<&'a str>,
    /// Ids whose number is below the first expected, sorted.
    pub before_first: Vec<&'a str>,
}

/// Puts the events of all channels in one order and tells what is missing or doubtful (OR-2, OR-3). The answer does not
/// depend on the order in which they come. `first` holds the first expected number of a channel, 1 of others; `after` is
/// the last position of an earlier merge.
///
/// ```
/// use std::collections::BTreeMap;
/// use loyalty_network::{Position, merge};
/// use loyalty_rules::quantity::Count;
///
/// let at = |time: &str, channel, sequence| Position { time: time.parse().unwrap(), channel, sequence: Count::new(sequence).unwrap() };
/// let events = [
///     ("w2", at("2025-03-01T10:00:05+07:00", "web", 2)),
///     ("t3", at("2025-03-01T10:00:03+07:00", "till", 3)),
///     ("t1", at("2025-03-01T10:00:01+07:00", "till", 1)),
///     ("t1", at("2025-03-01T10:00:01+07:00", "till", 1)),
/// ];
/// let merged = merge(&events, &BTreeMap::from([("web", Count::new(2)?)]), None)?;
/// assert_eq!(merged.order, ["t1", "t3", "w2"]);
/// assert_eq!(merged.duplicates, ["t1"]);
/// assert_eq!((merged.gaps[0].channel, merged.gaps[0].from.get(), merged.gaps[0].to.get()), ("till", 2, 2));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a number of zero.
pub fn merge<'a>(
    events: &[(&'a str, Position<'a>)],
    first: &BTreeMap<&'a str, Count>,
    after: Option<&Position<'a>>,
) -> Result<Merged<'a>, Error> {
    if let Some(index) = events.iter().position(|(_, position)| position.sequence == Count::ZERO) {
        return Err(Fault::BelowOne.error().at(Field::within("events", index, "sequence")));
    }
    let Once { kept, duplicates, contradictions } = Once::of(events.iter().copied(), Position::is_written_as, Position::order);
    let mut ordered: Vec<_> = kept.into_iter().collect();
    // They stand in the order of their ids already, which a stable sort keeps.
    sort::by_key(&mut ordered, |(_, position)| position.order());
    let mut channels = BTreeMap::<&str, BTreeMap<Count, Vec<(&str, Position<'_>)>>>::new();
    for (id, position) in &ordered {
        channels.entry(position.channel).or_default().entry(position.sequence).or_default().push((id, *position));
    }
    let first_of = |channel: &str| first.get(channel).map_or(1, |first| first.get());
    let (mut conflicts, mut gaps, mut backwards, mut before_first) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    for (channel, numbered) in channels {
        let mut expected = first_of(channel);
        let mut latest = None;
        for (sequence, same) in numbered {
            // The events of a number stand in the order of time.
            let time = |found: Option<&(&str, Position<'_>)>| found.map(|(_, position)| position.time.instant_nanos());
            if time(same.first()) < latest {
                backwards.push((channel, sequence));
            }
            latest = time(same.last());
            let mut ids: Vec<&str> = same.into_iter().map(|(id, _)| id).collect();
            if sequence.get() < expected {
                before_first.extend(ids.iter().copied());
            } else {
                if sequence.get() > expected {
                    gaps.push(Gap { channel, from: Count::new(expected)?, to: Count::new(sequence.get().wrapping_sub(1))? });
                }
                expected = sequence.get().wrapping_add(1);
            }
            if ids.len() > 1 {
                sort::ascending(&mut ids);
                conflicts.push(SequenceConflict { channel, sequence, ids });
            }
        }
    }
    let is_late = |(_, position): &&(&str, Position<'_>)| after.is_some_and(|after| position.order() <= after.order());
    Ok(Merged {
        duplicates,
        conflicts,
        contradictions,
        gaps,
        backwards,
        late: ordered.iter().filter(is_late).map(|(id, _)| *id).collect(),
        before_first: before_first.into_iter().collect(),
        order: ordered.into_iter().map(|(id, _)| id).collect(),
    })
}
