//! Checks that schemas and code accept the same values.

use serde_json::{Value, json};

use super::*;
use crate::order::NewOrder;
use crate::timestamp::Timestamp;

fn validator(schema: impl Into<RefOr<Schema>>) -> jsonschema::Validator {
    let schema = serde_json::to_value(schema.into()).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// Checks that a schema and the code that reads accept the same of these texts.
fn agree<T: PartialSchema>(texts: impl IntoIterator<Item = String>, read: fn(&str) -> bool) {
    let validator = validator(T::schema());
    let mut read_or_not = [0, 0];
    let differing: Vec<String> = texts
        .into_iter()
        .inspect(|text| read_or_not[usize::from(read(text))] += 1)
        .filter(|text| validator.is_valid(&Value::from(text.as_str())) != read(text))
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
    assert!(!read_or_not.contains(&0), "{read_or_not:?}");
}

/// Returns all characters of one byte, and some others.
fn characters() -> impl Iterator<Item = char> {
    let others = "\u{80}\u{85}\u{a0}\u{ad}æøåÆØÅéß\u{1680}\u{180e}\u{2003}\u{200b}\u{2028}\u{3000}\u{feff}漢😀";
    ('\0'..='\u{7f}').chain(others.chars())
}

/// Returns each of the patterns with each character in place of `*`.
fn with_each_character(patterns: &'static [&'static str]) -> impl Iterator<Item = String> {
    characters().flat_map(|character| {
        patterns
            .iter()
            .map(move |pattern| pattern.replace('*', &character.to_string()))
    })
}

#[test]
fn schema_of_blank_text_agrees_with_trim() {
    agree::<NotBlank>(
        with_each_character(&["", "*", " *\n", "**", "x*"]),
        |text| !text.trim().is_empty(),
    );
}

#[test]
fn schema_of_numbers_agrees_with_parse() {
    let texts = with_each_character(&["123456789", "12345678*", "*123456789", "123456789*"]);
    agree::<OrganizationNumber>(texts, |text| OrganizationNumber::parse(text).is_ok());
    let texts = with_each_character(&["12345678901", "1234567890*", "12345678901*", "*"]);
    agree::<NationalIdentityNumber>(texts, |text| NationalIdentityNumber::parse(text).is_ok());
}

#[test]
fn schema_of_addresses_agrees_with_parse() {
    let long = |label: usize| format!("a@{}.no", "x".repeat(label));
    let deep = |labels: usize| format!("a@{}no", "x.".repeat(labels));
    let top = |length: usize| format!("a@b.{}", "x".repeat(length));
    let texts = with_each_character(&[
        "*",
        "*a@b.no",
        "a*@b.no",
        "a@b.no*",
        "a.*@b.no",
        "a*b@c.no",
        "a@*.no",
        "a@*b.no",
        "a@b*.no",
        "a@b*c.no",
        "a@b.*no",
        "a@b.n*",
        "a@1.2.3.4*",
        "a@1.2.3.*",
        "a@1.2*3.4",
    ])
    .chain([62, 63, 64].map(long))
    .chain([0, 1, 9, 10].map(deep))
    .chain([1, 2, 14, 15].map(top))
    .chain(
        [
            "",
            "a@",
            "@b.no",
            "a@b",
            "a..b@c.no",
            ".a@b.no",
            "a@1.2.3",
            "a@1.2.3.1234",
        ]
        .map(str::to_owned),
    );
    agree::<EmailAddress>(texts, |text| EmailAddress::parse(text).is_ok());
}

#[test]
fn schema_of_endpoints_agrees_with_parse() {
    let ports = [
        "",
        "0",
        "80",
        "65535",
        "65536",
        "99999",
        "100000",
        "00080",
        "000080",
        "0000065535",
        "8x",
        "+80",
        "80:80",
    ];
    let ports = ports.map(|port| format!("https://a.no:{port}/x"));
    let domains = INTERNAL.into_iter().flat_map(|domain| {
        let upper = domain.to_uppercase();
        [
            format!("https://a.{domain}"),
            format!("https://a.b.{upper}:80/x"),
            format!("https://a.{domain}?x"),
            format!("https://a.x{domain}"),
            format!("https://a.{domain}x"),
            format!("https://{domain}.no"),
        ]
    });
    let texts = with_each_character(&[
        "*",
        "https://a.no/*",
        "https://a.no/x*y",
        "https://a.no?*",
        "https://a.no/x?y*z",
        "https://a.no/#*",
        "https://a.no#*",
        "https://*.no",
        "https://*a.no",
        "https://a*.no",
        "https://a.*no",
        "https://a.no*",
        "https://a.no:*",
        "https://a.no:8*",
        "*https://a.no",
        "http*://a.no",
        "https:*//a.no",
        "https://*@a.no",
        "https://u:*@a.no",
    ])
    .chain(ports)
    .chain(domains)
    .chain(
        [
            "",
            "/x",
            "a.no",
            "ftp://a.no",
            "HTTPS://A.NO",
            "Http://a.no/",
            "https://localhost",
            "https://1.2.3.4",
            "https://[::1]/",
            "https://a..no",
            "https://.no",
            "https://a.n",
            "https://user@a.no/",
            "https://a.no/%zz",
        ]
        .map(str::to_owned),
    );
    agree::<ConditionEndpoint>(texts, |text| ConditionEndpoint::parse(text).is_ok());
}

