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

#[tokio::test]
async fn one_recipient() {
    let host = shared().await;
    let email = "a@example.no";
    let (person, organization) = ("16069412345", "123456789");
    let mut rows = Vec::new();
    let table: [(Value, &[&str]); _] = [
        (json!({ "emailAddress": email }), &[]),
        (json!({ "nationalIdentityNumber": person }), &[]),
        (json!({ "organizationNumber": organization }), &[]),
        (json!({ "nationalIdentityNumber": "00000000000" }), &[]),
        (
            json!({ "emailAddress": "", "organizationNumber": organization }),
            &[],
        ),
        (
            json!({ "emailAddress": null, "nationalIdentityNumber": person }),
            &[],
        ),
        (
            json!({ "emailAddress": email, "nationalIdentityNumber": "" }),
            &[],
        ),
        (
            json!({ "emailAddress": email, "mobileNumber": "+4799999999" }),
            &[],
        ),
        // None of the identifiers.
        (Value::Null, &[RECIPIENT]),
        (json!({}), &[RECIPIENT]),
        (json!({ "mobileNumber": "+4799999999" }), &[RECIPIENT]),
        (json!({ "emailAddress": null }), &[RECIPIENT]),
        (json!({ "emailAddress": "" }), &[RECIPIENT]),
        (
            json!({ "emailAddress": "", "organizationNumber": "", "nationalIdentityNumber": "" }),
            &[RECIPIENT],
        ),
        // One that is not what it should be.
        (json!({ "emailAddress": "nobody" }), &[ADDRESS]),
        (json!({ "nationalIdentityNumber": "1606941234" }), &[PERSON]),
        (
            json!({ "nationalIdentityNumber": "160694123456" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": "1606941234x" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": "160694 12345" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": " 16069412345" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": "-1606941234" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": "１６０６９４１２３４５" }),
            &[PERSON],
        ),
        (
            json!({ "nationalIdentityNumber": "١٦٠٦٩٤١٢٣٤٥" }),
            &[PERSON],
        ),
        (json!({ "nationalIdentityNumber": " " }), &[PERSON]),
        (json!({ "organizationNumber": "12345678" }), &[ORGANIZATION]),
        (
            json!({ "organizationNumber": "1234567890" }),
            &[ORGANIZATION],
        ),
        (
            json!({ "organizationNumber": "12345678x" }),
            &[ORGANIZATION],
        ),
        (
            json!({ "organizationNumber": "123 456 789" }),
            &[ORGANIZATION],
        ),
        (
            json!({ "organizationNumber": "NO123456789" }),
            &[ORGANIZATION],
        ),
        (
            json!({ "organizationNumber": "123456789\n" }),
            &[ORGANIZATION],
        ),
        (
            json!({ "organizationNumber": "१२३४५६७८९" }),
            &[ORGANIZATION],
        ),
        (json!({ "organizationNumber": " " }), &[ORGANIZATION]),
        // More than one.
        (
            json!({ "emailAddress": email, "organizationNumber": organization }),
            &[RECIPIENT],
        ),
        (
            json!({ "emailAddress": email, "nationalIdentityNumber": person }),
            &[RECIPIENT],
        ),
        (
            json!({ "organizationNumber": organization, "nationalIdentityNumber": person }),
            &[RECIPIENT],
        ),
        (
            json!({ "emailAddress": email, "organizationNumber": organization,
                "nationalIdentityNumber": person }),
            &[RECIPIENT],
        ),
        // All rules run.
        (
            json!({ "emailAddress": "nobody", "organizationNumber": organization }),
            &[RECIPIENT, ADDRESS],
        ),
        (
            json!({ "emailAddress": email, "nationalIdentityNumber": "1" }),
            &[RECIPIENT, PERSON],
        ),
        (
            json!({ "emailAddress": "nobody", "organizationNumber": "1",
                "nationalIdentityNumber": "2" }),
            &[RECIPIENT, ADDRESS, PERSON, ORGANIZATION],
        ),
    ];
    for (recipient, keys) in table {
        let got = outcome(host, &order_to(json!([recipient]))).await;
        let expected = if keys.is_empty() {
            accepted()
        } else {
            rejected(keys)
        };
        rows.push((recipient.to_string(), got, expected));
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
