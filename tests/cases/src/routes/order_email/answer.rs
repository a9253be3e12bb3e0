//! The answer to an accepted order.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_support::{
    Host, assert_rows, case,
    order::{FAMILIES, order, order_id, order_to, post_order},
    post, tokens,
};

#[case]
async fn accepted_order_has_an_id_and_a_location(host: &Host) {
    for family in FAMILIES {
        let answer = post(family.order_email)
            .bearer(tokens::bearer())
            .json(&order())
            .send(host)
            .await
            .expect(202);
        let id = order_id(&answer);
        assert_eq!(answer.json(), json!({ "orderId": id }), "{answer}");
        let location = answer.header("location").expect("a location").to_owned();
        assert_eq!(location, format!("{}/{id}", family.orders), "{answer}");

        let order = test_support::get(location)
            .bearer(tokens::bearer())
            .send(host)
            .await
            .expect(200);
        assert_eq!(order.json()["id"], *id);
    }
}

#[case]
async fn paths_in_any_spelling_match(host: &Host) {
    for (path, family) in [
        ("/order/email/", &FAMILIES[0]),
        ("/Order/Email", &FAMILIES[0]),
        ("/ORDER/EMAIL/", &FAMILIES[0]),
        ("/order/email?x=1", &FAMILIES[0]),
        ("/order/email/?", &FAMILIES[0]),
        ("/order/%65mail", &FAMILIES[0]),
        ("/%6f%52der/%45MAI%6C/", &FAMILIES[0]),
        ("/%6Eotifications/api/v%31/orders/email", &FAMILIES[1]),
        ("/notifications/api/v1/orders/email/", &FAMILIES[1]),
        ("/Notifications/API/V1/Orders/Email", &FAMILIES[1]),
    ] {
        let call = post(path).bearer(tokens::bearer()).json(&order());
        let answer = call.send(host).await.expect(202);
        let location = answer.header("location").expect("a location");
        let expected = format!("{}/{}", family.orders, order_id(&answer));
        assert_eq!(location, expected, "{answer}");
    }
}

#[case]
async fn location_ignores_the_host_header(host: &Host) {
    let answer = post_order(&order())
        .header("host", "attacker.example")
        .header("x-forwarded-host", "attacker.example")
        .header("forwarded", "host=attacker.example;proto=https")
        .header("spin-full-url", "https://attacker.example/order/email")
        .send(host)
        .await
        .expect(202);
    let location = answer.header("location").expect("a location");
    assert_eq!(location, format!("/order/{}", order_id(&answer)));
}

#[case]
async fn identical_orders_without_key_get_different_ids(host: &Host) {
    let same = order();
    let mut ids = BTreeSet::new();
    for _ in 0..10 {
        ids.insert(order_id(&post_order(&same).send(host).await.expect(202)));
    }
    assert_eq!(ids.len(), 10);
}

#[case]
async fn recipient_lookup_lists_missing_contacts(host: &Host) {
    let address = json!({ "emailAddress": "a@example.no" });
    let person = json!({ "nationalIdentityNumber": "16069412345" });
    let organization = json!({ "organizationNumber": "123456789" });
    let failed = |missing: &[&str]| json!({ "status": "Failed", "isReserved": [], "missingContact": missing });
    let mut rows = Vec::new();
    for (name, recipients, expected) in [
        ("an address", json!([address]), Value::Null),
        (
            "addresses",
            json!([address, { "emailAddress": "b@example.no" }]),
            Value::Null,
        ),
        ("a person", json!([person]), failed(&["16069412345"])),
        (
            "an organisation",
            json!([organization]),
            failed(&["123456789"]),
        ),
        (
            "a person and an organisation",
            json!([person, organization]),
            failed(&["16069412345", "123456789"]),
        ),
        (
            "an organisation beside an address",
            json!([address, organization]),
            failed(&["123456789"]),
        ),
    ] {
        let answer = post_order(&order_to(recipients))
            .send(host)
            .await
            .expect(202);
        let document = answer.json();
        let got = document.get("recipientLookup").cloned().unwrap_or_default();
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}
