//! The JSON Schema of reports. Its tests compare it with the code that parses reports.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema, Type,
        schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder},
    },
};

use super::{DELIVERY, HANDSHAKE, Item};
use crate::order::NotificationStatus;

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
            .item(event(
                one_of(&[DELIVERY]),
                ObjectBuilder::new()
                    .property("messageId", text())
                    .property("status", one_of(&AZURE_STATUSES))
                    .required("messageId")
                    .required("status"),
            ))
            .item(event(
                one_of(&[HANDSHAKE]),
                ObjectBuilder::new()
                    .property("validationCode", text())
                    .required("validationCode"),
            ))
            .item(other_event());
        let schema = AllOfBuilder::new()
            .description(Some(
                "The result of the delivery of one email, by its notification id or the id of the \
                 provider; or an event of Azure Event Grid. Events of other kinds are ignored.",
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
    let [delivery, handshake] = [DELIVERY, HANDSHAKE].map(|kind| kind.replace('.', r"\."));
    let kind = text().pattern(Some(format!("^(?!{delivery}$|{handshake}$)")));
    ObjectBuilder::new()
        .property("eventType", kind)
        .required("eventType")
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
    use crate::delivery::report::Reports;

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

    #[test]
    fn schema_accepts_what_parse_accepts() {
        const ID: &str = "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90";
        let validator = validator();
        let (mut good, mut bad) = (0, 0);
        let ids = [Value::Null, json!(ID), json!("x"), json!(7)];
        let provider_ids = [Value::Null, json!("x"), json!([])];
        let statuses = [Value::Null, json!("Delivered"), json!("Sending"), json!(0)];
        let kinds = [
            Value::Null,
            json!(DELIVERY),
            json!(HANDSHAKE),
            json!("other"),
        ];
        let data = [
            Value::Null,
            json!({}),
            json!({ "messageId": "x", "status": "Expanded" }),
            json!({ "messageId": "x", "status": "OutForDelivery" }),
            json!({ "messageId": "x" }),
            json!({ "status": "Bounced" }),
            json!({ "validationCode": "x" }),
            json!({ "validationCode": 1 }),
            json!("x"),
        ];
        for id in &ids {
            for provider_id in &provider_ids {
                for status in &statuses {
                    for kind in &kinds {
                        for data in &data {
                            let report = json!({
                                "notificationId": id,
                                "providerId": provider_id,
                                "status": status,
                                "eventType": kind,
                                "data": data,
                            });
                            let is_read = Reports::parse(report.to_string().as_bytes()).is_ok();
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
        ] {
            let report: Value = serde_json::from_str(text).unwrap();
            let is_read = Reports::parse(text.as_bytes()).is_ok();
            assert_eq!(validator.is_valid(&report), is_read, "{text}");
        }
    }
}
