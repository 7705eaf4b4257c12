use loyalty_rules::words;

words! {
    /// What an event is (OR-1).
    pub enum EventType {
        /// Goods are sold.
        Sale = "loyalty.sale",
        /// Goods of a sale come back.
        Return = "loyalty.return",
        /// Goods of a sale come back for others.
        Exchange = "loyalty.exchange",
    }
}

words! {
    /// What becomes of an event (OR-2), in the order in which it is asked.
    pub enum RecordReason {
        /// It was recorded before.
        Duplicate = "duplicate",
        /// Another event of its key was recorded before.
        Conflict = "conflict",
        /// A code means no product.
        UnknownCode = "unknown_code",
        /// Too little is there.
        Oversold = "oversold",
        /// It is recorded.
        Recorded = "recorded",
    }
}

/// An event as the host stored it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownEvent<'a> {
    /// Its source.
    pub source: &'a str,
    /// Its id, which its source gives once.
    pub id: &'a str,
    /// Its hash.
    pub hash: [u8; 32],
    /// What was answered.
    pub result: &'a str,
}

/// Whether an event of this key came before, and what was answered then (OR-2): a duplicate if it has the same hash, else a
/// conflict.
///
/// ```
/// use loyalty_network::{KnownEvent, RecordReason, known_event};
///
/// let known = [KnownEvent { source: "/till/1", id: "e1", hash: [7; 32], result: "r1" }];
/// assert_eq!(known_event(&known, "/till/1", "e1", &[7; 32]), Some((RecordReason::Duplicate, "r1")));
/// assert_eq!(known_event(&known, "/till/1", "e1", &[8; 32]), Some((RecordReason::Conflict, "r1")));
/// assert_eq!(known_event(&known, "/till/2", "e1", &[7; 32]), None);
/// ```
pub fn known_event<'a>(known: &[KnownEvent<'a>], source: &str, id: &str, hash: &[u8; 32]) -> Option<(RecordReason, &'a str)> {
    let mut of_key = known.iter().filter(|known| (known.source, known.id) == (source, id));
    let first = of_key.clone().next()?;
    let same = of_key.find(|known| known.hash == *hash);
    Some(same.map_or((RecordReason::Conflict, first.result), |same| (RecordReason::Duplicate, same.result)))
}
