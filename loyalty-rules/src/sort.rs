//! Floor 1: one stable sort for every list, so that not each kind of list brings machine code of its own.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// From the least to the greatest.
pub fn ascending<T: Ord>(list: &mut [T]) {
    by(list, T::cmp);
}

/// By what `key` makes of each entry.
pub fn by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    by(list, |one, other| key(one).cmp(&key(other)));
}

/// By a comparison.
pub fn by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let entries = &*list;
    let order = sorted(entries.len(), &|one, other| match (entries.get(one), entries.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    arrange(order, &mut |one, other| list.swap(one, other));
}

/// The places of a list's entries in their order.
#[inline(never)]
fn sorted(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

/// Brings to each place the entry that the order names, cycle by cycle.
#[inline(never)]
fn arrange(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut place = start;
        while let Some(from) = order.get_mut(place).map(|entry| core::mem::replace(entry, place)) {
            if from == start || from == place {
                break;
            }
            swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_sort() {
        let mut state = 7_u32;
        for length in 0..200 {
            let mut next = |below: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) % below
            };
            let list: Vec<(u32, u32)> = (0..length).map(|place| (next(9), place)).collect();
            let (mut ours, mut theirs) = (list.clone(), list);
            by_key(&mut ours, |(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            assert_eq!(ours, theirs);
        }
    }
}
