//! `build`: the components, as they are shipped.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{
    components::{self, Component, MiB},
    process, project,
    toolchain::{TARGET, Toolchain},
};

/// Builds every component and says what it weighs; too heavy a one is an error.
pub(crate) fn run() -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    for component in components::all()? {
        build(&toolchain, &component)?;
        weigh(&component)?;
    }
    Ok(())
}

/// Each on its own, so that none has what only another's dependencies ask for, and as nothing but
/// a component: a library for Rust beside it would keep every public function alive.
fn build(toolchain: &Toolchain, component: &Component) -> Result<()> {
    let mut cargo = toolchain.cargo()?;
    cargo.args(["rustc", "--release", "--target", TARGET, "--target-dir"]);
    cargo.arg(project::target());
    cargo.args(["--package", &component.package]);
    cargo.args(["--lib", "--crate-type", "cdylib", "--"]);
    // Without it, each call and address takes five bytes, whatever its number.
    cargo.args(["-C", "link-arg=--compress-relocations"]);
    process::run(&mut cargo)
}

fn weigh(component: &Component) -> Result<()> {
    let file = fs::metadata(&component.file)
        .with_context(|| format!("the build left no {}", component.file.display()))?;
    let bytes = file.len();
    let size = MiB::of(bytes);
    let shown = component.file.strip_prefix(project::root());
    let shown = shown.unwrap_or(&component.file).display();
    eprintln!("{shown}: {bytes} bytes ({:.2} MiB)", size.0);
    if let Some(limit) = component.limit
        && size.0 > limit.0
    {
        bail!(
            "{} may weigh at most {} MiB (max-mib in its Cargo.toml)",
            component.package,
            limit.0
        );
    }
    Ok(())
}
