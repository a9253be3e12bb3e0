//! Examples are what their schemas say, and what the code takes.

use serde_json::Value;

use super::written;
use crate::{
    delivery::report::Reports,
    order::{NewOrder, OrderRequest},
    timestamp::Timestamp,
};

/// What stands for a value: its schema and its examples, with the place where it stands.
struct Exemplified<'a> {
    place: String,
    schema: &'a Value,
    examples: Vec<&'a Value>,
}

/// Everything in the document that has a schema and examples of it.
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
            // What a schema itself gives as examples is held in the test below.
            _ if name == "schema" || name == "schemas" => {}
            member => exemplified(member, &place, found),
        }
    }
}

/// A validator of a schema that stands in the document.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
}

#[test]
fn are_what_their_schemas_say() {
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
fn of_schemas_are_what_these_say() {
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
fn of_requests_are_orders_or_reports() {
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
                assert!(reports.is_ok(), "{name}: {reports:?}");
                continue;
            }
            let order = OrderRequest::parse(text.as_bytes())
                .and_then(|request| NewOrder::validate(&request, now));
            assert!(order.is_ok(), "{name}: {order:?}");
        }
    }
    assert!(count > 0, "there is no example of a request");
}
