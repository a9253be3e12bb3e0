//! Chooses the program that serves the components: Spin, or the project's local host.

use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::semver::Version;
use clap::ValueEnum;

use crate::{process, programs, project};

/// The reason if Spin is missing.
const NO_SPIN: &str = "there is no spin on PATH; https://spinframework.dev/install has it";
/// The first Spin that serves WASI 0.3 components.
const OLDEST_SPIN: (u64, u64) = (4, 1);
/// A store of the type `spin` without a path lives in memory.
const MEMORY_CONFIG: &str = "[key_value_store.default]\ntype = \"spin\"\n";

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostChoice {
    /// Spin if it is new enough, else the local host
    Auto,
    /// Spin
    Spin,
    /// The local host
    Local,
}

/// A program that serves components.
pub(crate) enum HostProgram {
    /// A Spin that is new enough.
    Spin { program: PathBuf, version: Version },
    /// The local host; its program is absent before it is built.
    Local { program: Option<PathBuf> },
}

impl HostProgram {
    /// Chooses the program, before anything is built.
    pub(crate) fn choose(choice: HostChoice) -> Result<Self> {
        let local = Self::Local { program: None };
        match choice {
            HostChoice::Local => Ok(local),
            HostChoice::Spin => spin(),
            HostChoice::Auto => Ok(spin().unwrap_or(local)),
        }
    }

    /// Builds the program if it is the project's own.
    pub(crate) fn build(self) -> Result<Self> {
        Ok(match self {
            Self::Local { .. } => Self::Local {
                program: Some(programs::build(programs::LOCAL_HOST)?),
            },
            spin @ Self::Spin { .. } => spin,
        })
    }

    /// Returns whether the program is the local host, which counts the calls of components.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Local { .. })
    }

    /// Returns the command that serves until it is told to stop.
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
                    fs::write(&config, MEMORY_CONFIG)?;
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

impl fmt::Display for HostProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spin { version, .. } => write!(f, "Spin {version}"),
            Self::Local { .. } => f.write_str("the local host"),
        }
    }
}

/// Returns the Spin on `PATH`, if it is new enough.
pub(crate) fn spin() -> Result<HostProgram> {
    let program = which::which("spin").context(NO_SPIN)?;
    let output = process::output(Command::new(&program).arg("--version"))?;
    let version = output
        .split_whitespace()
        .find_map(|word| Version::parse(word).ok());
    let version = version.with_context(|| format!("`spin --version` says {output:?}"))?;
    if (version.major, version.minor) < OLDEST_SPIN {
        let (major, minor) = OLDEST_SPIN;
        bail!("the project needs Spin {major}.{minor} or later, this one is {version}");
    }
    Ok(HostProgram::Spin { program, version })
}
