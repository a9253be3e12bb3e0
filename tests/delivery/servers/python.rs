//! The Python environment of the SMTP server, which `cargo xtask test` installs from
//! `requirements.txt`.

use std::path::{Path, PathBuf};

use super::or_left_out;

/// Returns the environment's Python. Without one, the test is left out.
pub(super) fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let environment = target.join("python/delivery");
    // Written last, so that an unfinished environment is not used.
    let python = if environment.join("installed.txt").exists() {
        Ok(environment.join("bin/python"))
    } else {
        Err("`cargo xtask test` installs it".to_owned())
    };
    or_left_out(python.as_ref(), "SMTP server").clone()
}
