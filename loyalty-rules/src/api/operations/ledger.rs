//! The points ledger.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::operations;
use crate::api::json::{Json, Node};
use crate::api::wire::{Defs, Describe, EntryWord, Path, Read, Refusal, Write, answer, record};
use crate::calendar::CivilTime;
use crate::error::Fault;
use crate::ledger::{Account, Applied, Entry, EntryKind, EntryRefusal};
use crate::quantity::Points;

operations! {
    "ledger.fold" ["LG-1 LG-2 LG-3 LG-4 LG-5 LG-6 LG-7"] "The points of an account, from its entries in any order.": fold, FoldRequest => Folded;
}

record! {
    /// The entries of one account.
    pub struct FoldRequest {
        /// The entries, in any order of arrival.
        entries: Vec<Written>,
        /// The instant at which the balance is asked for; it does not cut off entries.
        as_of: CivilTime,
        /// Whether a reversal forgives what was spent already, instead of making it a debt.
        forgive_debt: bool = false,
    }
}

record! {
    /// An entry.
    pub struct EntryFields {
        /// The unique id.
        id: String,
        /// The account.
        account: String,
        /// The shop.
        shop: String,
        /// When it happened.
        time: CivilTime,
        /// What happened.
        kind: EntryWord,
        /// Thousandths of a point; of all kinds but expire, negative only for adjust.
        points_milli: Option<Points>,
        /// From when the lot can no longer be spent; of earn only, never without.
        expires: Option<CivilTime>,
        /// The earning's id; of reverse and expire only.
        of: Option<String>,
    }
}

/// An entry as it is meant, and as it was written: content is compared field by field as written (LG-2).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    entry: EntryFields,
    node: Node,
}

impl Read for Written {
    fn read(node: &Node, path: &Path<'_>) -> Result<Self, Refusal> {
        let entry = EntryFields::read(node, path)?;
        entry.check(node, path)?;
        let mut node = node.clone();
        if let Node::Object(fields) = &mut node {
            fields.retain(|(_, value)| *value != Node::Null);
            fields.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        }
        Ok(Self { entry, node })
    }
}

impl Write for Written {
    fn write(&self, json: &mut Json) {
        self.entry.write(json);
    }
}

impl Describe for Written {
    fn schema(defs: &mut Defs) -> String {
        EntryFields::schema(defs)
    }
}

answer! {
    /// A folded account.
    pub struct Folded {
        /// What can be spent at `as_of`, in thousandths of a point.
        balance_milli: Points,
        /// What the next earnings pay, in thousandths of a point, 0 or more.
        debt_milli: Points,
        /// The lots with points left in spending order, expired ones included.
        lots: Vec<LotLeft>,
        /// Refused entries, in the order of the fold.
        refused: Vec<RefusedEntry>,
        /// Ids that came again with the same content, sorted.
        duplicates: Vec<String>,
        /// Ids that came again with other content, sorted; the first received stands.
        conflicts: Vec<String>,
    }
}

answer! {
    /// A lot with points left.
    pub struct LotLeft {
        /// The id of the entry that made it.
        id: String,
        /// Thousandths of a point.
        points_milli: Points,
        /// From when it can no longer be spent; null for never.
        expires: Option<String>,
    }
}

answer! {
    /// A refused entry.
    pub struct RefusedEntry {
        /// Its id.
        id: String,
        /// Why.
        reason: EntryRefusal,
        /// What is missing, in thousandths of a point; 0 unless insufficient.
        missing_milli: Points,
    }
}

impl EntryFields {
    /// Refuses a field that the kind does not have, even as `null`, a missing one, and points below zero.
    fn check(&self, node: &Node, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let (has_points, has_expires, has_of) = match self.kind {
            EntryWord::Earn => (true, true, false),
            EntryWord::Redeem | EntryWord::Adjust => (true, false, false),
            EntryWord::Reverse => (true, false, true),
            EntryWord::Expire => (false, false, true),
        };
        let is_written = |field: &str| matches!(node, Node::Object(fields) if fields.iter().any(|(key, _)| key == field));
        for (field, has) in [("points_milli", has_points), ("expires", has_expires), ("of", has_of)] {
            if !has && is_written(field) {
                return refuse(Fault::Unknown, field);
            }
        }
        match self.points_milli {
            None if has_points => return refuse(Fault::Missing, "points_milli"),
            Some(points) if points < Points::ZERO && self.kind != EntryWord::Adjust => return refuse(Fault::Negative, "points_milli"),
            _ => {}
        }
        if has_of && self.of.is_none() { refuse(Fault::Missing, "of") } else { Ok(()) }
    }

    fn kind(&self) -> EntryKind<'_> {
        let points = self.points_milli.unwrap_or_default();
        let of = self.of.as_deref().unwrap_or_default();
        match self.kind {
            EntryWord::Earn => EntryKind::Earn { points, expires: self.expires },
            EntryWord::Redeem => EntryKind::Redeem { points },
            EntryWord::Reverse => EntryKind::Reverse { of, points },
            EntryWord::Expire => EntryKind::Expire { of },
            EntryWord::Adjust => EntryKind::Adjust { points },
        }
    }
}

fn fold(request: &FoldRequest) -> Result<Folded, Refusal> {
    let (mut first, mut duplicates, mut conflicts) = (BTreeMap::<&str, &Written>::new(), Vec::new(), Vec::new());
    let account = request.entries.first().map(|written| &written.entry.account);
    for (index, written) in request.entries.iter().enumerate() {
        let id = written.entry.id.as_str();
        if Some(&written.entry.account) != account {
            return Err(Refusal::at(Fault::OneAccount, &Path::Root.key("entries").entry(index).key("account")));
        }
        match first.get(id) {
            None => {
                first.insert(id, written);
            }
            Some(stands) if stands.node == written.node => duplicates.push(written.entry.id.clone()),
            Some(_) => conflicts.push(written.entry.id.clone()),
        }
    }
    duplicates.sort_unstable();
    conflicts.sort_unstable();

    let mut entries: Vec<Entry<'_>> =
        first.values().map(|Written { entry, .. }| Entry { id: &entry.id, time: entry.time, kind: entry.kind() }).collect();
    // They stand in the order of their ids already, which a stable sort keeps.
    entries.sort_by_key(|entry| entry.time.instant_nanos());
    let mut account = Account::default();
    if request.forgive_debt {
        account = account.forgiving_debt();
    }
    let mut refused = Vec::new();
    for entry in &entries {
        if let Applied::Refused(reason, missing) = account.apply(entry)? {
            refused.push(RefusedEntry { id: entry.id.into(), reason, missing_milli: Points::from_milli(missing)? });
        }
    }
    let as_written = |id: &str| first.get(id).and_then(|written| written.expires_text());
    let lots = account.lots().map(|lot| LotLeft { id: lot.id.into(), points_milli: lot.points, expires: as_written(lot.id) });
    Ok(Folded {
        balance_milli: account.balance(&request.as_of)?,
        debt_milli: account.debt(),
        lots: lots.collect(),
        refused,
        duplicates,
        conflicts,
    })
}

impl Written {
    /// The expiry as it was written.
    fn expires_text(&self) -> Option<String> {
        let Node::Object(fields) = &self.node else { return None };
        fields.iter().find(|(key, _)| key == "expires").and_then(|(_, value)| match value {
            Node::Text(text) => Some(text.clone()),
            _ => None,
        })
    }
}
