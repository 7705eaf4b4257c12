use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::once::Once;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Rupiah};

/// The payments of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid<'a> {
    /// The channel.
    pub channel: &'a str,
    /// Each payment by kind, in rupiah; negative for what was given back.
    pub payments: Vec<(&'a str, Rupiah)>,
}

/// What a till counted of a kind of payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TillCount<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The kind of payment.
    pub kind: &'a str,
    /// What it counted, in rupiah.
    pub amount: Rupiah,
    /// How many payments, if it says so.
    pub count: Option<Count>,
}

/// A channel's payments of a kind, by till and by record. Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconciledLine<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The kind of payment.
    pub kind: &'a str,
    /// What the till counted; `None` if it says nothing.
    pub till: Option<Rupiah>,
    /// What the record says.
    pub record: Rupiah,
    /// Till − record.
    pub difference: Rupiah,
    /// The till's payments, if it counted them.
    pub till_count: Option<Count>,
    /// The record's payments.
    pub record_count: Count,
}

/// The tills held against the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled<'a> {
    /// Every channel and kind of either side, sorted.
    pub lines: Vec<ReconciledLine<'a>>,
    /// Ids that came more than once, wholly equal, sorted; each counts once.
    pub duplicates: Vec<&'a str>,
    /// Ids that came with different content, sorted; the first in the list counts.
    pub contradictions: Vec<&'a str>,
}

impl Reconciled<'_> {
    /// Whether every difference is zero and every count that a till gave is the record's.
    pub fn agrees(&self) -> bool {
        let agrees =
            |line: &ReconciledLine<'_>| line.difference.is_zero() && line.till_count.is_none_or(|count| count == line.record_count);
        self.lines.iter().all(agrees)
    }
}

/// Holds what the tills counted against the record (OR-5): of each channel and kind of payment the sum of the events, each
/// of which counts once.
///
/// ```
/// use loyalty_network::{Paid, TillCount, reconcile};
/// use loyalty_rules::quantity::Rupiah;
///
/// let rupiah = |amount| Rupiah::new(amount).unwrap();
/// let cash = |amount| Paid { channel: "till", payments: vec![("cash", rupiah(amount))] };
/// let events = [("e1", cash(50_000)), ("e2", cash(-5_000)), ("e1", cash(50_000))];
/// let tills = [TillCount { channel: "till", kind: "cash", amount: rupiah(44_000), count: None }];
/// let reconciled = reconcile(&events, &tills)?;
/// assert_eq!((reconciled.lines[0].record.get(), reconciled.lines[0].difference.get()), (45_000, -1_000));
/// assert!(!reconciled.agrees());
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a till's line that stands twice, `out_of_range` if a sum leaves the domain.
pub fn reconcile<'a>(events: &[(&'a str, Paid<'a>)], tills: &[TillCount<'a>]) -> Result<Reconciled<'a>, Error> {
    let events = events.iter().map(|(id, paid)| (*id, paid));
    let Once { kept, duplicates, contradictions } = Once::of(events, |one, other| one == other, |_| ());
    let mut sums = BTreeMap::<_, (i128, i128, Option<TillCount<'_>>)>::new();
    for (channel, kind, amount) in kept.values().flat_map(|paid| paid.payments.iter().map(|(kind, amount)| (paid.channel, *kind, amount))) {
        let (sum, count, _) = sums.entry((channel, kind)).or_default();
        // A list in memory is shorter than 2⁶⁰, so its sums stay below 2¹¹³.
        (*sum, *count) = (sum.wrapping_add(amount.get().into()), count.wrapping_add(1));
    }
    for (index, till) in tills.iter().enumerate() {
        let (_, _, said) = sums.entry((till.channel, till.kind)).or_default();
        if said.replace(*till).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::within("tills", index, "kind")));
        }
    }
    let line = |((channel, kind), (sum, count, till)): ((_, _), (_, _, Option<TillCount<'_>>))| {
        let record = Rupiah::from_result(i64::try_from(sum).ok())?;
        let counted = till.map(|till| till.amount);
        Ok(ReconciledLine {
            channel,
            kind,
            till: counted,
            record,
            difference: counted.unwrap_or_default().checked_sub(record)?,
            till_count: till.and_then(|till| till.count),
            record_count: Count::from_result(count)?,
        })
    };
    let lines = sums.into_iter().map(line).collect::<Result<_, Error>>()?;
    Ok(Reconciled { lines, duplicates, contradictions })
}
