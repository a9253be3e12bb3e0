//! Programs that a test needs.

use std::env;

use test_hosts::left_out;

/// Returns the program. Where it cannot be had, reports that the test is left out; in CI that is a
/// failure.
pub(super) fn or_left_out<T>(program: Result<T, &String>, what: &str) -> Option<T> {
    match program {
        Ok(program) => Some(program),
        Err(why) => {
            let ci = env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "no {what}: {why}");
            left_out(&format!("there is no {what}: {why}"));
            None
        }
    }
}
