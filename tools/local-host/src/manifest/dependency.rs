//! Dependencies of a component: the imports that another component satisfies, and the parts of the
//! dependent's configuration that it may use.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use semver::Version;
use serde::Deserialize;

use super::id::Id;

/// A component that satisfies imports of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The imports that it satisfies.
    pub name: DependencyName,
    /// The component's file.
    pub path: PathBuf,
    /// The export to use, if it has another name than the import.
    pub export: Option<String>,
    /// The parts of the dependent's configuration that it may use.
    pub inherit: Inherit,
}

/// The parts of the dependent's configuration that a dependency may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inherit {
    /// Everything.
    All,
    /// The named parts: `key_value_stores`, `variables`, … An unknown name grants nothing.
    Only(BTreeSet<String>),
}

/// A name of imports: `package:name` or `package:name/interface`, both with an optional `@version`, or
/// a plain name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum DependencyName {
    /// An import without a package.
    Plain(String),
    /// Interfaces of a package.
    Package(PackageImports),
}

/// The interfaces of a package that a dependency name means: those with the given interface name and
/// version, if these are given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageImports {
    package: String,
    interface: Option<String>,
    version: Option<Version>,
}

impl DependencyName {
    /// Returns whether the import of this name is meant.
    #[must_use]
    pub fn matches(&self, import: &str) -> bool {
        match (self, import.parse()) {
            (Self::Plain(name), Ok(Self::Plain(import))) => *name == import,
            (Self::Package(name), Ok(Self::Package(import))) => {
                let given = |wanted: &Option<_>, found| wanted.is_none() || *wanted == found;
                name.package == import.package
                    && given(&name.interface, import.interface)
                    && (name.version.is_none() || name.version == import.version)
            }
            _ => false,
        }
    }

    /// Returns the name under which Spin registers the dependency in a composition: that of the
    /// WIT package, without interface and version.
    pub(crate) fn package(&self) -> &str {
        match self {
            Self::Plain(name) => name,
            Self::Package(name) => &name.package,
        }
    }

    /// Returns whether a whole package is meant.
    pub(super) fn is_package(&self) -> bool {
        matches!(self, Self::Package(name) if name.interface.is_none())
    }

    /// Returns whether both names can mean the same import.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (Self::Package(this), Self::Package(other)) = (self, other) else {
            return false;
        };
        let differ = |a: &Option<String>, b: &Option<String>| {
            a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b)
        };
        let versions = this.version.as_ref().zip(other.version.as_ref());
        this.package == other.package
            && !differ(&this.interface, &other.interface)
            && versions.is_none_or(|(a, b)| compatible(a) == compatible(b))
    }
}

/// Returns a key that is equal for compatible versions.
fn compatible(version: &Version) -> (u64, u64, u64, String) {
    let Version {
        major,
        minor,
        patch,
        ref pre,
        ..
    } = *version;
    match (pre.is_empty(), major, minor) {
        (false, ..) => (major, minor, patch, pre.to_string()),
        (true, 1.., _) => (major, 0, 0, String::new()),
        (true, 0, 1..) => (0, minor, 0, String::new()),
        (true, 0, 0) => (0, 0, patch, String::new()),
    }
}

impl std::str::FromStr for DependencyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("{text:?} is not the name of an import");
        if !text.contains([':', '/']) {
            return if Id::<'-'>::is_valid(text) {
                Ok(Self::Plain(text.to_owned()))
            } else {
                Err(invalid())
            };
        }
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.parse().map_err(|_| invalid())?)),
            None => (text, None),
        };
        let (package, interface) = match name.split_once('/') {
            Some((package, interface)) => (package, Some(interface)),
            None => (name, None),
        };
        let (namespace, package_name) = package.split_once(':').ok_or_else(invalid)?;
        if [namespace, package_name]
            .into_iter()
            .chain(interface)
            .all(Id::<'-'>::is_valid)
        {
            Ok(Self::Package(PackageImports {
                package: package.to_owned(),
                interface: interface.map(ToOwned::to_owned),
                version,
            }))
        } else {
            Err(invalid())
        }
    }
}

impl TryFrom<String> for DependencyName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for DependencyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Package(name) => {
                f.write_str(&name.package)?;
                if let Some(interface) = &name.interface {
                    write!(f, "/{interface}")?;
                }
                if let Some(version) = &name.version {
                    write!(f, "@{version}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DependencyName;

    fn name(text: &str) -> DependencyName {
        text.parse().unwrap()
    }

    #[test]
    fn matches_compares_the_given_parts() {
        let import = "email:delivery/sender@1.0.0";
        for matching in [
            "email:delivery",
            "email:delivery@1.0.0",
            "email:delivery/sender",
            "email:delivery/sender@1.0.0",
        ] {
            assert!(name(matching).matches(import), "{matching}");
        }
        for other in [
            "email:other",
            "email:delivery/contacts",
            "email:delivery/sender@1.0.1",
            "sender",
        ] {
            assert!(!name(other).matches(import), "{other}");
        }
        assert!(name("sender").matches("sender"));
    }

    #[test]
    fn overlaps_is_true_if_one_import_can_match_both() {
        assert!(name("a:b").overlaps(&name("a:b/c@1.0.0")));
        assert!(name("a:b/c@1.2.0").overlaps(&name("a:b@1.0.0")));
        assert!(!name("a:b@1.0.0").overlaps(&name("a:b@2.0.0")));
        assert!(!name("a:b/c").overlaps(&name("a:b/d")));
        assert!(!name("a:b/c").overlaps(&name("a:x/c")));
    }

    #[test]
    fn parse_of_invalid_name_fails() {
        for text in ["", "a_b", "a:b/c@x", "/c", ":b/c", "a:/c"] {
            assert!(text.parse::<DependencyName>().is_err(), "{text}");
        }
    }
}
