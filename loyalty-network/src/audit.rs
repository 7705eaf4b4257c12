use alloc::vec::Vec;
use core::cmp::Reverse;

use loyalty_rules::quantity::{Count, Rate};
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// Where a row falls short of its target.
    pub enum AuditShort {
        /// It takes longer.
        Time = "time",
        /// Less is completed.
        Completion = "completion",
        /// Less has its evidence.
        Evidence = "evidence",
    }
}

/// What is audited: a target, or what was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Handling time in minutes.
    pub minutes: Count,
    /// The share completed.
    pub completion: Rate,
    /// The share with complete evidence.
    pub evidence: Rate,
}

/// How far a row is off its target; above zero it falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditGaps {
    /// Minutes reached − wanted.
    pub minutes: i64,
    /// Basis points completed, wanted − reached.
    pub completion_bp: i32,
    /// Basis points with evidence, wanted − reached.
    pub evidence_bp: i32,
}

impl AuditGaps {
    /// Where the row falls short, in the order of [`AuditShort::ALL`].
    pub fn short(&self) -> impl Iterator<Item = AuditShort> {
        let gaps = [
            (self.minutes > 0, AuditShort::Time),
            (self.completion_bp > 0, AuditShort::Completion),
            (self.evidence_bp > 0, AuditShort::Evidence),
        ];
        gaps.into_iter().filter_map(|(holds, short)| holds.then_some(short))
    }
}

/// The gaps of rows given by id, each by its place in the list: who falls short most often first, then by the larger of
/// the two gaps in basis points, by minutes, all falling, then by id (CD-5).
///
/// ```
/// use loyalty_network::{AuditRow, AuditShort, audit};
/// use loyalty_rules::quantity::{Count, Rate};
///
/// let row = |minutes, completion, evidence| {
///     let (completion, evidence) = (Rate::from_bp(completion)?, Rate::from_bp(evidence)?);
///     Ok::<_, loyalty_rules::Error>(AuditRow { minutes: Count::new(minutes)?, completion, evidence })
/// };
/// let target = row(60, 9_500, 9_000)?;
/// let rows = audit(&target, &[("east", row(50, 9_000, 9_500)?), ("west", row(75, 9_400, 9_000)?)]);
/// let [(1, west), (0, east)] = rows[..] else { panic!() };
/// assert_eq!(west.short().collect::<Vec<_>>(), [AuditShort::Time, AuditShort::Completion]);
/// assert_eq!((east.minutes, east.completion_bp, east.evidence_bp), (-10, 500, -500));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn audit(target: &AuditRow, rows: &[(&str, AuditRow)]) -> Vec<(usize, AuditGaps)> {
    let missing = |wanted: Rate, reached: Rate| i32::from(wanted.bp()).wrapping_sub(reached.bp().into());
    let gaps = |row: &AuditRow| AuditGaps {
        // Counts are below 2⁵³.
        minutes: row.minutes.get().wrapping_sub(target.minutes.get()),
        completion_bp: missing(target.completion, row.completion),
        evidence_bp: missing(target.evidence, row.evidence),
    };
    let mut judged: Vec<_> = rows.iter().enumerate().map(|(place, (id, row))| (place, *id, gaps(row))).collect();
    sort::by_key(&mut judged, |(_, id, gaps)| {
        (Reverse((gaps.short().count(), gaps.completion_bp.max(gaps.evidence_bp), gaps.minutes)), *id)
    });
    judged.into_iter().map(|(place, _, gaps)| (place, gaps)).collect()
}
