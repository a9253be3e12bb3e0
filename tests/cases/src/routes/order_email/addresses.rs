//! The grammar of email addresses.

use serde_json::json;
use test_support::{
    Host, assert_rows, case,
    order::{order_to, registered},
};

use super::{accepted, outcome, rejected};

#[case]
async fn valid_addresses_are_accepted(host: &Host) {
    let letters = |count| "x".repeat(count);
    let mut rows = Vec::new();
    for address in [
        "someone@example.no",
        "a@b.no",
        "A.B.C@Sub.Example.NO",
        "æøå.ÆØÅ@blåbær.no",
        "!#$%&'*+-=?^_{|}~`@example.no",
        "1@2.co",
        "a@x-y.no",
        "a@x--y.no",
        "a@1.2.3.4",
        "a@999.999.999.999",
        "a@000.0.00.0",
        "a@example.abcdefghijklmn",
        "+tag+@example.no",
        &format!("a@{}no", "x.".repeat(9)),
        &format!("a@{}.no", letters(63)),
        &format!("a@{}.no", "ø".repeat(63)),
        &format!("{}@example.no", letters(1000)),
    ] {
        let order = order_to(json!([{ "emailAddress": address }]));
        rows.push((address.to_owned(), outcome(host, &order).await, accepted()));
    }
    assert_rows(rows);
}

#[case]
async fn invalid_addresses_are_400(host: &Host) {
    let letters = |count| "x".repeat(count);
    let mut rows = Vec::new();
    for text in [
        " ",
        "a",
        "@",
        "a@",
        "@example.no",
        "a@b",
        "a@localhost",
        "a@@example.no",
        "a@b@example.no",
        ".a@example.no",
        "a.@example.no",
        "a..b@example.no",
        "a b@example.no",
        "a@exa mple.no",
        "a/b@example.no",
        "a(b)@example.no",
        "a,b@example.no",
        "a:b@example.no",
        "a;b@example.no",
        "a\\b@example.no",
        "\"a b\"@example.no",
        "A <a@example.no>",
        "a@example.no, b@example.no",
        "a@example.no\r\nBcc: b@example.no",
        "a\u{0}@example.no",
        "é@example.no",
        "a@é.no",
        "a@日本.no",
        "ａ@example.no",
        "a@example.n",
        "a@example.n0",
        "a@example.næ",
        "a@example.abcdefghijklmno",
        "a@-x.no",
        "a@x-.no",
        "a@x_y.no",
        "a@x..no",
        "a@.no",
        "a@example.no.",
        "a@1.2.3",
        "a@1.2.3.4.5",
        "a@1.2.3.4444",
        "a@1.2.3.",
        "a@[1.2.3.4]",
        "a@[IPv6:::1]",
        &format!("a@{}no", "x.".repeat(10)),
        &format!("a@{}.no", letters(64)),
        &format!("a@{}.no", "ø".repeat(64)),
        &format!("a@{}", letters(10_000)),
    ] {
        let order = order_to(json!([{ "emailAddress": text }]));
        let expected = rejected(["Recipients[0].EmailAddress"]);
        rows.push((text.to_owned(), outcome(host, &order).await, expected));
    }
    assert_rows(rows);
}

#[case]
async fn address_is_stored_as_written_and_trimmed(host: &Host) {
    let mut rows = Vec::new();
    for (written, kept) in [
        ("Some.One@Example.NO", "Some.One@Example.NO"),
        (" a@example.no", "a@example.no"),
        ("a@example.no\n", "a@example.no"),
        ("\t a@example.no \r\n", "a@example.no"),
    ] {
        let order = registered(host, &order_to(json!([{ "emailAddress": written }]))).await;
        let expected = json!([{ "emailAddress": kept }]);
        rows.push((
            format!("{written:?}"),
            order["recipients"].clone(),
            expected,
        ));
    }
    assert_rows(rows);
}