#[test]
fn schema_of_date_times_agrees_with_parse() {
    let texts = with_each_character(&[
        "*",
        "2030-01-31*08:00:00Z",
        "2030-01-31T08:00:00*",
        "2030-01-31T08:00:00.*Z",
        "2030-01-31T08:00:00*01:00",
        "2030-01-31T08:00:0*Z",
    ])
    .chain(
        [
            "2030-01-31T08:00:00Z",
            "2030-01-31T08:00:00.123456789012Z",
            "2030-02-30T08:00:00Z",
            "2030-01-31T24:00:00Z",
            "2030-01-31T08:60:00Z",
            "2030-01-31",
            "2030-01-31T08:00:00",
            "2030-01-31T08:00:00+23:59",
            "2030-01-31T08:00:00+24:00",
            "2030-1-31T08:00:00Z",
        ]
        .map(str::to_owned),
    );
    agree::<Timestamp>(texts, |text| Timestamp::parse(text).is_ok());
}

#[test]
fn schema_of_content_types_agrees_with_parse() {
    let validator = validator(ContentTypeName::schema());
    for value in [
        json!("Plain"),
        json!("hTmL"),
        json!("plai"),
        json!("Html "),
        json!(""),
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(true),
        json!(null),
        json!([]),
        json!("0"),
    ] {
        let body = json!({ "contentType": value });
        let read = OrderRequest::parse(body.to_string().as_bytes()).is_ok();
        assert_eq!(validator.is_valid(&value), read, "{value}");
    }
}

#[test]
fn schema_of_recipients_agrees_with_validate() {
    let validator = validator(RecipientRequest::schema());
    let choices = [
        (
            "emailAddress",
            [
                None,
                Some(json!(null)),
                Some(json!("")),
                Some(json!("a@b.no")),
                Some(json!("a")),
            ],
        ),
        (
            "organizationNumber",
            [
                None,
                Some(json!(null)),
                Some(json!("")),
                Some(json!("123456789")),
                Some(json!(1)),
            ],
        ),
        (
            "nationalIdentityNumber",
            [
                None,
                Some(json!(null)),
                Some(json!("")),
                Some(json!("16069412345")),
                Some(json!("1")),
            ],
        ),
    ];
    let mut recipients = vec![
        json!({}),
        json!({ "mobileNumber": 1 }),
        json!(null),
        json!("a@b.no"),
        json!([]),
    ];
    for one in &choices[0].1 {
        for two in &choices[1].1 {
            for three in &choices[2].1 {
                let members = choices.iter().zip([one, two, three]);
                let members = members
                    .filter_map(|((name, _), value)| Some(((*name).to_owned(), value.clone()?)));
                recipients.push(Value::Object(members.collect()));
            }
        }
    }
    for recipient in recipients {
        let order = json!({ "subject": "s", "body": "b", "recipients": [recipient] });
        assert_eq!(
            validator.is_valid(&recipient),
            is_order(&order),
            "{recipient}"
        );
    }
}

#[test]
fn schema_of_resource_action_agrees_with_validate() {
    let validator = validator(resource_rule());
    for resource in [json!(null), json!(""), json!(" \n"), json!("urn:a")] {
        for action in [json!(null), json!(""), json!(" "), json!("read")] {
            let mut order = json!({
                "subject": "s", "body": "b", "recipients": [{ "emailAddress": "a@b.no" }],
                "resourceId": resource, "resourceAction": action,
            });
            assert_eq!(validator.is_valid(&order), is_order(&order), "{order}");
            order.as_object_mut().unwrap().remove("resourceId");
            assert_eq!(validator.is_valid(&order), is_order(&order), "{order}");
        }
    }
}

fn is_order(order: &Value) -> bool {
    OrderRequest::parse(order.to_string().as_bytes())
        .and_then(|request| NewOrder::validate(&request, Timestamp::now()))
        .is_ok()
}
