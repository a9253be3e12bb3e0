//! The rules of recipients, each under its key.

use serde_json::{Value, json};

use super::{accepted, outcome, rejected};
use crate::support::{
    assert_rows,
    order::{order_to, registered},
    shared,
};

const ADDRESS: &str = "Recipients[0].EmailAddress";
const PERSON: &str = "Recipients[0].NationalIdentityNumber";
const ORGANIZATION: &str = "Recipients[0].OrganizationNumber";
const RECIPIENT: &str = "Recipients[0]";

const EMAIL: &str = "a@example.no";
const ORGANIZATION_NUMBER: &str = "123456789";
const PERSON_NUMBER: &str = "16069412345";

#[tokio::test]
async fn one_identifier_is_fine() {
    hold([
        (json!({ "emailAddress": EMAIL }), &[]),
        (json!({ "nationalIdentityNumber": PERSON_NUMBER }), &[]),
        (json!({ "organizationNumber": ORGANIZATION_NUMBER }), &[]),
        (json!({ "nationalIdentityNumber": "00000000000" }), &[]),
        (
            json!({ "emailAddress": "", "organizationNumber": ORGANIZATION_NUMBER }),
            &[],
        ),
        (
            json!({ "emailAddress": null, "nationalIdentityNumber": PERSON_NUMBER }),
            &[],
        ),
        (
            json!({ "emailAddress": EMAIL, "nationalIdentityNumber": "" }),
            &[],
        ),
        (
            json!({ "emailAddress": EMAIL, "mobileNumber": "+4799999999" }),
            &[],
        ),
    ])
    .await;
}

#[tokio::test]
async fn none_is_not() {
    let empty = json!({ "emailAddress": "", "organizationNumber": "",
        "nationalIdentityNumber": "" });
    hold([
        (Value::Null, &[RECIPIENT]),
        (json!({}), &[RECIPIENT]),
        (json!({ "mobileNumber": "+4799999999" }), &[RECIPIENT]),
        (json!({ "emailAddress": null }), &[RECIPIENT]),
        (json!({ "emailAddress": "" }), &[RECIPIENT]),
        (empty, &[RECIPIENT]),
    ])
    .await;
}

#[tokio::test]
async fn an_address_is_one() {
    hold([
        (json!({ "emailAddress": "nobody" }), &[ADDRESS]),
        (json!({ "emailAddress": " " }), &[ADDRESS]),
    ])
    .await;
}

#[tokio::test]
async fn a_persons_number_is_eleven_ascii_digits() {
    let texts = [
        "1606941234",
        "160694123456",
        "1606941234x",
        "160694 12345",
        " 16069412345",
        "16069412345\n",
        "-1606941234",
        "1.606941e10",
        "１６０６９４１２３４５",
        "١٦٠٦٩٤١٢٣٤٥",
        " ",
    ];
    hold(texts.map(|text| (json!({ "nationalIdentityNumber": text }), &[PERSON][..]))).await;
}

#[tokio::test]
async fn an_organizations_number_is_nine_ascii_digits() {
    let texts = [
        "12345678",
        "1234567890",
        "12345678x",
        "123 456 789",
        "NO123456789",
        "123456789\n",
        "+12345678",
        "१२३४५६७८९",
        " ",
    ];
    hold(texts.map(|text| (json!({ "organizationNumber": text }), &[ORGANIZATION][..]))).await;
}

#[tokio::test]
async fn a_number_stands_alone() {
    let mut person = json!({ "nationalIdentityNumber": PERSON_NUMBER });
    let with_email = json!({ "organizationNumber": ORGANIZATION_NUMBER, "emailAddress": EMAIL });
    let mut all = with_email.clone();
    all["nationalIdentityNumber"] = json!(PERSON_NUMBER);
    let mut both = person.clone();
    both["organizationNumber"] = json!(ORGANIZATION_NUMBER);
    person["emailAddress"] = json!(EMAIL);
    hold([
        (with_email, &[RECIPIENT]),
        (person, &[RECIPIENT]),
        (both, &[RECIPIENT]),
        (all, &[RECIPIENT]),
    ])
    .await;
}

#[tokio::test]
async fn all_rules_run() {
    let all_wrong = json!({ "emailAddress": "nobody", "organizationNumber": "1",
        "nationalIdentityNumber": "2" });
    let no_address = json!({ "emailAddress": "nobody", "organizationNumber": ORGANIZATION_NUMBER });
    let no_person = json!({ "emailAddress": EMAIL, "nationalIdentityNumber": "1" });
    hold([
        (no_address, &[RECIPIENT, ADDRESS][..]),
        (no_person, &[RECIPIENT, PERSON]),
        (all_wrong, &[RECIPIENT, ADDRESS, PERSON, ORGANIZATION]),
    ])
    .await;
}

/// An order to each recipient alone is answered with these keys, or accepted if there are none.
async fn hold<K: AsRef<[&'static str]>>(table: impl IntoIterator<Item = (Value, K)>) {
    let host = shared().await;
    let mut rows = Vec::new();
    for (recipient, keys) in table {
        let name = recipient.to_string();
        let got = outcome(host, &order_to(json!([recipient]))).await;
        let expected = match keys.as_ref() {
            [] => accepted(),
            keys => rejected(keys),
        };
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn every_recipient_is_checked_by_its_place() {
    let host = shared().await;
    let order = order_to(json!([
        { "emailAddress": "a@example.no" },
        null,
        { "emailAddress": "nobody" },
        { "organizationNumber": "1" },
        { "nationalIdentityNumber": "16069412345" },
        { "nationalIdentityNumber": "2" },
        {},
        { "emailAddress": "b@example.no" },
        { "emailAddress": "b@example.no" },
        { "emailAddress": "", "mobileNumber": "1" },
        { "organizationNumber": "123456789", "emailAddress": "c@example.no" },
    ]));
    let expected = rejected([
        "Recipients[1]",
        "Recipients[2].EmailAddress",
        "Recipients[3].OrganizationNumber",
        "Recipients[5].NationalIdentityNumber",
        "Recipients[6]",
        "Recipients[9]",
        "Recipients[10]",
    ]);
    assert_eq!(outcome(host, &order).await, expected);
}

#[tokio::test]
async fn all_are_kept_in_their_order() {
    let host = shared().await;
    let recipients = json!([
        { "emailAddress": "b@example.no" },
        { "organizationNumber": "123456789" },
        { "emailAddress": "a@example.no" },
        { "nationalIdentityNumber": "16069412345" },
        { "emailAddress": "b@example.no" },
        { "organizationNumber": "123456789" },
    ]);
    let order = registered(host, &order_to(recipients.clone())).await;
    assert_eq!(order["recipients"], recipients);
}

#[tokio::test]
async fn thousands_are_kept() {
    let host = shared().await;
    let recipients: Vec<_> = (0..5000)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let order = registered(host, &order_to(json!(recipients))).await;
    assert!(order["recipients"] == json!(recipients), "other recipients");
}
