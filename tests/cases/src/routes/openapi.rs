//! Checks the examples of the OpenAPI document against what the API does.

use http::header;
use serde_json::Value;
use test_support::{Call, Host, TRIGGER_KEY, assert_rows, case, get, tokens};

const BUILT: &str = include_str!("../../../../docs/openapi.json");

/// The organisation whose order is the document's example.
const EXAMPLE_ORG: &str = "ttd";

/// The Idempotency-Key of that order, which decides its id.
const EXAMPLE_KEY: &str = "case-4711-first-notice";

fn document() -> Value {
    serde_json::from_str(BUILT).expect("a document")
}

/// Follows the example order from its request to its cancellation.
#[case]
async fn examples_of_the_document_are_what_happens(host: &Host) {
    let document = document();
    let place = &document["paths"]["/order/email"]["post"];
    // A page that fills in examples would place every order under the same key.
    assert!(parameter(place, "Idempotency-Key").get("example").is_none());
    let request = example(&place["requestBody"], "all-members");

    let accepted = Call::new("POST", "/order/email")
        .bearer(tokens::bearer_of(EXAMPLE_ORG))
        .header("Idempotency-Key", EXAMPLE_KEY)
        .json(request)
        .send(host)
        .await
        .expect(202);
    let documented = &place["responses"]["202"];
    assert_eq!(&accepted.json(), example(documented, "with-a-look-up"));
    assert_eq!(
        accepted.header(header::LOCATION),
        documented["headers"]["Location"]["example"].as_str()
    );

    let paths = document["paths"].as_object().unwrap();
    for family in ["/order", "/notifications/api/v1/orders"] {
        let answers = |path: &str, method: &str| {
            &paths[&format!("{family}{path}")][method]["responses"]["200"]
        };
        let id = document["components"]["parameters"]["id"]["example"]
            .as_str()
            .unwrap();
        let order = follow(host, &format!("{family}/{id}")).await;
        assert_eq!(
            order,
            timeless(example(answers("/{id}", "get"), "the-order"))
        );
        let list = follow(host, &format!("{family}?sendersReference=case-4711")).await;
        assert_eq!(list, timeless(example(answers("", "get"), "one-order")));
        let none = follow(host, &format!("{family}?sendersReference=none")).await;
        assert_eq!(none, timeless(example(answers("", "get"), "none")));
        let notifications = follow(host, &format!("{family}/{id}/notifications/email")).await;
        let documented = answers("/{id}/notifications/email", "get");
        assert_eq!(
            notifications,
            timeless(example(documented, "before-the-send-time"))
        );
    }

    let id = document["components"]["parameters"]["id"]["example"]
        .as_str()
        .unwrap();
    let status = follow(host, &format!("/order/{id}/status")).await;
    let documented = &paths["/order/{id}/status"]["get"]["responses"]["200"];
    assert_eq!(status, timeless(example(documented, "registered")));
    let cancelled = Call::new("PUT", format!("/order/{id}/cancel"))
        .bearer(tokens::bearer_of(EXAMPLE_ORG))
        .send(host)
        .await
        .expect(200);
    let documented = &paths["/order/{id}/cancel"]["put"]["responses"]["200"];
    assert_eq!(
        timeless(&cancelled.json()),
        timeless(example(documented, "cancelled"))
    );
}

#[case]
async fn examples_of_requests_are_accepted() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let document = document();
    let mut rows = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let is_order = path.ends_with("/email");
        let cases: &[_] = if is_order {
            &[("", 202), ("?dryRun=true", 200)]
        } else {
            &[("", 200)]
        };
        let examples = &item["post"]["requestBody"]["content"]["application/json"]["examples"];
        for (name, example) in examples.as_object().into_iter().flatten() {
            for (query, status) in cases {
                let path = path.replace("{sender}", "own");
                let call = Call::new("POST", format!("{path}{query}")).json(&example["value"]);
                let call = if is_order {
                    call.bearer(tokens::bearer())
                } else {
                    call.bearer(TRIGGER_KEY)
                };
                let answer = call.send(&host).await.status.as_u16();
                rows.push((format!("{path}{query} {name}"), answer, *status));
            }
        }
    }
    assert_rows(rows);
}

/// Gets a document, without its instants.
async fn follow(host: &Host, path: &str) -> Value {
    let call = get(path).bearer(tokens::bearer_of(EXAMPLE_ORG));
    timeless(&call.send(host).await.expect(200).json())
}

fn timeless(document: &Value) -> Value {
    match document {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "created" | "lastUpdate"))
            .map(|(name, member)| (name.clone(), timeless(member)))
            .collect(),
        Value::Array(elements) => elements.iter().map(timeless).collect(),
        other => other.clone(),
    }
}

fn parameter<'a>(operation: &'a Value, name: &str) -> &'a Value {
    let mut parameters = operation["parameters"].as_array().unwrap().iter();
    parameters
        .find(|parameter| parameter["name"] == name)
        .unwrap()
}

/// Returns an example of a body.
#[track_caller]
fn example<'a>(body: &'a Value, name: &str) -> &'a Value {
    let value = &body["content"]["application/json"]["examples"][name]["value"];
    assert!(!value.is_null(), "no example {name}");
    value
}
