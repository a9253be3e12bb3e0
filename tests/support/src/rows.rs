//! Tables of expectations.

use std::fmt::Debug;

/// Compares `(name, got, expected)` rows all at once, so that a failure names every row that
/// differs.
#[track_caller]
pub fn assert_rows<N, T>(rows: impl IntoIterator<Item = (N, T, T)>)
where
    N: AsRef<str>,
    T: Debug + PartialEq,
{
    let mut count = 0;
    let differing: Vec<String> = rows
        .into_iter()
        .inspect(|_| count += 1)
        .filter(|(_, got, expected)| got != expected)
        .map(|(name, got, expected)| {
            // A name that contains a request's body can be very long.
            let name = name.as_ref();
            format!("  {name:.200}\n       got {got:?}\n  expected {expected:?}")
        })
        .collect();
    assert!(count > 0, "the table is empty");
    assert!(
        differing.is_empty(),
        "{} of {count} rows differ:\n{}",
        differing.len(),
        differing.join("\n")
    );
}
