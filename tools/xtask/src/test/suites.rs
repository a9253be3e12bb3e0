//! Finds the workspace's tests, from those that are built in seconds to those that need a host.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, Package, Target, TargetKind};

use crate::{programs::LOCAL_HOST, project};

/// How much has to be built before a test can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// The order component as a native library, as plain `cargo test` does.
    Component,
    /// Another package that needs no host.
    Native,
    /// The local host, which contains a WebAssembly compiler.
    LocalHost,
    /// The local host and all components.
    BlackBox,
}

impl Cost {
    pub(super) const ALL: [Self; 4] = [
        Self::Component,
        Self::Native,
        Self::LocalHost,
        Self::BlackBox,
    ];
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Component => "in-process",
            Self::Native => "native",
            Self::LocalHost => "local-host",
            Self::BlackBox => "black-box",
        })
    }
}

/// A test program of a package.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) cost: Cost,
    pub(super) package: String,
    /// The name of the test program, if it is not a package's own unit tests.
    pub(super) program: Option<String>,
    sources: PathBuf,
}

/// Returns all suites of the workspace.
pub(super) fn all() -> Result<Vec<Suite>> {
    let metadata = project::metadata()?;
    let hosted = dependents_of(LOCAL_HOST, &metadata);
    let suites = metadata
        .workspace_packages()
        .into_iter()
        .flat_map(|package| {
            let hosted = hosted.contains(package.name.as_str());
            let targets = package.targets.iter().filter(|target| target.test);
            targets.filter_map(move |target| suite(package, target, hosted))
        });
    Ok(suites.collect())
}

fn suite(package: &Package, target: &Target, hosted: bool) -> Option<Suite> {
    let program = target.kind.contains(&TargetKind::Test);
    let in_root = package.manifest_path.parent()?.as_std_path() == project::root();
    let cost = match (hosted, program) {
        (false, _) if in_root => Cost::Component,
        (false, _) => Cost::Native,
        (true, false) => Cost::LocalHost,
        (true, true) => Cost::BlackBox,
    };
    Some(Suite {
        cost,
        package: package.name.to_string(),
        program: program.then(|| target.name.clone()),
        sources: target.src_path.parent()?.into(),
    })
}

/// Returns the names of a package and of all packages that depend on it.
fn dependents_of(name: &str, metadata: &Metadata) -> BTreeSet<String> {
    let mut found = BTreeSet::from([name.to_owned()]);
    loop {
        let packages = metadata.workspace_packages().into_iter();
        let more: Vec<_> = packages
            .filter(|package| !found.contains(package.name.as_str()))
            .filter(|package| package.dependencies.iter().any(|d| found.contains(&d.name)))
            .map(|package| package.name.to_string())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

impl Suite {
    /// Returns whether a test whose name contains `filter` may be in this suite, by its sources
    /// alone: each part of the name is in the text or in the name of some file. It saves building
    /// suites in vain, and may be wrong only for names that macros put together.
    pub(super) fn may_contain(&self, filter: &str) -> Result<bool> {
        let mut parts: Vec<_> = filter.split("::").filter(|part| !part.is_empty()).collect();
        remove_found(&mut parts, &self.sources)?;
        Ok(parts.is_empty())
    }
}

/// Removes the parts that occur in the Rust files of a folder.
fn remove_found(parts: &mut Vec<&str>, folder: &Path) -> Result<()> {
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(folder).with_context(reading)? {
        if parts.is_empty() {
            break;
        }
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            parts.retain(|part| !name.contains(part));
            remove_found(parts, &path)?;
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).with_context(reading)?;
            parts.retain(|part| !name.contains(part) && !text.contains(part));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_this_workspace_knows_what_each_suite_needs() {
        let suites = all().unwrap();
        let cost = |package: &str| {
            let found = suites.iter().find(|suite| suite.package == package);
            found.unwrap().cost
        };
        assert_eq!(cost("email-orders"), Cost::Component);
        assert_eq!(cost("xtask"), Cost::Native);
        assert_eq!(cost("local-host"), Cost::LocalHost);
        assert_eq!(cost("api-tests"), Cost::BlackBox);
    }

    #[test]
    fn may_contain_is_true_for_this_test_alone() {
        let suites = all().unwrap();
        let own = suites
            .iter()
            .find(|suite| suite.package == "xtask")
            .unwrap();
        assert!(own.may_contain("suites::tests::may_contain_is").unwrap());
        // Put together here, so that it is not in this file.
        let unknown = format!("suites::tests::{}", ["no_such", "test"].join("_"));
        assert!(!own.may_contain(&unknown).unwrap());
    }
}
