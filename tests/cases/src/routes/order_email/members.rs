//! The members of an order, one by one.

use serde_json::{Value, json};
use test_support::{
    Host, assert_rows, case,
    order::{order_with, order_without, registered},
};

use super::{accepted, outcome, rejected};

#[case]
async fn content_type_is_read_in_every_form(host: &Host) {
    let mut rows = Vec::new();
    for (value, kept) in [
        (json!("Plain"), "Plain"),
        (json!("Html"), "Html"),
        (json!("plain"), "Plain"),
        (json!("HTML"), "Html"),
        (json!("hTmL"), "Html"),
        (json!(null), "Plain"),
        (json!(0), "Plain"),
        (json!(1), "Html"),
    ] {
        let order = registered(host, &order_with(json!({ "contentType": value }))).await;
        let got = order["emailTemplate"]["contentType"].clone();
        rows.push((value.to_string(), got, json!(kept)));
    }
    let default = registered(host, &order_without(&[])).await;
    let got = default["emailTemplate"]["contentType"].clone();
    rows.push(("none".to_owned(), got, json!("Plain")));
    assert_rows(rows);
}

#[case]
async fn line_breaks_in_subject_become_spaces(host: &Host) {
    let mut rows = Vec::new();
    for (subject, kept) in [
        ("Hello", "Hello"),
        ("a\nb", "a b"),
        ("a\rb", "a b"),
        ("a\r\nb", "a b"),
        ("a\r\n\r\nb", "a  b"),
        ("a\n\rb", "a  b"),
        ("a\r\nBcc: b@example.no\n", "a Bcc: b@example.no "),
        (
            " Hei $recipientName$, æøå 🎉 \"\\ ",
            " Hei $recipientName$, æøå 🎉 \"\\ ",
        ),
    ] {
        let order = registered(host, &order_with(json!({ "subject": subject }))).await;
        let got = order["emailTemplate"]["subject"].clone();
        rows.push((format!("{subject:?}"), got, json!(kept)));
    }
    assert_rows(rows);
}

#[case]
async fn body_is_stored_unchanged(host: &Host) {
    let mut rows = Vec::new();
    for body in [
        " \r\n<p>Text</p>\n\n\r\t",
        "<script>alert('æøå 🎉 \u{1f468}\u{200d}\u{1f469}')</script>",
        "\u{0}\u{1}\u{7f}\u{feff}\u{2028}\"\\/",
        "e\u{301} is not \u{e9}",
    ] {
        let order = registered(host, &order_with(json!({ "body": body }))).await;
        let got = order["emailTemplate"]["body"].clone();
        rows.push((format!("{body:?}"), got, json!(body)));
    }
    assert_rows(rows);
}

#[case]
async fn free_text_and_flags_are_stored_unchanged(host: &Host) {
    let long = "long ".repeat(1000);
    let mut rows = Vec::new();
    for (member, value) in [
        ("sendersReference", json!("case-4711")),
        ("sendersReference", json!("Ref/æøå 🎉 #?%'\"\\\n\u{0}")),
        ("sendersReference", json!(long)),
        ("resourceId", json!("urn:altinn:resource:my-service")),
        ("resourceId", json!("anything ' at all")),
        ("ignoreReservation", json!(true)),
        ("ignoreReservation", json!(false)),
        (
            "conditionEndpoint",
            json!("https://api.example.no/send?id=1"),
        ),
    ] {
        let order = registered(host, &order_with(json!({ member: value }))).await;
        rows.push((format!("{member} {value}"), order[member].clone(), value));
    }
    assert_rows(rows);
}

#[case]
async fn null_members_are_left_out_of_the_order(host: &Host) {
    let optional = [
        "sendersReference",
        "ignoreReservation",
        "resourceId",
        "resourceAction",
        "conditionEndpoint",
    ];
    let nulls = order_with(
        optional
            .map(|name| (name.to_owned(), Value::Null))
            .into_iter()
            .collect(),
    );
    for order in [order_without(&["sendersReference"]), nulls] {
        let order = registered(host, &order).await;
        for name in optional {
            assert_eq!(order.get(name), None, "{order}");
        }
    }
}

