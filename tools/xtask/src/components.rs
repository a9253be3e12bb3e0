//! Finds the workspace's components: the packages that have a `[package.metadata.component]` in
//! their `Cargo.toml`.

use std::{ffi::OsStr, path::PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Package, TargetKind};
use serde::Deserialize;

use crate::{project, toolchain::TARGET};

/// A package that is built into a WebAssembly component.
pub(crate) struct Component {
    /// The package's name.
    pub(crate) package: String,
    /// The file that the build writes.
    pub(crate) file: PathBuf,
    /// The largest size that the file may have.
    pub(crate) limit: Option<MiB>,
}

/// A size in MiB, as `Cargo.toml` states it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct MiB(pub(crate) f64);

impl MiB {
    /// Converts a number of bytes.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
    pub(crate) fn of(bytes: u64) -> Self {
        Self(bytes as f64 / f64::from(1 << 20))
    }
}

impl Component {
    /// Returns the name of the component's file, without its folder.
    pub(crate) fn file_name(&self) -> &str {
        let name = self.file.file_name().and_then(OsStr::to_str);
        // Made from the package's name, so it is UTF-8.
        name.unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    max_mib: Option<MiB>,
}

/// Returns all components, in the order of the workspace.
pub(crate) fn all() -> Result<Vec<Component>> {
    let metadata = project::metadata()?;
    let packages = metadata.workspace_packages();
    let found: Result<Vec<_>> = packages.into_iter().filter_map(component).collect();
    let found = found?;
    if found.is_empty() {
        bail!("no package of the workspace has a [package.metadata.component]");
    }
    Ok(found)
}

fn component(package: &Package) -> Option<Result<Component>> {
    let settings = package.metadata.get("component")?;
    let read = || {
        let settings: Settings = serde_json::from_value(settings.clone())?;
        let library = package
            .targets
            .iter()
            .find(|target| target.kind.contains(&TargetKind::CDyLib))
            .context("the package has no library of the kind cdylib")?;
        let name = format!("{}.wasm", library.name.replace('-', "_"));
        anyhow::Ok(Component {
            package: package.name.to_string(),
            file: project::target().join(TARGET).join("release").join(name),
            limit: settings.max_mib,
        })
    };
    Some(read().with_context(|| format!("the component {}", package.name)))
}
