//! `build`: builds the components as they are shipped.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    apt::Permission,
    compile::Build,
    components::{self, Component, MiB},
    project,
    toolchain::{TARGET, Toolchain},
};

/// Builds all components.
pub(crate) fn all(permission: Permission) -> Result<()> {
    each(components::all()?, permission, |_| Ok(()))
}

/// Builds all components, and fails if the compiler warns.
pub(crate) fn all_without_warnings(permission: Permission) -> Result<()> {
    each(components::all()?, permission, Build::deny_warnings)
}

/// Builds the components that these manifests of Spin applications name.
pub(crate) fn named_in(manifests: &[PathBuf]) -> Result<()> {
    let texts: Vec<_> = manifests
        .iter()
        .map(|path| fs::read_to_string(path).with_context(|| format!("reading {}", path.display())))
        .collect::<Result<_>>()?;
    let mut components = components::all()?;
    components.retain(|component| {
        texts
            .iter()
            .any(|text| text.contains(component.file_name()))
    });
    each(components, Permission::Granted, |_| Ok(()))
}

/// Builds components and prints their sizes. A component above its limit is an error.
fn each(
    components: Vec<Component>,
    permission: Permission,
    check: impl Fn(&Build) -> Result<()>,
) -> Result<()> {
    let toolchain = Toolchain::ensure(permission)?;
    for component in components {
        check(&build(&toolchain, &component)?)?;
        check_size(&component)?;
    }
    Ok(())
}

/// Builds one component. Cargo is called once a component, so that none has features that only
/// another's dependencies ask for; and for the component alone, because a Rust library beside it
/// would keep every public function.
fn build(toolchain: &Toolchain, component: &Component) -> Result<Build> {
    let mut cargo = toolchain.cargo()?;
    cargo.args(["rustc", "--release", "--target", TARGET, "--target-dir"]);
    cargo.arg(project::target());
    cargo.args(["--package", &component.package]);
    cargo.args(["--lib", "--crate-type", "cdylib"]);
    // Without it the linker pads each call and address to five bytes.
    Build::run(&mut cargo, &["-C", "link-arg=--compress-relocations"])
}

fn check_size(component: &Component) -> Result<()> {
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
            "{} may have at most {} MiB (max-mib in its Cargo.toml)",
            component.package,
            limit.0
        );
    }
    Ok(())
}
