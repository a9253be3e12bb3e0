//! The JSON Schema of reports. Its tests compare it with the code that parses reports.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema, Type,
        schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder},
    },
};

use super::{CLOUD_EVENTS_VERSION, DELIVERY, HANDSHAKE};
use crate::order::NotificationStatus;

/// A report, or an event of another kind, with the members of all forms.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
struct Item {
    /// The id of the notification.
    notification_id: Option<String>,
    /// The id that the provider has assigned to the notification, in place of `notificationId`.
    provider_id: Option<String>,
    /// The result of the delivery: a final status of the API.
    status: Option<String>,
    /// The kind of an event of Azure Event Grid.
    event_type: Option<String>,
    /// The kind of a cloud event, or of an event of Resend.
    r#type: Option<String>,
    /// The version of CloudEvents.
    specversion: Option<String>,
    /// The content of the event.
    data: Option<Data>,
}

#[derive(ToSchema)]
#[schema(as = DeliveryEvent, rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
struct Data {
    message_id: Option<String>,
    status: Option<String>,
    validation_code: Option<String>,
    #[schema(rename = "email_id")]
    email_id: Option<String>,
}

/// One report or event, with the members that each kind needs.
pub(crate) struct DeliveryReport;

impl PartialSchema for DeliveryReport {
    fn schema() -> RefOr<Schema> {
        let kinds = AnyOfBuilder::new()
            .item(
                own(null())
                    .property("notificationId", uuid())
                    .required("notificationId"),
            )
            .item(
                own(null())
                    .property("notificationId", null())
                    .property("providerId", text())
                    .required("providerId"),
            )
            .item(event(one_of(&[DELIVERY]), delivery()))
            .item(
                ObjectBuilder::new()
                    .property("eventType", null())
                    .property("specversion", one_of(&[CLOUD_EVENTS_VERSION]))
                    .property("type", one_of(&[DELIVERY]))
                    .property("data", delivery())
                    .required("specversion")
                    .required("type")
                    .required("data"),
            )
            .item(event(
                one_of(&[HANDSHAKE]),
                ObjectBuilder::new()
                    .property("validationCode", text())
                    .required("validationCode"),
            ))
            .item(
                resend(one_of(&RESEND_KINDS)).property(
                    "data",
                    ObjectBuilder::new()
                        .schema_type(Type::Object)
                        .property("email_id", text())
                        .required("email_id"),
                ),
            )
            .item(
                resend(not_one_of(&RESEND_KINDS))
                    .property("data", ObjectBuilder::new().schema_type(Type::Object)),
            )
            .item(other_event());
        let schema = AllOfBuilder::new()
            .description(Some(
                "The result of the delivery of one email, by its notification id or the id of the \
                 provider; or an event of Azure Communication Services, in the schema of Azure Event \
                 Grid or of CloudEvents 1.0; or an event of Resend. Events of other kinds are ignored.",
            ))
            .item(Item::schema())
            .item(kinds)
            .build();
        Schema::AllOf(schema).into()
    }
}

impl ToSchema for DeliveryReport {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Item::schemas(schemas);
    }
}

fn delivery() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("messageId", text())
        .property("status", one_of(&AZURE_STATUSES))
        .required("messageId")
        .required("status")
}

const AZURE_STATUSES: [&str; 7] = [
    "Delivered",
    "Expanded",
    "Bounced",
    "Failed",
    "FilteredSpam",
    "Quarantined",
    "Suppressed",
];

fn own(no_event: ObjectBuilder) -> ObjectBuilder {
    let ends = NotificationStatus::ALL.into_iter();
    let ends = ends.filter(|status| !status.is_unsent());
    let names: Vec<_> = ends.map(NotificationStatus::name).collect();
    ObjectBuilder::new()
        .property("eventType", no_event)
        .property("specversion", null())
        .property("status", one_of(&names))
        .required("status")
}

fn event(kind: ObjectBuilder, data: ObjectBuilder) -> ObjectBuilder {
    ObjectBuilder::new()
        .property("eventType", kind)
        .property("data", data)
        .required("eventType")
        .required("data")
}

fn other_event() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("eventType", not_one_of(&[DELIVERY, HANDSHAKE]))
        .required("eventType")
}

/// The kinds of Resend's events that are reports.
const RESEND_KINDS: [&str; 4] = [
    "email.delivered",
    "email.bounced",
    "email.failed",
    "email.suppressed",
];

