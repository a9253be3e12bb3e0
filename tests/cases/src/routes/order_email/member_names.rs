//! The names of members.

use serde_json::json;
use test_support::{
    Host, case,
    order::{ORDER_EMAIL, fetch, order_id, order_with, registered},
    post, tokens,
};

use super::{outcome_of_text, rejected};

#[case]
async fn member_names_in_any_case_match(host: &Host) {
    let order = registered(
        host,
        &json!({
            "SUBJECT": "Upper", "Body": "Pascal", "contenttype": "Html",
            "REQUESTEDSENDTIME": "2030-01-31T08:00:00Z", "SendersReference": "case",
            "IgnoreReservation": true, "ResourceID": "resource", "resourceaction": "read",
            "CONDITIONendpoint": "https://api.example.no/send",
            "Recipients": [{ "EMAILADDRESS": "a@example.no" }, { "OrganizationNumber": "123456789" },
                { "nationalidentitynumber": "16069412345" }],
        }),
    )
    .await;
    assert_eq!(order["emailTemplate"]["subject"], "Upper");
    assert_eq!(order["emailTemplate"]["body"], "Pascal");
    assert_eq!(order["emailTemplate"]["contentType"], "Html");
    assert_eq!(order["requestedSendTime"], "2030-01-31T08:00:00Z");
    assert_eq!(order["sendersReference"], "case");
    assert_eq!(order["ignoreReservation"], true);
    assert_eq!(order["resourceId"], "resource");
    assert_eq!(order["resourceAction"], "read");
    assert_eq!(order["conditionEndpoint"], "https://api.example.no/send");
    assert_eq!(
        order["recipients"],
        json!([{ "emailAddress": "a@example.no" }, { "organizationNumber": "123456789" },
            { "nationalIdentityNumber": "16069412345" }])
    );
}

#[case]
async fn last_of_duplicate_members_wins(host: &Host) {
    let answer = outcome_of_text(
        host,
        r#"{"subject":"s","body":"b","recipients":[{"emailAddress":"a@example.no"}],"Recipients":null}"#,
    );
    assert_eq!(answer.await, rejected(["Recipients"]));
    let text = r#"{"subject":"first","body":"b","SUBJECT":"second","subject":"third",
        "recipients":[{"emailAddress":"nobody","emailAddress":"a@example.no"}]}"#;
    let call = post(ORDER_EMAIL).bearer(tokens::bearer()).json_text(text);
    let id = order_id(&call.send(host).await.expect(202));
    let order = fetch(host, &id).await;
    assert_eq!(order["emailTemplate"]["subject"], "third");
    assert_eq!(
        order["recipients"],
        json!([{ "emailAddress": "a@example.no" }])
    );
}

#[case]
async fn unknown_members_are_ignored(host: &Host) {
    let order = order_with(json!({
        "id": "mine", "creator": "somebody", "notificationChannel": "Sms",
        "unknown": [1, { "x": null }], "isReserved": "perhaps", "$schema": "x", "": 1,
        "recipients": [{ "emailAddress": "a@example.no", "mobileNumber": "+4799999999",
            "isReserved": true, "name": ["A"] }],
    }));
    let order = registered(host, &order).await;
    assert_ne!(order["id"], "mine");
    assert_ne!(order["creator"], "somebody");
    assert_eq!(order["notificationChannel"], "Email");
    assert_eq!(
        order["recipients"],
        json!([{ "emailAddress": "a@example.no" }])
    );
}
