//! The servers that are measured: the component, and two to compare it with.

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

/// A server that stores something on each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Subject {
    /// A component that does one durable `set` and nothing else.
    Floor,
    /// The component.
    Component,
    /// A native server with the same route.
    Native,
}

impl Subject {
    /// All servers.
    pub(super) const ALL: [Self; 3] = [Self::Floor, Self::Component, Self::Native];

    /// Returns the command that serves it; `options` are for the host.
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

    /// Returns the manifest of a component, which runs on the host.
    fn manifest(self) -> Option<PathBuf> {
        match self {
            Self::Floor => Some(project::floor_manifest()),
            Self::Component => Some(project::manifest()),
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
