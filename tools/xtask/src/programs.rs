//! The workspace's own programs, built when they are needed.

use std::{ffi::OsStr, path::PathBuf, process::Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use crate::{process, toolchain};

/// Builds a program, with these arguments for cargo, and asks cargo where it left it.
pub(crate) fn build(arguments: &[impl AsRef<OsStr>], name: &str) -> Result<PathBuf> {
    let mut cargo = toolchain::cargo_here();
    cargo
        .arg("build")
        .args(arguments)
        .args(["--bin", name])
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let output = cargo
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .with_context(|| format!("starting {}", process::shown(&cargo)))?;
    if !output.status.success() {
        bail!("{} ended with {}", process::shown(&cargo), output.status);
    }
    Message::parse_stream(output.stdout.as_slice())
        .filter_map(Result::ok)
        .find_map(|message| match message {
            Message::CompilerArtifact(made) if made.target.name == name => made.executable,
            _ => None,
        })
        .map(PathBuf::from)
        .with_context(|| format!("the build yielded no {name}"))
}
