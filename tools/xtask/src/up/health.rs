//! Waits until the server answers.

use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::serving::Serving;
use crate::progress::Progress;

/// Allows for a first start, which compiles the component, on a busy machine.
const LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(100);

/// Waits until `/health` succeeds. Returns the exit code of a host that ends before, which has
/// printed the reason itself.
pub(super) fn wait(serving: &mut Serving, base_url: &str) -> Result<Option<ExitCode>> {
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .build(),
    );
    let url = format!("{base_url}/health");
    let step = Progress::start(format!("Waiting for {url}"));
    let started = Instant::now();
    loop {
        if let Some(code) = serving.ended()? {
            return Ok(Some(code));
        }
        let answer = agent.get(&url).call();
        match answer {
            Ok(_) => {
                step.done();
                return Ok(None);
            }
            Err(error) if started.elapsed() > LIMIT => {
                serving.stop()?;
                bail!(
                    "{url} did not succeed within {} s: {error}",
                    LIMIT.as_secs()
                );
            }
            Err(error) => step.detail(&error.to_string()),
        }
        thread::sleep(PAUSE);
    }
}
