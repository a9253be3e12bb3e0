//! What no shipped component does.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use local_host::Call;
use serde_json::json;
use toml::Table;
use wit_component::DecodedWasm;
use wit_parser::WorldItem;

use crate::support::{App, ROOT, Service};

/// The packages whose components are shipped: those of the workspace but for the tests' own.
fn packages() -> Vec<PathBuf> {
    let manifest = |folder: &Path| -> Table {
        let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        text.parse().expect("a manifest")
    };
    let root = Path::new(ROOT);
    let members = manifest(root)["workspace"]["members"].clone();
    let members = members.as_array().expect("members").clone();
    let members = members
        .iter()
        .map(|member| member.as_str().expect("a path"));
    let shipped = members.filter(|member| !member.starts_with("tests/"));
    let folders = shipped.map(|member| root.join(member));
    let is_component = |folder: &PathBuf| {
        let metadata = manifest(folder)["package"]
            .get("metadata")
            .and_then(|metadata| metadata.get("component"))
            .cloned();
        metadata.is_some()
    };
    let found: Vec<_> = folders
        .chain([root.to_owned()])
        .filter(is_component)
        .collect();
    assert!(found.len() >= 7, "{found:?}");
    found
}

/// The file of a package's component, as `cargo xtask build` leaves it.
fn file(package: &Path) -> PathBuf {
    let text = fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
    let manifest: Table = text.parse().expect("a manifest");
    let name = manifest["package"]["name"].as_str().expect("a name");
    let folder = Path::new(ROOT).join("target/wasm32-wasip2/release");
    folder.join(name.replace('-', "_")).with_extension("wasm")
}

/// The functions that a component imports, as `interface#function`.
fn imports(component: &[u8]) -> BTreeSet<String> {
    let decoded = wit_component::decode(component).expect("a component");
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("not a component");
    };
    let interfaces = resolve.worlds[world].imports.values();
    interfaces
        .filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        })
        .flat_map(|id| {
            let name = resolve.id_of(id).expect("a name");
            let functions = resolve.interfaces[id].functions.keys();
            functions.map(move |function| format!("{name}#{function}"))
        })
        .collect()
}

/// A component imports the functions that it calls, and no others of an interface.
#[test]
fn no_component_can_list_keys() {
    let can_list = |path: &Path| {
        let component =
            fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let imports = imports(&component);
        let lists = |name: &&String| name.contains("get-keys") || name.contains("list-keys");
        imports.iter().find(lists).cloned()
    };
    for package in packages() {
        assert_eq!(can_list(&file(&package)), None, "{}", package.display());
    }
    // One that does is found out.
    let lister = can_list(&file(&Path::new(ROOT).join("tests/delivery/lister")));
    assert!(lister.is_some());
}

#[tokio::test]
async fn no_key_is_listed_whatever_is_asked_for() {
    // Always a local host, because no other one counts calls.
    let service = Service::adjusted(App::default(), &[], |_| {}).await;
    for recipient in ["kari@example.no", "transient-twice@example.no"] {
        let accepted = service
            .place(&json!({
                "subject": "subject",
                "body": "body",
                "sendersReference": "case-1",
                "recipients": [{ "emailAddress": recipient }],
            }))
            .await;
        let id = accepted["orderId"].as_str().unwrap();
        service.trigger().await;
        let notifications = service.notifications(id).await;
        for notification in notifications {
            let report = json!({ "notificationId": notification["id"], "status": "Delivered" });
            service.report("own", &report).await;
        }
    }
    while service.mails().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    let calls = service.host().calls();
    assert_eq!(calls.get(Call::GetKeys), 0, "{calls:?}");
    service.stop().await;
}

/// Printing panics where the stream cannot be written. Clippy sees to that in what this machine
/// compiles; this test also reads what only the components' target does.
#[test]
fn no_component_prints() {
    let mut files = Vec::new();
    for package in packages() {
        sources(&package.join("src"), &mut files);
    }
    assert!(files.len() > 100, "{}", files.len());
    let macros = ["print!(", "println!(", "dbg!("];
    for path in files {
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            let is_code = !line.trim_start().starts_with("//");
            let prints = macros.iter().any(|name| line.contains(name));
            assert!(!(is_code && prints), "{}:{}", path.display(), number + 1);
        }
    }
}

/// The Rust files in a folder and below.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
