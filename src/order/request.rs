//! The first phase: reads a request's bytes as JSON of the right types.

use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

#[cfg(test)]
use super::schema;
use super::{content_type::ContentType, violations::Violations};
use crate::{
    json::{MAX_DEPTH, depth, elements, members},
    timestamp::{ParseError, Timestamp},
};

/// An order as it was sent: of the right types, not yet checked against the rules.
#[derive(Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(rename_all = "camelCase"))]
pub struct OrderRequest {
    /// The email's subject. Each line break in it becomes a space.
    #[cfg_attr(test, schema(value_type = schema::NotBlank))]
    pub(super) subject: Option<String>,
    /// The email's body, sent unchanged.
    #[cfg_attr(test, schema(value_type = schema::NotBlank))]
    pub(super) body: Option<String>,
    /// The format of the body.
    #[cfg_attr(test, schema(value_type = schema::ContentTypeName, required = false))]
    pub(super) content_type: ContentType,
    // None if absent or null; an element is None if null.
    /// The recipients. Each one gets a message of its own.
    #[cfg_attr(test, schema(value_type = Vec<RecipientRequest>, min_items = 1))]
    pub(super) recipients: Option<Vec<Option<RecipientRequest>>>,
    /// The time to send at; now if absent. It must have a time zone and must not be more than 5 minutes
    /// ago. Seconds may be left out.
    #[cfg_attr(test, schema(value_type = Timestamp, required = false))]
    pub(super) requested_send_time: SendTime,
    /// Your own reference, to find the order by.
    pub(super) senders_reference: Option<String>,
    /// Whether to notify persons who are reserved against electronic messages too.
    pub(super) ignore_reservation: Option<bool>,
    /// The resource that the order is about.
    pub(super) resource_id: Option<String>,
    /// The action on the resource that the recipient must be authorised for. Requires `resourceId`.
    pub(super) resource_action: Option<String>,
    /// A URL that decides, when the order is due, whether to send it. Its host must be a fully
    /// qualified name.
    #[cfg_attr(test, schema(value_type = Option<super::ConditionEndpoint>))]
    pub(super) condition_endpoint: Option<String>,
}

/// The requested send time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum SendTime {
    /// The member is absent.
    #[default]
    Now,
    At(Timestamp),
    /// A date or a date-time without a zone.
    WithoutZone,
}

/// A recipient as it was sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RecipientRequest {
    pub(super) email_address: Option<String>,
    pub(super) organization_number: Option<String>,
    pub(super) national_identity_number: Option<String>,
}

const ORDER_MEMBERS: [&str; 10] = [
    "subject",
    "body",
    "contentType",
    "recipients",
    "requestedSendTime",
    "sendersReference",
    "ignoreReservation",
    "resourceId",
    "resourceAction",
    "conditionEndpoint",
];

pub(super) const RECIPIENT_MEMBERS: [&str; 3] = [
    "emailAddress",
    "organizationNumber",
    "nationalIdentityNumber",
];

impl OrderRequest {
    /// Reads a request's body.
    ///
    /// The keys of violations are JSON paths that begin with `$`. The key is empty if the body is empty
    /// or `null`.
    pub fn parse(body: &[u8]) -> Result<Self, Violations> {
        let text = std::str::from_utf8(body)
            .map_err(|_| Violations::of("$", "The body is not UTF-8 text."))?;
        // RFC 8259, section 8.1: a byte order mark may be ignored.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.is_empty() || text.trim() == "null" {
            return Err(Violations::of("", "A body with an order is required."));
        }
        if depth(text) > MAX_DEPTH {
            let message = format!("The JSON is nested deeper than {MAX_DEPTH} levels.");
            return Err(Violations::of("$", message));
        }
        let members = members(text.as_bytes(), &ORDER_MEMBERS)
            .map_err(|error| Violations::of("$", not_an_object(&error)))?;
        let [
            subject,
            body,
            content_type,
            recipients,
            send_time,
            senders_reference,
            ignore_reservation,
            resource_id,
            resource_action,
            condition_endpoint,
        ] = members;

