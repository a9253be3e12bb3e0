//! Runs cargo builds, shows their messages, and returns what they report.

use std::{
    io::{BufReader, IsTerminal as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, diagnostic::DiagnosticLevel};

use crate::process;

/// What cargo reports of a build.
#[derive(Default)]
pub(crate) struct Build {
    warnings: usize,
    artifacts: Vec<Artifact>,
}

impl Build {
    /// Runs a cargo command that compiles, with arguments for the last package's compiler. Cargo
    /// repeats the warnings of packages that it does not compile again.
    pub(crate) fn run(cargo: &mut Command, compiler_arguments: &[&str]) -> Result<Self> {
        cargo.arg(if std::io::stderr().is_terminal() {
            "--message-format=json-diagnostic-rendered-ansi"
        } else {
            "--message-format=json"
        });
        if !compiler_arguments.is_empty() {
            cargo.arg("--").args(compiler_arguments);
        }
        let mut child = cargo
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", process::shown(cargo)))?;
        let stdout = child
            .stdout
            .take()
            .context("cargo has no standard output")?;
        let mut build = Self::default();
        for message in Message::parse_stream(BufReader::new(stdout)) {
            build.note(message?);
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status}", process::shown(cargo));
        }
        Ok(build)
    }

    fn note(&mut self, message: Message) {
        match message {
            Message::CompilerMessage(found) => {
                eprint!("{}", found.message);
                // Summaries ("2 warnings emitted") have no place in the source.
                let has_place = !found.message.spans.is_empty();
                if has_place && matches!(found.message.level, DiagnosticLevel::Warning) {
                    self.warnings += 1;
                }
            }
            Message::CompilerArtifact(artifact) => self.artifacts.push(artifact),
            _ => {}
        }
    }

    /// Fails if the compiler warned.
    pub(crate) fn deny_warnings(&self) -> Result<()> {
        match self.warnings {
            0 => Ok(()),
            count => bail!("{count} warnings, see above; the project allows none"),
        }
    }

    /// Returns where the program of this name was built.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let programs = self.artifacts.iter();
        programs
            .filter(|artifact| artifact.target.name == name)
            .find_map(|artifact| artifact.executable.clone())
            .map(PathBuf::from)
            .with_context(|| format!("the build yielded no {name}"))
    }
}