#[case]
async fn resource_action_without_resource_is_400(host: &Host) {
    let mut rows = Vec::new();
    for (members, expected) in [
        (
            json!({ "resourceAction": "read" }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": "read", "resourceId": null }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": "read", "resourceId": "" }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": "read", "resourceId": " \t" }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": " ", "resourceId": "r" }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": "\t\n", "resourceId": "r" }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": " " }),
            rejected(["ResourceAction"]),
        ),
        (
            json!({ "resourceAction": "read", "resourceId": "r" }),
            accepted(),
        ),
        (
            json!({ "resourceAction": "", "resourceId": "r" }),
            accepted(),
        ),
        (
            json!({ "resourceAction": null, "resourceId": "r" }),
            accepted(),
        ),
        (json!({ "resourceAction": "" }), accepted()),
        (json!({ "resourceAction": null }), accepted()),
        (json!({ "resourceId": "r" }), accepted()),
        (json!({ "resourceId": "" }), accepted()),
    ] {
        let name = members.to_string();
        rows.push((name, outcome(host, &order_with(members)).await, expected));
    }
    assert_rows(rows);

    let empty = json!({ "resourceAction": "", "resourceId": "r" });
    let order = registered(host, &order_with(empty)).await;
    assert_eq!(order.get("resourceAction"), None, "\"\" counts as absent");
    let given = json!({ "resourceAction": "read", "resourceId": "r" });
    let order = registered(host, &order_with(given)).await;
    assert_eq!(order["resourceAction"], "read");
}

#[case]
async fn condition_endpoint_must_be_a_public_url(host: &Host) {
    let mut rows = Vec::new();
    for url in [
        "https://api.example.no/send?id=1",
        "http://example.no",
        "HTTPS://API.EXAMPLE.NO/",
        "https://a-b.example.no:8443/path/%C3%A6?x=y&z#part",
        "https://example.no?x=1",
        "https://1.example.museum/",
        "https://localhost.example.no:65535/",
        "https://internal.no/",
        "https://mysvc.no/",
        "https://xn--blbr-roah.example.no/",
    ] {
        let order = order_with(json!({ "conditionEndpoint": url }));
        rows.push((url, outcome(host, &order).await, accepted()));
    }
    for url in [
        "",
        " ",
        "x",
        "/send",
        "//example.no/send",
        "example.no/send",
        "ftp://example.no/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@example.no",
        "https://",
        "https:///path",
        "https://localhost/",
        "https://localhost:3000/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://example.n/",
        "https://example.n0/",
        "https://example.no./",
        "https://blåbær.no/",
        "https://exa_mple.no/",
        "https://exa mple.no/",
        "https://example.no:99999/",
        "https://example.no:+80/",
        "https://example.no:000080/",
        "https://example.no:/",
        "https://user@example.no/",
        "https://user:password@example.no/",
        "https://app.localhost/",
        "https://printer.local/",
        "http://email-orders.spin.internal/health",
        "http://Email-Orders.SPIN.Internal:80/health",
        "http://api-docs.spin.internal./docs",
        "http://metadata.google.internal/",
        "http://self/health",
        "http://self.alt/health",
        "http://SELF.ALT/health",
        "http://api.default.svc/",
        "http://api.default.svc.cluster.local/",
        "http://router.home.arpa/",
        "https://a@127.0.0.1/",
        "https://example.no@127.0.0.1/",
        "https://127.0.0.1#.example.no",
        "https://127.0.0.1\\.example.no/",
    ] {
        let order = order_with(json!({ "conditionEndpoint": url }));
        rows.push((
            url,
            outcome(host, &order).await,
            rejected(["ConditionEndpoint"]),
        ));
    }
    assert_rows(rows);
}
