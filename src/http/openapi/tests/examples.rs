//! Checks the examples against their schemas and against the code that reads requests.

use serde_json::Value;

use super::written;
use crate::{
    delivery::report::Reports,
    order::{NewOrder, OrderRequest},
    timestamp::Timestamp,
};

/// A schema, its examples, and their place in the document.
struct Exemplified<'a> {
    place: String,
    schema: &'a Value,
    examples: Vec<&'a Value>,
}

/// Collects every schema that has examples.
fn exemplified<'a>(value: &'a Value, place: &str, found: &mut Vec<Exemplified<'a>>) {
    let Value::Object(members) = value else {
        return;
    };
    if let Some(schema) = members.get("schema") {
        let named = members.get("examples").and_then(Value::as_object);
        let named = named.into_iter().flat_map(serde_json::Map::values);
        let examples = named.map(|example| &example["value"]);
        found.push(Exemplified {
            place: place.to_owned(),
            schema,
            examples: examples.chain(members.get("example")).collect(),
        });
    }
    for (name, member) in members {
        let place = format!("{place}/{name}");
        match member {
            Value::Array(elements) => {
                for element in elements {
                    exemplified(element, &place, found);
                }
            }
            // The test below checks the examples inside schemas.
            _ if name == "schema" || name == "schemas" => {}
            member => exemplified(member, &place, found),
        }
    }
}

/// Returns a validator of a schema that may refer to components.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
}

#[test]
fn examples_match_their_schemas() {
    let document = written();
    let mut found = Vec::new();
    exemplified(&document, "", &mut found);
    let mut count = 0;
    for Exemplified {
        place,
        schema,
        examples,
    } in found
    {
        let validator = validator(&document, schema);
        for example in examples {
            if let Err(error) = validator.validate(example) {
                panic!("{place}: {error}");
            }
            count += 1;
        }
    }
    assert!(count > 50, "only {count} examples");
}

#[test]
fn examples_in_schemas_match_them() {
    let document = written();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let validator = validator(&document, schema);
        let examples = schema["examples"].as_array().into_iter().flatten();
        for example in examples.chain(schema.get("example")) {
            assert!(validator.is_valid(example), "{name}: {example}");
        }
    }
}

#[test]
fn examples_of_requests_are_valid() {
    let document = written();
    let now = Timestamp::now();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let examples = item.pointer("/post/requestBody/content/application~1json/examples");
        for example in examples.and_then(Value::as_object).into_iter().flatten() {
            let (name, example) = example;
            let text = example["value"].to_string();
            count += 1;
            if path.starts_with("/delivery-report") {
                let reports = Reports::parse(text.as_bytes());
                assert!(reports.is_some(), "{name}: {reports:?}");
                continue;
            }
            let order = OrderRequest::parse(text.as_bytes())
                .and_then(|request| NewOrder::validate(&request, now));
            assert!(order.is_ok(), "{name}: {order:?}");
        }
    }
    assert!(count > 0, "no request has an example");
}
