//! GET `/openapi.json`: the document is served as it was derived, and what it gives as examples
//! is what happens.

use http::header;
use serde_json::Value;

use crate::support::{Call, Host, assert_rows, get, host::TRIGGER_KEY, shared, tokens};

const BUILT: &str = include_str!("../../../docs/openapi.json");

/// The organisation whose order is the document's example.
const EXAMPLE_ORG: &str = "ttd";

/// What that order's request is called, which its id follows from.
const EXAMPLE_KEY: &str = "case-4711-first-notice";

fn document() -> Value {
    serde_json::from_str(BUILT).expect("a document")
}

#[tokio::test]
async fn is_served_as_it_was_derived() {
    let host = shared().await;
    let answer = get("/openapi.json").send(host).await.expect(200);
    assert_eq!(answer.json(), document());
    let tag = answer.header(header::ETAG).expect("an entity tag");
    let again = get("/openapi.json").header("if-none-match", tag);
    again.send(host).await.expect(304);
}

#[tokio::test]
async fn other_spellings_are_answered_alike() {
    let host = shared().await;
    let plain = get("/openapi.json").send(host).await.expect(200);
    let tag = plain.header(header::ETAG).expect("an entity tag");
    for path in ["/OpenAPI.json", "/OPENAPI.JSON/", "/openapi%2Ejson"] {
        let answer = get(path).send(host).await.expect(200);
        assert_eq!(answer.body, plain.body, "{path}");
        assert_eq!(answer.header(header::ETAG), Some(tag), "{path}");
        let head = Call::new("HEAD", path).send(host).await.expect(200);
        let length = plain.header(header::CONTENT_LENGTH);
        assert_eq!(head.header(header::CONTENT_LENGTH), length, "{path}");
        let again = get(path).header("if-none-match", tag);
        again.send(host).await.expect(304);
        let post = Call::new("POST", path).send(host).await.expect(405);
        assert_eq!(post.allowed_methods(), ["GET", "HEAD"], "{path}");
    }
}

/// The example order, from its request to its cancellation: what is documented of each step is
/// what is answered.
#[tokio::test]
async fn its_examples_are_what_happens() {
    let host = shared().await;
    let document = document();
    let place = &document["paths"]["/order/email"]["post"];
    // A page that fills an example in would place everybody's order under the same key.
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

#[tokio::test]
async fn every_example_of_a_request_is_accepted() {
    let Some(host) = Host::with(&[("trigger_key", TRIGGER_KEY)]).await else {
        return;
    };
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

/// What is read at a path, without the instants at which things happened.
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

/// An example of a body.
#[track_caller]
fn example<'a>(body: &'a Value, name: &str) -> &'a Value {
    let value = &body["content"]["application/json"]["examples"][name]["value"];
    assert!(!value.is_null(), "no example {name}");
    value
}
