//! What shipped components must not do.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use local_host::Call as HostCall;
use serde_json::json;
use test_hosts::reasons::COUNTS;
use test_support::{
    TRIGGER_KEY, case,
    order::{accepted, get_notifications, order_to, trigger},
    post,
};
use tokio::time::sleep;
use toml::Table;
use wit_component::DecodedWasm;
use wit_parser::WorldItem;

use crate::{
    app::{App, ROOT},
    probe::json as get_json,
};

/// Returns the packages of the shipped components: all of the workspace but those of the tests.
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
    let shipped = members.filter(|member| member.starts_with("components/"));
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

/// Returns the file of a package's component, as `cargo xtask build` leaves it.
fn file(package: &Path) -> PathBuf {
    let text = fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
    let manifest: Table = text.parse().expect("a manifest");
    let name = manifest["package"]["name"].as_str().expect("a name");
    let folder = Path::new(ROOT).join("target/wasm32-wasip2/release");
    folder.join(name.replace('-', "_")).with_extension("wasm")
}

/// Returns the functions that a component imports, as `interface#function`.
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

/// A component imports only the functions that it calls.
#[case]
fn no_component_imports_key_listing() {
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
    // The test finds a component that does.
    let lister = can_list(&file(&Path::new(ROOT).join("tests/delivery/lister")));
    assert!(lister.is_some());
}

#[case]
async fn no_request_lists_keys() {
    let app = App::default();
    let host = app.serve_locally(COUNTS, |_| {}).await;
    for recipient in ["kari@example.no", "transient-twice@example.no"] {
        let order = order_to(json!([{ "emailAddress": recipient }]));
        let id = accepted(&host, &order).await;
        trigger().send(&host).await.expect(200);
        let document = get_notifications(&id).send(&host).await.expect(200).json();
        for notification in document["notifications"].as_array().unwrap() {
            let report = json!({ "notificationId": notification["id"], "status": "Delivered" });
            let call = post("/delivery-report/own").bearer(TRIGGER_KEY);
            call.json(&report).send(&host).await.expect(200);
        }
    }
    while get_json(&host, "/dev/mail").await["mails"]
        .as_array()
        .map(Vec::len)
        < Some(2)
    {
        sleep(Duration::from_millis(20)).await;
    }
    let calls = host.calls();
    assert_eq!(calls.get(HostCall::GetKeys), 0, "{calls:?}");
    host.stop().await;
}

/// Printing panics if the stream cannot be written. Clippy checks the code for this machine; this test
/// also reads the code for the components' target.
#[case]
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

/// Collects the Rust files in a folder and below.
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