        let mut reader = Reader::default();
        let request = Self {
            subject: reader.text("$.subject", subject),
            body: reader.text("$.body", body),
            content_type: reader.content_type("$.contentType", content_type),
            requested_send_time: reader.send_time("$.requestedSendTime", send_time),
            senders_reference: reader.text("$.sendersReference", senders_reference),
            ignore_reservation: reader.optional(
                "$.ignoreReservation",
                ignore_reservation,
                "true, false",
            ),
            resource_id: reader.text("$.resourceId", resource_id),
            resource_action: reader.text("$.resourceAction", resource_action),
            condition_endpoint: reader.text("$.conditionEndpoint", condition_endpoint),
            // Last, since their violations alone may exceed the number that is listed.
            recipients: reader.recipients("$.recipients", recipients),
        };
        reader.violations.or(request)
    }
}

fn not_an_object(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => "The body must be a JSON object.".to_owned(),
        _ => format!(
            "The body is not valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        ),
    }
}

/// Reads members and collects violations for wrong types. It formats a path only for a violation.
#[derive(Default)]
struct Reader {
    violations: Violations,
}

impl Reader {
    fn optional<T: DeserializeOwned>(
        &mut self,
        path: impl Display,
        value: Option<&RawValue>,
        expected: &str,
    ) -> Option<T> {
        match serde_json::from_slice(value?.get().as_bytes()) {
            Ok(value) => value,
            Err(_) => {
                self.violations
                    .add(path, format_args!("Must be {expected} or null."));
                None
            }
        }
    }

    fn text(&mut self, path: impl Display, value: Option<&RawValue>) -> Option<String> {
        self.optional(path, value, "a string")
    }

    fn content_type(&mut self, path: &str, value: Option<&RawValue>) -> ContentType {
        let Some(json) = value.map(RawValue::get).filter(|json| *json != "null") else {
            return ContentType::default();
        };
        let named = serde_json::from_slice::<String>(json.as_bytes()).ok();
        let read = match named {
            Some(name) => ContentType::from_name(&name),
            None => serde_json::from_slice(json.as_bytes())
                .ok()
                .and_then(ContentType::from_number),
        };
        read.unwrap_or_else(|| {
            self.violations.add(path, "Must be \"Plain\" or \"Html\".");
            ContentType::default()
        })
    }

    fn send_time(&mut self, path: &str, value: Option<&RawValue>) -> SendTime {
        let Some(json) = value.map(RawValue::get) else {
            return SendTime::Now;
        };
        let read = serde_json::from_slice::<String>(json.as_bytes())
            .map_err(|_| ParseError::NotADateTime)
            .and_then(|text| Timestamp::parse(&text));
        match read {
            Ok(instant) => SendTime::At(instant),
            Err(ParseError::NoZone) => SendTime::WithoutZone,
            Err(ParseError::NotADateTime) => {
                let message =
                    "Must be a date-time with a time zone, like 2030-01-31T08:00:00+01:00.";
                self.violations.add(path, message);
                SendTime::Now
            }
        }
    }

    fn recipients(
        &mut self,
        path: &str,
        value: Option<&RawValue>,
    ) -> Option<Vec<Option<RecipientRequest>>> {
        let json = value.filter(|json| json.get() != "null")?;
        let Ok(elements) = elements(json) else {
            self.violations.add(path, "Must be an array of recipients.");
            return None;
        };
        let recipients = elements.into_iter().enumerate();
        Some(
            recipients
                .map(|(index, json)| self.recipient(format_args!("{path}[{index}]"), json))
                .collect(),
        )
    }

