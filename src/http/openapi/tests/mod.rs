//! Checks that the document is current and agrees with the router.

mod examples;
mod nowhere;

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use serde_json::Value;

use self::nowhere::Nowhere;
use super::document;
use crate::http::{path::ApiFlavor as Family, routes};

/// Returns the document as JSON.
fn written() -> Value {
    serde_json::to_value(document()).expect("a document")
}

#[test]
fn document_equals_the_served_file() {
    let mut text = serde_json::to_string_pretty(&document()).unwrap();
    text.push('\n');
    expect_file!["../../../../docs/openapi.json"].assert_eq(&text);
}

#[test]
fn document_is_openapi_3_1() {
    assert_eq!(written()["openapi"], "3.1.0");
}

/// The methods of each path, without HEAD and OPTIONS.
type Methods = BTreeMap<String, BTreeSet<String>>;

/// Returns the routes, under the paths of both flavors.
fn routed() -> Methods {
    let mut routed = Methods::new();
    for resource in routes::all::<Nowhere>() {
        let methods = resource.allowed.split(", ");
        let described = methods.filter(|method| !matches!(*method, "HEAD" | "OPTIONS"));
        let described: BTreeSet<String> = described.map(str::to_lowercase).collect();
        for family in [Family::Own, Family::Altinn] {
            if let Some(path) = super::in_family(family, resource.path) {
                routed.insert(path, described.clone());
            }
        }
    }
    routed
}

#[test]
fn document_lists_exactly_the_routes() {
    let document = written();
    let paths = document["paths"].as_object().unwrap();
    let described: Methods = paths
        .iter()
        .map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().cloned();
            (path.clone(), methods.collect())
        })
        .collect();
    assert_eq!(described, routed());
}

#[test]
fn operation_ids_are_unique() {
    let document = written();
    let operations = document["paths"].as_object().unwrap().values();
    let operations = operations.flat_map(|item| item.as_object().unwrap().values());
    let names: Vec<&str> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

#[test]
fn references_resolve_and_components_are_used() {
    let document = written();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    for reference in &references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "parameters"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(
                references.contains(reference.as_str()),
                "{reference} is unused"
            );
        }
    }
}

fn collect<'a>(value: &'a Value, references: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str));
            members
                .values()
                .for_each(|member| collect(member, references));
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| collect(element, references)),
        _ => {}
    }
}
