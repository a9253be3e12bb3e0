//! The contacts.

use serde_json::json;
use test_support::case;

use crate::{
    app::{App, Contacts},
    probe::Probe,
};

const MISSING: &str = r#"{"addresses":[],"name":null,"reserved":false}"#;

#[case]
async fn contacts_none_finds_no_contact() {
    let host = App::default().serve_probe().await;
    let identifiers = json!([{ "Person": "16069412345" }, { "Organization": "991825827" }]);
    let contacts = host.look_up(identifiers).await.unwrap();
    let missing: serde_json::Value = serde_json::from_str(MISSING).unwrap();
    assert_eq!(contacts, json!([missing, missing]));
    assert_eq!(host.look_up(json!([])).await, Ok(json!([])));
    host.stop().await;
}

#[case]
async fn configured_contacts_are_returned_in_the_order_of_the_identifiers() {
    let list = json!({
        "persons": {
            "16069412345": { "addresses": ["kåre@example.no"], "name": "Kåre Ås" },
            "02056260016": { "addresses": ["eva@example.no"], "reserved": true },
        },
        "organizations": {
            "991825827": { "addresses": ["post@example.no", "arkiv@example.no"], "name": "Blåbær AS" },
        },
    });
    let host = with(&list.to_string()).await;
    let identifiers = json!([
        { "Organization": "991825827" },
        { "Person": "99999999999" },
        { "Person": "02056260016" },
        { "Person": "16069412345" },
    ]);
    let missing: serde_json::Value = serde_json::from_str(MISSING).unwrap();
    let expected = json!([
        { "addresses": ["post@example.no", "arkiv@example.no"], "name": "Blåbær AS", "reserved": false },
        missing,
        { "addresses": ["eva@example.no"], "name": null, "reserved": true },
        { "addresses": ["kåre@example.no"], "name": "Kåre Ås", "reserved": false },
    ]);
    assert_eq!(host.look_up(identifiers).await, Ok(expected));
    host.stop().await;
}

#[case]
async fn malformed_list_is_an_error_without_identifiers() {
    let host = with(r#"{"persons": {"1606941234": {}}}"#).await;
    let error = host.look_up(json!([{ "Person": "16069412345" }])).await;
    let error = error.unwrap_err();
    assert!(error.contains("the variable contacts"), "{error}");
    assert!(!error.contains("160694"), "{error}");
    host.stop().await;
}

async fn with(list: &str) -> Probe {
    let app = App {
        contacts: Contacts::Static(list.to_owned()),
        ..App::default()
    };
    app.serve_probe().await
}
