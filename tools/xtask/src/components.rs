//! The workspace's components: the packages that say so of themselves with a
//! `[package.metadata.component]` in their `Cargo.toml`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Package, TargetKind};
use serde::Deserialize;

use crate::{project, toolchain::TARGET};

/// A package that is built into a WebAssembly component.
pub(crate) struct Component {
    /// The package's name.
    pub(crate) package: String,
    /// The file that the build yields.
    pub(crate) file: PathBuf,
    /// The most it may weigh.
    pub(crate) limit: Option<MiB>,
}

/// A size as `Cargo.toml` states it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct MiB(pub(crate) f64);

impl MiB {
    /// That many bytes.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
    pub(crate) fn of(bytes: u64) -> Self {
        Self(bytes as f64 / f64::from(1 << 20))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    max_mib: Option<MiB>,
}

/// All components, in the order of the workspace.
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
            .context("it has no library of the kind cdylib")?;
        let name = format!("{}.wasm", library.name.replace('-', "_"));
        anyhow::Ok(Component {
            package: package.name.to_string(),
            file: project::target().join(TARGET).join("release").join(name),
            limit: settings.max_mib,
        })
    };
    Some(read().with_context(|| format!("the component {}", package.name)))
}
