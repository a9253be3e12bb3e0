//! Tables of cases.

use std::fmt::Debug;

/// Compares a whole table at once, so that a failure names every row that differs.
#[track_caller]
pub(crate) fn assert_rows<N, T>(rows: impl IntoIterator<Item = (N, T, T)>)
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
            let name = shortened(name.as_ref());
            format!("  {name}\n       got {got:?}\n  expected {expected:?}")
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

/// Names that are made of a request's body can be very long.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 200;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
