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
    let components = components::all()?;
    let toolchain = Toolchain::ensure()?;
    let mut cargo = toolchain.cargo()?;
    cargo.args(["build", "--release", "--lib", "--target", TARGET]);
    cargo.arg("--target-dir").arg(project::target());
    for component in &components {
        cargo.args(["--package", &component.package]);
    }
    process::run(&mut cargo)?;
    components.iter().try_for_each(weigh)
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
