//! The second phase of validation: required members.

use serde_json::json;
use test_support::{
    Host, assert_rows, case,
    order::{order_with, order_without},
};

use super::{accepted, outcome, outcome_of_text, rejected};

#[case]
async fn missing_subject_body_or_recipients_are_400(host: &Host) {
    let mut rows = vec![
        (
            "no member".to_owned(),
            outcome_of_text(host, "{}").await,
            rejected(["Body", "Recipients", "Subject"]),
        ),
        (
            "no recipients".to_owned(),
            outcome(host, &order_without(&["recipients"])).await,
            rejected(["Recipients"]),
        ),
        (
            "null recipients".to_owned(),
            outcome(host, &order_with(json!({ "recipients": null }))).await,
            rejected(["Recipients"]),
        ),
        (
            "empty recipients".to_owned(),
            outcome(host, &order_with(json!({ "recipients": [] }))).await,
            rejected(["Recipients"]),
        ),
        (
            "neither subject nor body".to_owned(),
            outcome(host, &order_without(&["subject", "body"])).await,
            rejected(["Body", "Subject"]),
        ),
    ];
    for (member, key) in [("subject", "Subject"), ("body", "Body")] {
        let missing = outcome(host, &order_without(&[member])).await;
        rows.push((format!("no {member}"), missing, rejected([key])));
        for value in [
            json!(null),
            json!(""),
            json!(" "),
            json!("\t\r\n "),
            json!("\u{a0}\u{2003}"),
        ] {
            let got = outcome(host, &order_with(json!({ member: value }))).await;
            rows.push((format!("{member} {value}"), got, rejected([key])));
        }
        let least = outcome(host, &order_with(json!({ member: "x" }))).await;
        rows.push((format!("{member} of one letter"), least, accepted()));
    }
    assert_rows(rows);
}

#[case]
async fn violations_of_a_phase_hide_later_phases(host: &Host) {
    let broken_rules = json!({
        "recipients": [{ "emailAddress": "nobody" }, {}],
        "requestedSendTime": "2001-01-01T00:00:00Z",
        "resourceAction": "read",
        "conditionEndpoint": "http://localhost",
    });
    let with = |members| {
        let mut order = order_with(broken_rules.clone());
        let serde_json::Value::Object(members) = members else {
            unreachable!()
        };
        order.as_object_mut().unwrap().extend(members);
        order
    };
    assert_rows([
        (
            "a wrong type and all else",
            outcome(host, &with(json!({ "subject": "", "body": 1 }))).await,
            rejected(["$.body"]),
        ),
        (
            "an invalid send time and all else",
            outcome(
                host,
                &with(json!({ "body": null, "requestedSendTime": "x" })),
            )
            .await,
            rejected(["$.requestedSendTime"]),
        ),
        (
            "two missing and broken rules",
            outcome(host, &with(json!({ "subject": " ", "body": null }))).await,
            rejected(["Body", "Subject"]),
        ),
        (
            "null recipients and broken rules",
            outcome(host, &with(json!({ "recipients": null }))).await,
            rejected(["Recipients"]),
        ),
        (
            "broken rules, all at once",
            outcome(host, &with(json!({}))).await,
            rejected([
                "ConditionEndpoint",
                "Recipients[0].EmailAddress",
                "Recipients[1]",
                "RequestedSendTime",
                "ResourceAction",
            ]),
        ),
        (
            "empty recipients beside broken rules",
            outcome(host, &with(json!({ "recipients": [] }))).await,
            rejected([
                "ConditionEndpoint",
                "Recipients",
                "RequestedSendTime",
                "ResourceAction",
            ]),
        ),
    ]);
}
