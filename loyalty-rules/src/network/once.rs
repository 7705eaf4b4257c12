use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// What came from several channels, each id once (OR-2). Ids are sorted, so the order of arrival does not matter.
pub(super) struct Once<'a, T> {
    /// What counts, by id.
    pub(super) kept: BTreeMap<&'a str, T>,
    /// Ids that came again with the same content.
    pub(super) duplicates: Vec<&'a str>,
    /// Ids that came with other content; none of it counts.
    pub(super) contradictions: Vec<&'a str>,
}

impl<'a, T> Once<'a, T> {
    pub(super) fn of(all: impl IntoIterator<Item = (&'a str, T)>, is_same: impl Fn(&T, &T) -> bool) -> Self {
        let mut by_id = BTreeMap::<&str, Vec<T>>::new();
        for (id, content) in all {
            by_id.entry(id).or_default().push(content);
        }
        let mut once = Self { kept: BTreeMap::new(), duplicates: Vec::new(), contradictions: Vec::new() };
        for (id, mut copies) in by_id {
            let Some(first) = copies.pop() else { continue };
            if !copies.iter().all(|copy| is_same(copy, &first)) {
                once.contradictions.push(id);
                continue;
            }
            if !copies.is_empty() {
                once.duplicates.push(id);
            }
            once.kept.insert(id, first);
        }
        once
    }
}
