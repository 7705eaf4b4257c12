use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// What came from several channels, each id once (OR-2): what comes again, with the same content or another, leaves the
/// first standing. Ids are sorted.
pub(super) struct Once<'a, T> {
    /// What counts, by id.
    pub(super) kept: BTreeMap<&'a str, T>,
    /// Ids that came again with the same content.
    pub(super) duplicates: Vec<&'a str>,
    /// Ids that came again with other content.
    pub(super) contradictions: Vec<&'a str>,
}

impl<'a, T> Once<'a, T> {
    /// The first of an id is the lowest by `place`, and of equally low ones that which is listed first.
    pub(super) fn of<O: Ord>(
        all: impl IntoIterator<Item = (&'a str, T)>,
        is_same: impl Fn(&T, &T) -> bool,
        place: impl Fn(&T) -> O,
    ) -> Self {
        let mut by_id = BTreeMap::<&str, Vec<T>>::new();
        for (id, content) in all {
            by_id.entry(id).or_default().push(content);
        }
        let mut once = Self { kept: BTreeMap::new(), duplicates: Vec::new(), contradictions: Vec::new() };
        for (id, copies) in by_id {
            let came = copies.len();
            let agree = copies.iter().zip(copies.iter().skip(1)).all(|(one, next)| is_same(one, next));
            let Some(first) = copies.into_iter().min_by_key(&place) else { continue };
            if !agree {
                once.contradictions.push(id);
            } else if came > 1 {
                once.duplicates.push(id);
            }
            once.kept.insert(id, first);
        }
        once
    }
}
