//! What serves the component: Spin, or the project's local host.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::semver::Version;
use clap::ValueEnum;

use crate::{process, programs, project};

const LOCAL_HOST: &str = "local-host";
/// What is said where Spin is missing.
const NO_SPIN: &str = "there is no spin on PATH; https://spinframework.dev/install has it";
/// The first Spin that serves WASI 0.3 components.
const OLDEST_SPIN: (u64, u64) = (4, 1);
/// A store of the type `spin` without a path lives in memory.
const MEMORY_CONFIG: &str = "[key_value_store.default]\ntype = \"spin\"\n";

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostChoice {
    /// Spin where it is new enough, else the local host
    Auto,
    /// Spin
    Spin,
    /// The local host
    Local,
}

/// A host that is on this machine.
pub(crate) enum Host {
    /// A Spin that is new enough.
    Spin { program: PathBuf, version: Version },
    /// The local host, built or not yet.
    Local { program: Option<PathBuf> },
}

impl Host {
    /// Settles what to serve with, before anything is built.
    pub(crate) fn choose(choice: HostChoice) -> Result<Self> {
        let local = Self::Local { program: None };
        match choice {
            HostChoice::Local => Ok(local),
            HostChoice::Spin => spin(),
            HostChoice::Auto => Ok(spin().unwrap_or(local)),
        }
    }

    /// Builds it where it is the project's own.
    pub(crate) fn ready(self) -> Result<Self> {
        Ok(match self {
            Self::Local { .. } => Self::Local {
                // With the whole workspace selected its dependencies have the features
                // that the tests need too, and so are built once for both.
                program: Some(programs::build(&["--workspace"], LOCAL_HOST)?),
            },
            spin @ Self::Spin { .. } => spin,
        })
    }

    /// Whether it is the project's own, which counts what components ask of it.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Local { .. })
    }

    /// The command that serves until it is told to stop.
    pub(crate) fn command(
        &self,
        manifest: &Path,
        listen: SocketAddr,
        state: &Path,
        memory: bool,
    ) -> Result<Command> {
        let mut command = match self {
            Self::Spin { program, .. } => {
                let mut command = Command::new(program);
                command.args(["up", "--from"]).arg(manifest);
                if memory {
                    let config = project::target().join("memory.toml");
                    std::fs::write(&config, MEMORY_CONFIG)?;
                    command.arg("--runtime-config-file").arg(config);
                }
                command
            }
            Self::Local { program } => {
                let program = program.as_ref().context("the local host is not built")?;
                let mut command = Command::new(program);
                command.arg("--manifest").arg(manifest);
                if memory {
                    command.arg("--memory");
                }
                command
            }
        };
        command.args(["--listen", &listen.to_string()]);
        command.arg("--state-dir").arg(state);
        command.current_dir(project::root()).stdin(Stdio::null());
        Ok(command)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spin { version, .. } => write!(f, "Spin {version}"),
            Self::Local { .. } => f.write_str("the local host"),
        }
    }
}

/// The Spin on `PATH`, if it is new enough.
pub(crate) fn spin() -> Result<Host> {
    let program = which::which("spin").context(NO_SPIN)?;
    let said = process::output(Command::new(&program).arg("--version"))?;
    let version = said
        .split_whitespace()
        .find_map(|word| Version::parse(word).ok());
    let version = version.with_context(|| format!("`spin --version` says {said:?}"))?;
    if (version.major, version.minor) < OLDEST_SPIN {
        let (major, minor) = OLDEST_SPIN;
        bail!("the project needs Spin {major}.{minor} or later, this one is {version}");
    }
    Ok(Host::Spin { program, version })
}
