//! Lists the interfaces that components import.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use wac_graph::types::{Package, Types, are_semver_compatible};

use crate::{
    compose,
    manifest::{ComponentId, Manifest},
    runtime::LoadError,
    server::StartError,
};

/// The names of interfaces.
pub type Imports = BTreeSet<String>;

/// Returns the imports of each component of a manifest's application, with its dependencies composed
/// in as when it is served.
pub fn imports(manifest: &Path) -> Result<BTreeMap<ComponentId, Imports>, StartError> {
    let application = Manifest::read(manifest).map_err(|source| StartError::Manifest {
        path: manifest.to_owned(),
        source: Box::new(source),
    })?;
    let imports = |(id, component): (ComponentId, _)| {
        let imports = compose::load(&id, &component)
            .map_err(LoadError::Compose)
            .and_then(imports_of)
            .map_err(|source| StartError::Component {
                component: id.clone(),
                source,
            })?;
        Ok((id, imports))
    };
    application.components.into_iter().map(imports).collect()
}

/// Returns the imports of a component.
pub fn imports_of(component: Vec<u8>) -> Result<Imports, LoadError> {
    let mut types = Types::default();
    let package = Package::from_bytes("component", None, component, &mut types)
        .map_err(|error| LoadError::Component(wasmtime::Error::from_anyhow(error)))?;
    Ok(types[package.ty()].imports.keys().cloned().collect())
}

/// Returns whether a host that offers one interface satisfies the import of the other: both are the
/// same interface in compatible versions.
#[must_use]
pub fn satisfies(offered: &str, import: &str) -> bool {
    offered == import || are_semver_compatible(offered, import)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn satisfies_accepts_compatible_versions_only() {
        for (offered, import) in [
            ("wasi:cli/environment@0.2.6", "wasi:cli/environment@0.2.0"),
            (
                "wasi:keyvalue/store@0.2.0-draft2",
                "wasi:keyvalue/store@0.2.0-draft2",
            ),
        ] {
            assert!(satisfies(offered, import), "{offered} {import}");
        }
        for (offered, import) in [
            ("wasi:cli/environment@0.2.6", "wasi:cli/environment@0.3.0"),
            (
                "wasi:http/client@0.3.0-rc-2026-03-15",
                "wasi:http/client@0.3.0",
            ),
            (
                "wasi:keyvalue/store@0.2.0-draft2",
                "wasi:keyvalue/atomics@0.2.0-draft2",
            ),
        ] {
            assert!(!satisfies(offered, import), "{offered} {import}");
        }
    }

    #[test]
    fn imports_of_component_lists_its_interfaces() {
        let component = r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#;
        let imports = imports_of(wat::parse_str(component).unwrap()).unwrap();
        assert_eq!(imports, ["wasi:cli/environment@0.2.3".to_owned()].into());
        assert!(imports_of(b"nothing".to_vec()).is_err());
    }
}
