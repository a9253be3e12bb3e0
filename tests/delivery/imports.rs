//! Checks the imports of the components against the interfaces that each host offers:
//! `deploy/imports/` has a list for each host.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use local_host::imports::{Imports, imports, imports_of, satisfies};
use test_support::case;

use crate::app::{ROOT, component};

/// The hosts that serve `spin.toml` as it is.
const HOSTS_OF_SPIN_TOML: [&str; 2] = ["spin-up-4.1", "spinkube-containerd-shim-spin-0.26"];

/// The prefix of interfaces that other components export.
const DEPENDENCIES: &str = "email-orders:";

fn lists() -> PathBuf {
    Path::new(ROOT).join("deploy/imports")
}

/// Returns the interfaces that a host offers.
fn offered(list: &Path) -> BTreeSet<String> {
    let text =
        fs::read_to_string(list).unwrap_or_else(|error| panic!("{}: {error}", list.display()));
    let mut offered = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("include ") {
            Some(other) => offered.extend(self::offered(&lists().join(other))),
            None => _ = offered.insert(line.to_owned()),
        }
    }
    assert!(!offered.is_empty(), "{}", list.display());
    offered
}

/// Returns all hosts, by the names of their lists.
fn hosts() -> Vec<String> {
    let lists = fs::read_dir(lists()).expect("the lists");
    let stem = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("a list").path();
        path.file_stem()?.to_str().map(ToOwned::to_owned)
    };
    lists.filter_map(stem).collect()
}

/// Returns the imports that a host does not offer.
fn missing<'a>(host: &str, imports: &'a Imports) -> Vec<&'a String> {
    let offered = offered(&lists().join(format!("{host}.txt")));
    let is_offered = |import: &String| offered.iter().any(|offered| satisfies(offered, import));
    imports
        .iter()
        .filter(|import| !is_offered(import))
        .collect()
}

/// Returns the manifests, each with its hosts: `deploy/<name>/spin.toml` is for the hosts whose names
/// begin with `<name>`.
fn manifests() -> Vec<(PathBuf, Vec<String>)> {
    let root = Path::new(ROOT);
    let hosts_of_spin_toml = HOSTS_OF_SPIN_TOML.map(ToOwned::to_owned).to_vec();
    let mut manifests = vec![(root.join("spin.toml"), hosts_of_spin_toml)];
    for entry in fs::read_dir(root.join("deploy")).expect("deploy/") {
        let folder = entry.expect("an entry").path();
        let manifest = folder.join("spin.toml");
        if manifest.exists() {
            let name = folder.file_name().and_then(|name| name.to_str());
            let name = name.expect("a name in UTF-8").to_owned();
            let hosts: Vec<_> = hosts()
                .into_iter()
                .filter(|host| host.starts_with(&name))
                .collect();
            assert!(!hosts.is_empty(), "deploy/imports has no list for {name}");
            manifests.push((manifest, hosts));
        }
    }
    manifests
}

#[case]
fn order_component_imports_only_what_every_host_offers() {
    let bytes = fs::read(component("email_orders")).expect("the component");
    let mut all = imports_of(bytes).expect("a component");
    let dependencies: Vec<_> = all
        .extract_if(.., |import| import.starts_with(DEPENDENCIES))
        .collect();
    assert_eq!(dependencies.len(), 3, "{dependencies:?}");
    let hosts = hosts();
    assert_eq!(hosts.len(), 3, "{hosts:?}");
    for host in hosts {
        let missing = missing(&host, &all);
        assert!(missing.is_empty(), "{host} does not offer {missing:?}");
    }
    assert!(all.iter().all(|import| !import.contains("atomics")));
}

#[case]
fn compositions_import_only_what_their_hosts_offer() {
    for (manifest, hosts) in manifests() {
        let shown = manifest.display();
        let components = imports(&manifest).unwrap_or_else(|error| panic!("{shown}: {error}"));
        for (id, imports) in components {
            for host in &hosts {
                let missing = missing(host, &imports);
                assert!(
                    missing.is_empty(),
                    "{shown}: {id}: {host} does not offer {missing:?}"
                );
            }
        }
    }
}

#[case]
fn host_without_atomics_lacks_an_import_of_claims_atomics() {
    let bytes = fs::read(component("claims_atomics")).expect("the component");
    let all = imports_of(bytes).expect("a component");
    let missing = missing("akamai-functions", &all);
    assert_eq!(missing, ["wasi:keyvalue/atomics@0.2.0-draft2"]);
}
