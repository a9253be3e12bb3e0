//! Finds the workspace's tests, from those that are built in seconds to those that need a host.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use cargo_metadata::{Package, Target, TargetKind};

use crate::{programs::LOCAL_HOST, project};

/// How much has to be built before a test can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// The order component as a native library, as for plain `cargo test`.
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
    /// The folders of the sources: the suite's own, and those of the packages of the workspace that
    /// it depends on, which may define the tests.
    sources: BTreeSet<PathBuf>,
}

/// Returns all suites of the workspace.
pub(super) fn all() -> Result<Vec<Suite>> {
    let metadata = project::metadata()?;
    let packages = metadata.workspace_packages().into_iter();
    let packages = packages.map(|package| (package.name.as_str(), package));
    let packages = Packages(packages.collect());
    let suites = packages.0.values().flat_map(|package| {
        let targets = package.targets.iter().filter(|target| target.test);
        targets.filter_map(|target| packages.suite(package, target))
    });
    Ok(suites.collect())
}

/// Returns the test programs of these suites.
pub(super) fn programs(costs: &[Cost]) -> Result<Vec<String>> {
    let suites = all()?.into_iter();
    let suites = suites.filter(|suite| costs.contains(&suite.cost));
    Ok(suites.filter_map(|suite| suite.program).collect())
}

/// The packages of the workspace by name.
struct Packages<'a>(BTreeMap<&'a str, &'a Package>);

impl Packages<'_> {
    fn suite(&self, package: &Package, target: &Target) -> Option<Suite> {
        let used = self.dependencies(package);
        let hosted = used.contains(LOCAL_HOST);
        let program = target.kind.contains(&TargetKind::Test);
        let in_root = package.manifest_path.parent()?.as_std_path() == project::root();
        let cost = match (hosted, program) {
            (false, _) if in_root => Cost::Component,
            (false, _) => Cost::Native,
            (true, false) => Cost::LocalHost,
            (true, true) => Cost::BlackBox,
        };
        let libraries = used.iter().filter_map(|name| self.0.get(name.as_str()));
        let libraries = libraries.flat_map(|package| package.targets.iter());
        let libraries = libraries.filter(|target| !target.kind.contains(&TargetKind::Test));
        let mut sources: BTreeSet<_> = libraries.filter_map(folder).collect();
        sources.insert(folder(target)?);
        Some(Suite {
            cost,
            package: package.name.to_string(),
            program: program.then(|| target.name.clone()),
            sources,
        })
    }

    /// Returns the names of a package and of the workspace's packages that it depends on, directly or
    /// indirectly.
    fn dependencies(&self, package: &Package) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![package.name.to_string()];
        while let Some(name) = open.pop() {
            if let Some(package) = self.0.get(name.as_str())
                && found.insert(name)
            {
                open.extend(package.dependencies.iter().map(|used| used.name.clone()));
            }
        }
        found
    }
}

fn folder(target: &Target) -> Option<PathBuf> {
    target.src_path.parent().map(PathBuf::from)
}

impl Suite {
    /// Returns whether a test whose name contains `filter` may be in this suite, by its sources
    /// alone: each part of the name is in the text or in the name of some file. It saves building
    /// suites in vain, and may be wrong only for names that macros put together.
    pub(super) fn may_contain(&self, filter: &str) -> Result<bool> {
        let mut parts: Vec<_> = filter.split("::").filter(|part| !part.is_empty()).collect();
        for folder in &self.sources {
            remove_found(&mut parts, folder)?;
        }
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
    fn may_contain_is_false_for_unknown_name() {
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
