//! The creator of a bearer's order.

use serde_json::json;
use test_issuer::Claims;
use test_support::{
    Host, assert_rows, case,
    tokens::{SCOPE, bearer_claims, bearer_with},
};

use super::{Credentials, Decision, assert_bearers, decision};

const CONSUMER: &str = "0192:991825827";

#[case]
async fn creator_is_the_organisation_or_else_the_consumer(host: &Host) {
    let claims = || bearer_claims().scope(SCOPE);
    let refused = || Decision::Refused(403);
    let table: [(&str, Claims, Decision); _] = [
        (
            "an organisation",
            claims().org("skd"),
            Decision::accepted("skd"),
        ),
        (
            "a consumer",
            claims().consumer(CONSUMER),
            Decision::accepted(CONSUMER),
        ),
        (
            "an organisation and a consumer",
            claims().org("skd").consumer(CONSUMER),
            Decision::accepted("skd"),
        ),
        (
            "an organisation and its number",
            claims().org("skd").org_number("974761076"),
            Decision::accepted("skd"),
        ),
        (
            "a plain Maskinporten token",
            bearer_claims()
                .plain_scope(SCOPE)
                .consumer(CONSUMER)
                .with("client_id", "c"),
            Decision::accepted(CONSUMER),
        ),
        (
            "an organisation's number alone",
            claims().org_number("974761076"),
            refused(),
        ),
        ("neither", claims(), refused()),
        ("a subject", claims().with("sub", "skd"), refused()),
        (
            "a consumer beside an organisation that is null",
            claims()
                .with("urn:altinn:org", json!(null))
                .consumer(CONSUMER),
            refused(),
        ),
        (
            "a consumer without a scheme",
            claims().consumer("991825827"),
            refused(),
        ),
        (
            "a consumer of another scheme",
            claims().consumer("9908:991825827"),
            refused(),
        ),
        (
            "a consumer with too few digits",
            claims().consumer("0192:99182582"),
            refused(),
        ),
        (
            "a consumer with too many digits",
            claims().consumer("0192:9918258270"),
            refused(),
        ),
        (
            "a consumer with a letter",
            claims().consumer("0192:99182582x"),
            refused(),
        ),
        (
            "a consumer that is a name",
            claims().consumer("skd"),
            refused(),
        ),
        (
            "a consumer without an id",
            claims().with("consumer", json!({})),
            refused(),
        ),
    ];
    assert_bearers(host, table).await;
}

#[case]
async fn creator_claim_of_another_form_is_refused(host: &Host) {
    let claims = || bearer_claims().scope(SCOPE);
    let mut rows = Vec::new();
    for (name, claims) in [
        ("an empty organisation", claims().org("")),
        ("a blank organisation", claims().org(" ")),
        (
            "organisations in a list",
            claims().with("urn:altinn:org", json!(["skd"])),
        ),
        (
            "an organisation that is a number",
            claims().with("urn:altinn:org", 1),
        ),
        (
            "a consumer that is a text",
            claims().with("consumer", CONSUMER),
        ),
        (
            "a consumer with a number for an id",
            claims().with("consumer", json!({ "ID": 1 })),
        ),
        ("a consumer with an empty id", claims().consumer("")),
    ] {
        let got = decision(host, &Credentials::bearer(bearer_with(&claims))).await;
        let refused = matches!(got, Decision::Refused(401 | 403));
        rows.push((format!("{name}: {got:?}"), refused, true));
    }
    assert_rows(rows);
}
