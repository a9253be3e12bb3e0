//! Programs that a test needs.

use std::env;

/// Returns the program; none where it cannot be had: the test is then left out, and says why. In
/// CI that is a failure.
pub(super) fn or_left_out<T>(program: Result<T, &String>, what: &str) -> Option<T> {
    match program {
        Ok(program) => Some(program),
        Err(why) => {
            let ci = env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "no {what}: {why}");
            eprintln!("left out, since there is no {what}: {why}");
            None
        }
    }
}
