//! Clippy over everything, warnings as errors.

use std::{io::BufReader, process::Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, diagnostic::DiagnosticLevel};

use crate::{
    components, process, project,
    toolchain::{self, TARGET, Toolchain},
};

pub(super) fn run() -> Result<()> {
    for_this_machine()?;
    for_the_native_peer()?;
    for_the_components()
}

/// What `cargo clippy` does, but with a build instead of a check: the tests then find their
/// dependencies built, wasmtime above all, which would take minutes more in either mode.
fn for_this_machine() -> Result<()> {
    let mut cargo = toolchain::cargo_here();
    cargo
        .args(["build", "--workspace", "--all-targets"])
        .arg("--message-format=json-diagnostic-rendered-ansi")
        .env("RUSTC_WORKSPACE_WRAPPER", toolchain::clippy_driver()?);
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", process::shown(&cargo)))?;
    let stdout = child.stdout.take().context("it has no standard output")?;
    let mut warnings = 0;
    for message in Message::parse_stream(BufReader::new(stdout)) {
        let Message::CompilerMessage(found) = message? else {
            continue;
        };
        eprint!("{}", found.message);
        // What sums the others up ("2 warnings emitted") has no place of its own.
        let about_a_place = !found.message.spans.is_empty();
        if about_a_place && matches!(found.message.level, DiagnosticLevel::Warning) {
            warnings += 1;
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", process::shown(&cargo));
    }
    if warnings > 0 {
        bail!("{warnings} warnings, see above; each is an error here");
    }
    Ok(())
}

fn for_the_native_peer() -> Result<()> {
    let mut cargo = toolchain::cargo_here();
    cargo.args(["clippy", "--all-targets", "--locked", "--manifest-path"]);
    cargo.arg(project::native_peer()).arg("--target-dir");
    cargo.arg(project::target());
    process::run(cargo.args(["--", "--deny", "warnings"]))
}

/// What only the components' target compiles.
fn for_the_components() -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    let packages = components::all()?.into_iter().map(|found| found.package);
    let selected = packages.map(|name| ["--package".to_owned(), name]);
    let check = |subcommand: &[&str], packages: &[String]| {
        let mut cargo = toolchain.cargo()?;
        cargo.args(subcommand).args(packages).arg("--lib");
        cargo.args(["--target", TARGET, "--target-dir"]);
        cargo.arg(project::target());
        process::run(cargo.args(["--", "--deny", "warnings"]))
    };
    if toolchain.has_clippy() {
        return check(&["clippy"], selected.collect::<Vec<_>>().as_flattened());
    }
    // Its clippy is another compiler's; the compiler's own lints remain.
    let mut one_by_one = selected;
    one_by_one.try_for_each(|package| check(&["rustc", "--profile", "check"], &package))
}