fn resend(kind: ObjectBuilder) -> ObjectBuilder {
    ["eventType", "specversion", "notificationId", "providerId"]
        .into_iter()
        .fold(ObjectBuilder::new(), |object, name| {
            object.property(name, null())
        })
        .property("type", kind)
        .required("type")
        .required("data")
}

fn not_one_of(names: &[&str]) -> ObjectBuilder {
    let names: Vec<_> = names
        .iter()
        .map(|name| format!("{}$", name.replace('.', r"\.")))
        .collect();
    text().pattern(Some(format!("^(?!{})", names.join("|"))))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

fn one_of(names: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(names.iter().copied()))
}

fn uuid() -> ObjectBuilder {
    let hex = |count: u8| format!("[0-9a-fA-F]{{{count}}}");
    let hyphenated = [8, 4, 4, 4, 12].map(hex).join("-");
    text().pattern(Some(format!("^(?:{hyphenated}|{})$", hex(32))))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::delivery::report::{OTHER_EVENT, Reports};

    /// Returns a validator for the schema, with the schemas that it refers to.
    fn validator() -> jsonschema::Validator {
        let mut schemas = Vec::new();
        DeliveryReport::schemas(&mut schemas);
        let schemas: serde_json::Map<String, Value> = schemas
            .into_iter()
            .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap()))
            .collect();
        let mut schema = serde_json::to_value(DeliveryReport::schema()).unwrap();
        schema["components"] = json!({ "schemas": schemas });
        jsonschema::validator_for(&schema).unwrap()
    }

    /// Tells whether a report is read, or is an event of another kind.
    fn is_read(report: &str) -> bool {
        match Reports::parse(report.as_bytes()) {
            Some(Reports::Handshake(_)) => true,
            Some(Reports::Items(items)) => {
                let mut items = items.iter();
                items.all(|item| matches!(item, Ok(_) | Err(OTHER_EVENT)))
            }
            None => false,
        }
    }

    #[test]
    fn schema_accepts_what_parse_accepts() {
        const ID: &str = "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90";
        let validator = validator();
        let (mut good, mut bad) = (0, 0);
        let ids = [Value::Null, json!(ID), json!("x")];
        let provider_ids = [Value::Null, json!("x")];
        let statuses = [Value::Null, json!("Delivered"), json!("Sending")];
        let event = |kind: &str| (json!(kind), Value::Null, Value::Null);
        let cloud_event = (Value::Null, json!(DELIVERY), json!("1.0"));
        let kinds = [
            (Value::Null, Value::Null, Value::Null),
            event(DELIVERY),
            event(HANDSHAKE),
            event("other"),
            cloud_event,
            (Value::Null, json!("email.bounced"), Value::Null),
            (Value::Null, json!("contact.created"), Value::Null),
        ];
        let data = [
            Value::Null,
            json!({}),
            json!({ "messageId": "x", "status": "Expanded" }),
            json!({ "messageId": "x", "status": "OutForDelivery" }),
            json!({ "messageId": "x" }),
            json!({ "status": "Bounced" }),
            json!({ "validationCode": "x" }),
            json!({ "email_id": "x" }),
        ];
        for id in &ids {
            for provider_id in &provider_ids {
                for status in &statuses {
                    for (kind, cloud_kind, version) in &kinds {
                        for data in &data {
                            let report = json!({
                                "notificationId": id,
                                "providerId": provider_id,
                                "status": status,
                                "eventType": kind,
                                "type": cloud_kind,
                                "specversion": version,
                                "data": data,
                            });
                            let is_read = is_read(&report.to_string());
                            assert_eq!(validator.is_valid(&report), is_read, "{report}");
                            *if is_read { &mut good } else { &mut bad } += 1;
                        }
                    }
                }
            }
        }
        assert!(good > 50 && bad > 50, "{good} read, {bad} refused");
    }

    #[test]
    fn schema_requires_what_parse_requires() {
        let validator = validator();
        for text in [
            "{}",
            r#"{"status":"Delivered"}"#,
            r#"{"providerId":"x"}"#,
            r#"{"providerId":"x","status":"Delivered"}"#,
            r#"{"notificationId":"5f0c1a526a0e8d2f9c1b3e7d4a6b8c90","status":"Failed_Bounced"}"#,
            r#"{"eventType":"x"}"#,
            r#"{"specversion":"2.0","type":"x"}"#,
        ] {
            let report: Value = serde_json::from_str(text).unwrap();
            assert_eq!(validator.is_valid(&report), is_read(text), "{text}");
        }
    }
}
