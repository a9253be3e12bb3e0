//! The rules of recipients, and their error keys.

use serde_json::{Value, json};
use test_support::{
    Host, assert_rows, case,
    order::{order_to, registered},
};

use super::{accepted, outcome, rejected};

const ADDRESS: &str = "Recipients[0].EmailAddress";
const PERSON: &str = "Recipients[0].NationalIdentityNumber";
const ORGANIZATION: &str = "Recipients[0].OrganizationNumber";
const RECIPIENT: &str = "Recipients[0]";

const EMAIL: &str = "a@example.no";
const ORGANIZATION_NUMBER: &str = "123456789";
const PERSON_NUMBER: &str = "16069412345";

#[case]
async fn recipient_with_one_identifier_is_accepted(host: &Host) {
    assert_keys(
        host,
        [
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
        ],
    )
    .await;
}

#[case]
async fn recipient_without_identifier_is_400(host: &Host) {
    let empty = json!({ "emailAddress": "", "organizationNumber": "",
        "nationalIdentityNumber": "" });
    assert_keys(
        host,
        [
            (Value::Null, &[RECIPIENT]),
            (json!({}), &[RECIPIENT]),
            (json!({ "mobileNumber": "+4799999999" }), &[RECIPIENT]),
            (json!({ "emailAddress": null }), &[RECIPIENT]),
            (json!({ "emailAddress": "" }), &[RECIPIENT]),
            (empty, &[RECIPIENT]),
        ],
    )
    .await;
}

#[case]
async fn recipient_with_invalid_address_is_400(host: &Host) {
    assert_keys(
        host,
        [
            (json!({ "emailAddress": "nobody" }), &[ADDRESS]),
            (json!({ "emailAddress": " " }), &[ADDRESS]),
        ],
    )
    .await;
}

#[case]
async fn national_identity_number_of_other_than_eleven_digits_is_400(host: &Host) {
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
    assert_keys(
        host,
        texts.map(|text| (json!({ "nationalIdentityNumber": text }), &[PERSON][..])),
    )
    .await;
}

#[case]
async fn organization_number_of_other_than_nine_digits_is_400(host: &Host) {
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
    assert_keys(
        host,
        texts.map(|text| (json!({ "organizationNumber": text }), &[ORGANIZATION][..])),
    )
    .await;
}

#[case]
async fn number_beside_another_identifier_is_400(host: &Host) {
    let mut person = json!({ "nationalIdentityNumber": PERSON_NUMBER });
    let with_email = json!({ "organizationNumber": ORGANIZATION_NUMBER, "emailAddress": EMAIL });
    let mut all = with_email.clone();
    all["nationalIdentityNumber"] = json!(PERSON_NUMBER);
    let mut both = person.clone();
    both["organizationNumber"] = json!(ORGANIZATION_NUMBER);
    person["emailAddress"] = json!(EMAIL);
    assert_keys(
        host,
        [
            (with_email, &[RECIPIENT]),
            (person, &[RECIPIENT]),
            (both, &[RECIPIENT]),
            (all, &[RECIPIENT]),
        ],
    )
    .await;
}

#[case]
async fn all_rules_of_a_recipient_report_violations(host: &Host) {
    let all_wrong = json!({ "emailAddress": "nobody", "organizationNumber": "1",
        "nationalIdentityNumber": "2" });
    let no_address = json!({ "emailAddress": "nobody", "organizationNumber": ORGANIZATION_NUMBER });
    let no_person = json!({ "emailAddress": EMAIL, "nationalIdentityNumber": "1" });
    assert_keys(
        host,
        [
            (no_address, &[RECIPIENT, ADDRESS][..]),
            (no_person, &[RECIPIENT, PERSON]),
            (all_wrong, &[RECIPIENT, ADDRESS, PERSON, ORGANIZATION]),
        ],
    )
    .await;
}

/// Posts an order to each recipient alone, and asserts its error keys; without keys it is accepted.
async fn assert_keys<K: AsRef<[&'static str]>>(
    host: &Host,
    table: impl IntoIterator<Item = (Value, K)>,
) {
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

#[case]
async fn violation_names_the_index_of_its_recipient(host: &Host) {
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

#[case]
async fn recipients_keep_their_order(host: &Host) {
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

#[case]
async fn five_thousand_recipients_are_stored(host: &Host) {
    let recipients: Vec<_> = (0..5000)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let order = registered(host, &order_to(json!(recipients))).await;
    assert!(order["recipients"] == json!(recipients), "other recipients");
}
