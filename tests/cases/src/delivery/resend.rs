//! Reports of Resend, which sign the request in place of the trigger key.

use ct_codecs::{Base64, Encoder as _};
use hmac_sha256::HMAC;
use serde_json::{Value, json};
use test_support::{
    Call, Host, TRIGGER_KEY, assert_rows, case, clock,
    order::{accepted, get_notifications, order_to, settled, statuses},
    post,
};

const KEY: &[u8] = b"a-secret-for-tests-only.";

/// Returns the variable of the key.
fn secret() -> String {
    format!("whsec_{}", Base64::encode_to_string(KEY).unwrap())
}

/// Returns a signed report from so many seconds ago.
fn signed(key: &[u8], body: &Value, seconds_ago: i64) -> Call {
    let timestamp = (clock::now().unix_timestamp() - seconds_ago).to_string();
    let content = format!("msg_1.{timestamp}.{body}");
    let signature = Base64::encode_to_string(HMAC::mac(content, key)).unwrap();
    post("/delivery-report/resend")
        .header("svix-id", "msg_1")
        .header("svix-timestamp", timestamp)
        .header("svix-signature", format!("v1,{signature}"))
        .json(body)
}

fn event(kind: &str, id: &Value) -> Value {
    json!({
        "type": kind,
        "created_at": "2030-01-31T07:00:04.000Z",
        "data": { "email_id": id, "subject": "Hello", "tags": {} },
    })
}

#[case]
async fn signed_event_of_resend_changes_the_status() {
    let secret = secret();
    let host = Host::with(&[("resend_webhook_secret", &secret)]).await;
    let names = [
        "email.delivered",
        "email.bounced",
        "email.failed",
        "email.suppressed",
        "email.sent",
    ];
    let address = |n| json!({ "emailAddress": format!("accepted-{n}@example.no") });
    let id = accepted(&host, &order_to((0..names.len()).map(address).collect())).await;
    settled(&host, &id).await;
    let document = get_notifications(&id).send(&host).await.expect(200).json();
    for (place, kind) in names.into_iter().enumerate() {
        let body = event(kind, &document["notifications"][place]["id"]);
        let result = signed(KEY, &body, 0).send(&host).await.expect(200).json();
        let is_report = kind != "email.sent";
        let expected = json!({ "accepted": u8::from(is_report), "ignored": u8::from(!is_report) });
        assert_eq!(result, expected, "{kind}");
    }
    assert_eq!(
        statuses(&host, &id).await,
        [
            "Delivered",
            "Failed_Bounced",
            "Failed",
            "Failed_SupressedRecipient",
            "Succeeded"
        ]
    );
    host.stop().await;
}

#[case]
async fn event_of_resend_needs_a_valid_signature_or_the_trigger_key() {
    let secret = secret();
    let variables = [
        ("resend_webhook_secret", secret.as_str()),
        ("trigger_key", TRIGGER_KEY),
    ];
    let configured = Host::with(&variables).await;
    let closed = Host::with(&[]).await;
    let with_key = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let damaged = Host::with(&[("resend_webhook_secret", "garbage")]).await;
    let body = event("email.sent", &json!("x"));
    let unsigned = || post("/delivery-report/resend").json(&body);
    let elsewhere = |sender: &str| {
        let mut call = signed(KEY, &body, 0);
        call.target = format!("/delivery-report/{sender}");
        call
    };
    let mut rows = Vec::new();
    for (name, host, call, status) in [
        ("signed", &configured, signed(KEY, &body, 0), 200),
        (
            "four minutes old",
            &configured,
            signed(KEY, &body, 240),
            200,
        ),
        ("six minutes old", &configured, signed(KEY, &body, 360), 401),
        (
            "six minutes ahead",
            &configured,
            signed(KEY, &body, -360),
            401,
        ),
        (
            "another key",
            &configured,
            signed(b"another", &body, 0),
            401,
        ),
        (
            "another key and the trigger key",
            &configured,
            signed(b"another", &body, 0).bearer(TRIGGER_KEY),
            401,
        ),
        (
            "another body",
            &configured,
            signed(KEY, &body, 0).body(event("email.bounced", &json!("x")).to_string()),
            401,
        ),
        ("unsigned", &configured, unsigned(), 401),
        (
            "the trigger key",
            &configured,
            unsigned().bearer(TRIGGER_KEY),
            200,
        ),
        (
            "signed for another sender",
            &configured,
            elsewhere("acs"),
            401,
        ),
        (
            "signed without a secret",
            &closed,
            signed(KEY, &body, 0),
            403,
        ),
        (
            "signed with an empty key, without a secret",
            &closed,
            signed(b"", &body, 0),
            403,
        ),
        (
            "signed, and only a trigger key",
            &with_key,
            signed(KEY, &body, 0),
            403,
        ),
        ("unsigned without any key", &closed, unsigned(), 403),
        (
            "a secret that is malformed",
            &damaged,
            signed(KEY, &body, 0),
            503,
        ),
    ] {
        let got = call.send(host).await.status.as_u16();
        rows.push((name, got, status));
    }
    assert_rows(rows);
}
