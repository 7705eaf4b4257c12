//! The events of all channels in one order.

use crate::Position;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use loyalty_rules::api::wire::{AsWritten, Positive, Refusal, answer, operations, record};
use loyalty_rules::quantity::Count;

operations! {
    "record.merge" ["OR-2 OR-3"] "The events of all channels in one order, and what is missing or doubtful.": merge, MergeRequest => MergeAnswer;
}

record! {
    /// The events of all channels.
    pub struct MergeRequest {
        /// The events, in any order.
        events: Vec<SequencedEvent>,
        /// The first expected number of each channel; 1 of the others.
        first: BTreeMap<String, Positive> = BTreeMap::new(),
        /// The last position of an earlier merge.
        after: Option<PositionFields>,
    }
}

record! {
    /// An event and where it stands.
    pub struct SequencedEvent {
        [flat] position: PositionFields,
        /// The unique id.
        id: String,
    }
}

record! {
    /// Where an event stands.
    pub struct PositionFields {
        /// The channel.
        channel: String,
        /// Its number in the channel, 1 or more.
        sequence: Positive,
        /// When it happened.
        time: AsWritten,
    }
}

answer! {
    /// One record.
    pub struct MergeAnswer {
        /// The ids by instant, channel, number and id.
        order: Vec<String>,
        /// Ids that came more than once, wholly equal, sorted.
        duplicates: Vec<String>,
        /// Different events with one number, by channel and number.
        conflicts: Vec<SequenceConflictAnswer>,
        /// Ids that came with different content, sorted; they are not ordered.
        contradictions: Vec<String>,
        /// Numbers that are missing, by channel.
        gaps: Vec<GapAnswer>,
        /// Numbers whose time is earlier than that of the next lower one that came, by channel.
        backwards: Vec<BackwardsAnswer>,
        /// Ids that do not come after the earlier merge, in order.
        late: Vec<String>,
        /// Ids whose number is below the first expected, sorted.
        before_first: Vec<String>,
    }
}

answer! {
    /// Different events with one number.
    pub struct SequenceConflictAnswer {
        /// The channel.
        channel: String,
        /// The number.
        sequence: Count,
        /// Their ids, sorted.
        ids: Vec<String>,
    }
}

answer! {
    /// Missing numbers.
    pub struct GapAnswer {
        /// The channel.
        channel: String,
        /// The first.
        from: Count,
        /// The last.
        to: Count,
    }
}

answer! {
    /// A number whose time runs backwards.
    pub struct BackwardsAnswer {
        /// The channel.
        channel: String,
        /// The number.
        sequence: Count,
    }
}

pub(super) fn texts(ids: Vec<&str>) -> Vec<String> {
    ids.into_iter().map(String::from).collect()
}

impl PositionFields {
    pub(super) fn position(&self) -> Position<'_> {
        Position { time: self.time.0, channel: &self.channel, sequence: self.sequence.0 }
    }
}

fn merge(request: &MergeRequest) -> Result<MergeAnswer, Refusal> {
    let events: Vec<_> = request.events.iter().map(|event| (event.id.as_str(), event.position.position())).collect();
    let first = request.first.iter().map(|(channel, first)| (channel.as_str(), first.0)).collect();
    let after = request.after.as_ref().map(PositionFields::position);
    let merged = crate::merge(&events, &first, after.as_ref())?;
    let conflict = |conflict: crate::SequenceConflict<'_>| SequenceConflictAnswer {
        channel: conflict.channel.to_string(),
        sequence: conflict.sequence,
        ids: texts(conflict.ids),
    };
    let gap = |gap: crate::Gap<'_>| GapAnswer { channel: gap.channel.to_string(), from: gap.from, to: gap.to };
    Ok(MergeAnswer {
        order: texts(merged.order),
        duplicates: texts(merged.duplicates),
        conflicts: merged.conflicts.into_iter().map(conflict).collect(),
        contradictions: texts(merged.contradictions),
        gaps: merged.gaps.into_iter().map(gap).collect(),
        backwards: merged.backwards.into_iter().map(|(channel, sequence)| BackwardsAnswer { channel: channel.into(), sequence }).collect(),
        late: texts(merged.late),
        before_first: texts(merged.before_first),
    })
}
