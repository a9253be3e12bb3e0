//! What is measured: the component, and what it is compared with.

use std::{
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;
use serde::Serialize;

use super::{Storage, fixtures::Fixtures};
use crate::project;

/// A server that stores something for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Subject {
    /// A component that does one durable `set` and nothing else.
    Floor,
    /// The component.
    Component,
    /// The same route as a native server.
    Native,
}

impl Subject {
    /// Each of them.
    pub(super) const ALL: [Self; 3] = [Self::Floor, Self::Component, Self::Native];

    /// The command that serves it; `options` are the host's.
    pub(super) fn command(
        self,
        fixtures: &Fixtures,
        listen: SocketAddr,
        storage: Storage,
        state: &Path,
        options: &[OsString],
    ) -> Result<Command> {
        let mut command = match self.manifest() {
            Some(manifest) => {
                let memory = storage == Storage::Memory;
                let mut command = fixtures.host.command(&manifest, listen, state, memory)?;
                command.arg("--quiet").args(options);
                command
            }
            None => {
                let mut command = Command::new(&fixtures.native);
                command.args(["--listen", &listen.to_string()]);
                if storage == Storage::Disk {
                    command.arg("--state-dir").arg(state);
                }
                command.stdin(Stdio::null());
                command
            }
        };
        command.envs(fixtures.environment.clone());
        Ok(command)
    }

    /// The manifest of what runs on the host.
    fn manifest(self) -> Option<PathBuf> {
        match self {
            Self::Floor => Some(project::root().join("tools/bench/floor/spin.toml")),
            Self::Component => Some(project::root().join("spin.toml")),
            Self::Native => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Floor => "floor",
            Self::Component => "component",
            Self::Native => "native",
        })
    }
}