    fn recipient(&mut self, path: fmt::Arguments<'_>, json: &RawValue) -> Option<RecipientRequest> {
        if json.get() == "null" {
            return None;
        }
        let Ok(members) = members(json.get().as_bytes(), &RECIPIENT_MEMBERS) else {
            self.violations.add(path, "Must be an object.");
            return None;
        };
        let [email_address, organization_number, national_identity_number] = members;
        Some(RecipientRequest {
            email_address: self.text(format_args!("{path}.emailAddress"), email_address),
            organization_number: self.text(
                format_args!("{path}.organizationNumber"),
                organization_number,
            ),
            national_identity_number: self.text(
                format_args!("{path}.nationalIdentityNumber"),
                national_identity_number,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(body: impl AsRef<[u8]>) -> Vec<String> {
        match OrderRequest::parse(body.as_ref()) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.keys().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn parse_empty_body_has_the_empty_key() {
        for body in ["", "null", " null\n", "\u{feff}"] {
            assert_eq!(keys(body), [""], "{body:?}");
        }
    }

    #[test]
    fn parse_malformed_json_has_the_root_as_key() {
        for body in [
            "{",
            " ",
            "[]",
            "\"x\"",
            "1",
            "true",
            "{\"a\":}",
            "{\"subject\":\"x\",}",
            "{}{}",
            "{/**/}",
        ] {
            assert_eq!(keys(body), ["$"], "{body:?}");
        }
        assert_eq!(keys(b"{\"subject\":\"\xff\"}"), ["$"]);
        assert_eq!(keys(b"\xff\xfe{\0}\0"), ["$"]);
    }

    #[test]
    fn parse_deep_nesting_is_refused() {
        let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(keys(nested(31)), [""; 0]);
        assert_eq!(keys(nested(32)), ["$"]);
        assert_eq!(keys(nested(100_000)), ["$"]);
        assert_eq!(keys("[".repeat(100_000)), ["$"]);
    }

    #[test]
    fn parse_wrong_types_have_their_paths() {
        let body = r#"{
            "subject": 1, "body": {}, "contentType": "Rtf", "requestedSendTime": null,
            "sendersReference": [], "ignoreReservation": "true", "resourceId": 1,
            "resourceAction": true, "conditionEndpoint": {},
            "recipients": [{"emailAddress": 1}, {}, null, 7, {"organizationNumber": 123456789,
                "NationalIdentityNumber": false}]
        }"#;
        assert_eq!(
            keys(body),
            [
                "$.subject",
                "$.body",
                "$.contentType",
                "$.requestedSendTime",
                "$.sendersReference",
                "$.ignoreReservation",
                "$.resourceId",
                "$.resourceAction",
                "$.conditionEndpoint",
                "$.recipients[0].emailAddress",
                "$.recipients[3]",
                "$.recipients[4].organizationNumber",
                "$.recipients[4].nationalIdentityNumber",
            ]
        );
        assert_eq!(keys(r#"{"recipients": {}}"#), ["$.recipients"]);
        assert_eq!(keys(r#"{"subject": "\ud800"}"#), ["$.subject"]);
    }

    #[test]
    fn parse_content_type_names_and_numbers() {
        for (json, read) in [
            ("\"Plain\"", Some(ContentType::Plain)),
            ("\"hTML\"", Some(ContentType::Html)),
            ("null", Some(ContentType::Plain)),
            ("0", Some(ContentType::Plain)),
            ("1", Some(ContentType::Html)),
            ("2", None),
            ("-1", None),
            ("1.0", None),
            ("1e0", None),
            ("\"1\"", None),
            ("\"\"", None),
            ("\" Html\"", None),
            ("true", None),
            ("[]", None),
            ("99999999999999999999", None),
        ] {
            let request = OrderRequest::parse(format!("{{\"ContentType\":{json}}}").as_bytes());
            assert_eq!(
                request.ok().map(|request| request.content_type),
                read,
                "{json}"
            );
        }
    }

    #[test]
    fn parse_send_times() {
        let parse = |json: &str| {
            OrderRequest::parse(format!("{{\"requestedSendTime\":{json}}}").as_bytes())
                .map(|request| request.requested_send_time)
        };
        assert!(matches!(
            parse("\"2030-01-31T08:00:00Z\""),
            Ok(SendTime::At(_))
        ));
        assert_eq!(parse("\"2030-01-31T08:00:00\""), Ok(SendTime::WithoutZone));
        assert_eq!(parse("\"2030-01-31\""), Ok(SendTime::WithoutZone));
        for json in [
            "null",
            "1",
            "\"\"",
            "\"soon\"",
            "{}",
            "\"2030-01-31T25:00:00Z\"",
        ] {
            let violations = parse(json).unwrap_err();
            assert_eq!(
                violations.keys().collect::<Vec<_>>(),
                ["$.requestedSendTime"],
                "{json}"
            );
        }
        assert_eq!(
            OrderRequest::parse(b"{}").unwrap().requested_send_time,
            SendTime::Now
        );
    }

    #[test]
    fn parse_nulls_and_unknown_members_are_ignored() {
        let body = r#"{"subject":null,"body":null,"recipients":null,"sendersReference":null,
            "ignoreReservation":null,"resourceId":null,"resourceAction":null,
            "conditionEndpoint":null,"isReserved":"?","unknown":[1e999]}"#;
        assert_eq!(
            OrderRequest::parse(body.as_bytes()),
            Ok(OrderRequest::default())
        );
    }

    #[test]
    fn parse_last_duplicate_wins_in_any_case() {
        let request = OrderRequest::parse(br#"{"subject":1,"SUBJECT":"a","Subject":"b"}"#).unwrap();
        assert_eq!(request.subject.as_deref(), Some("b"));
    }
}
