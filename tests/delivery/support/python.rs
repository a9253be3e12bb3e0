//! A Python environment with a real SMTP server in it, under `target/`.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use test_hosts::left_out;

/// The server, at a version that these tests were written with.
const SERVER: &str = "aiosmtpd==1.4.6";

/// The environment's Python; set up once.
///
/// None where it cannot be had: the test is then left out, and says why. In CI that is a failure.
pub(super) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(set_up) {
        Ok(python) => Some(python),
        Err(why) => {
            let ci = env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "no SMTP server: {why}");
            left_out(&format!("there is no SMTP server: {why}"));
            None
        }
    }
}

fn set_up() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let environment = target.join("python").join(SERVER);
    let python = environment.join("bin/python");
    // The last thing that setting up leaves, so that an interrupted one is begun again.
    let ready = environment.join("ready");
    if ready.exists() {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", SERVER]))?;
    std::fs::write(&ready, "").map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ended with {}: {said}", output.status))
}
