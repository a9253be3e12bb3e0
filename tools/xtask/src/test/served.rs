//! Serves the application for a step: on the local host, at a free port, with its state in memory
//! and the development keys.

use std::{
    io::{BufRead as _, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result};
use test_issuer::{Algorithm, Issuers};

use crate::{
    development::{self, ORG, SCOPE},
    programs::{self, LOCAL_HOST},
    project,
    up::serving::stop_with_parent,
};

/// A running host. Dropping it ends it.
pub(super) struct Served {
    child: Child,
    pub(super) url: String,
    /// Credentials for the client under test, as environment variables.
    pub(super) credentials: Vec<(&'static str, String)>,
    /// Held open: the host would end at its next line if nothing could read it.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Served {
    /// Starts the host, which serves when this returns.
    pub(super) fn start() -> Result<Self> {
        let issuers = development::issuers()?;
        let program = programs::build_with_lints(LOCAL_HOST)?;
        let mut command = Command::new(program);
        command
            .arg("--manifest")
            .arg(project::root().join("spin.toml"))
            .args(["--listen", "127.0.0.1:0", "--memory", "--quiet"])
            .envs(development::environment(&issuers)?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        stop_with_parent(&mut command);
        let mut child = command.spawn().context("starting the local host")?;
        let stdout = child.stdout.take().context("the local host's output")?;
        let mut output = BufReader::new(stdout).lines();
        let url = loop {
            let line = output.next().context("the local host ended too soon")??;
            if let Some(url) = line.strip_prefix("Serving ") {
                break url.to_owned();
            }
        };
        Ok(Self {
            child,
            url,
            credentials: credentials(&issuers)?,
            _output: output,
        })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Fails if the host has ended.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn credentials(issuers: &Issuers) -> Result<Vec<(&'static str, String)>> {
    let Issuers { bearer, platform } = issuers;
    let claims = bearer.claims().scope(SCOPE).org(ORG);
    Ok(vec![
        ("BEARER_TOKEN", bearer.key(Algorithm::Es256).token(&claims)?),
        (
            "PLATFORM_TOKEN",
            platform.key(Algorithm::Es256).token(&platform.claims())?,
        ),
        ("TRIGGER_KEY", development::trigger_key()?),
    ])
}
