//! Sorting in little code.

use std::collections::BinaryHeap;

/// Sorts values, and removes duplicates.
///
/// `slice::sort_unstable` and collecting into a `BTreeSet` are compiled anew for each type, into much
/// more code (Rust 1.95), which the component has no room for. A heap is enough for the short lists
/// here.
pub(crate) fn sorted<T: Ord>(values: Vec<T>) -> Vec<T> {
    let mut values = BinaryHeap::from(values).into_sorted_vec();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_values_ascend_without_duplicates() {
        assert_eq!(sorted(vec![3, 1, 2, 3, 1]), [1, 2, 3]);
        assert!(sorted(Vec::<u8>::new()).is_empty());
    }
}
