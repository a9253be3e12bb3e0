//! The second and third phase: an order that satisfies every rule.

use super::{
    address::{EmailAddress, NotAnAddress},
    condition_endpoint::ConditionEndpoint,
    content_type::ContentType,
    recipient::{NationalIdentityNumber, OrganizationNumber, Recipient, WrongDigits},
    request::{OrderRequest, RecipientRequest, SendTime},
    violations::Violations,
};
use crate::timestamp::Timestamp;

/// How long ago a requested send time may be, since clocks differ.
const PAST_TOLERANCE_SECONDS: i64 = 5 * 60;

/// An order that satisfies every rule. It has no id and no creator yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) content_type: ContentType,
    pub(super) recipients: Vec<Recipient>,
    pub(super) requested_send_time: Timestamp,
    pub(super) senders_reference: Option<String>,
    pub(super) ignore_reservation: Option<bool>,
    pub(super) resource_id: Option<String>,
    pub(super) resource_action: Option<String>,
    pub(super) condition_endpoint: Option<ConditionEndpoint>,
}

impl NewOrder {
    /// Checks a request against the rules. `now` is the send time if there is none.
    pub fn validate(request: &OrderRequest, now: Timestamp) -> Result<Self, Violations> {
        let (subject, body, recipients) = required(request)?;
        let mut violations = Violations::default();

        let requested_send_time = send_time(&request.requested_send_time, now, &mut violations);
        let resource_action = resource_action(request, &mut violations);
        let condition_endpoint = condition_endpoint(request, &mut violations);
        // Last, since their violations alone may exceed the number that is listed.
        let recipients = valid_recipients(recipients, &mut violations);

        let order = Self {
            subject: without_line_breaks(subject),
            body: body.to_owned(),
            content_type: request.content_type,
            recipients,
            requested_send_time,
            resource_action,
            condition_endpoint,
            senders_reference: request.senders_reference.clone(),
            ignore_reservation: request.ignore_reservation,
            resource_id: request.resource_id.clone(),
        };
        violations.or(order)
    }

    /// Returns the recipients.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// Returns whether persons who are reserved against electronic messages are notified too.
    #[must_use]
    pub fn ignores_reservation(&self) -> bool {
        self.ignore_reservation == Some(true)
    }
}

/// Checks the second phase: the members that are required.
fn required(
    request: &OrderRequest,
) -> Result<(&str, &str, &[Option<RecipientRequest>]), Violations> {
    let mut violations = Violations::default();
    let mut text = |key: &str, value: &Option<String>| match value {
        Some(text) if !text.trim().is_empty() => {}
        _ => violations.add(
            key,
            format_args!("{key} is required and must not be blank."),
        ),
    };
    text("Subject", &request.subject);
    text("Body", &request.body);
    if request.recipients.is_none() {
        violations.add("Recipients", "At least one recipient is required.");
    }
    violations.or((
        request.subject.as_deref().unwrap_or_default(),
        request.body.as_deref().unwrap_or_default(),
        request.recipients.as_deref().unwrap_or_default(),
    ))
}

/// Replaces each line break by a space, since a subject is a header field.
fn without_line_breaks(subject: &str) -> String {
    subject.replace("\r\n", " ").replace(['\r', '\n'], " ")
}

fn send_time(requested: &SendTime, now: Timestamp, violations: &mut Violations) -> Timestamp {
    match requested {
        SendTime::Now => now,
        SendTime::At(instant) if *instant < now.plus_seconds(-PAST_TOLERANCE_SECONDS) => {
            violations.add(
                "RequestedSendTime",
                "The requested send time must not be more than 5 minutes ago.",
            );
            *instant
        }
        SendTime::At(instant) => *instant,
        SendTime::WithoutZone => {
            let message =
                "The requested send time must have a time zone: Z or an offset like +01:00.";
            violations.add("RequestedSendTime", message);
            now
        }
    }
}

fn resource_action(request: &OrderRequest, violations: &mut Violations) -> Option<String> {
    let action = request
        .resource_action
        .as_deref()
        .filter(|action| !action.is_empty())?;
    let resource = request.resource_id.as_deref().unwrap_or_default();
    if resource.trim().is_empty() {
        violations.add("ResourceAction", "A resource action needs a resourceId.");
    } else if action.trim().is_empty() {
        violations.add("ResourceAction", "The resource action must not be blank.");
    }
    Some(action.to_owned())
}

fn condition_endpoint(
    request: &OrderRequest,
    violations: &mut Violations,
) -> Option<ConditionEndpoint> {
    match ConditionEndpoint::parse(request.condition_endpoint.as_deref()?) {
        Ok(endpoint) => Some(endpoint),
        Err(error) => {
            violations.add(
                "ConditionEndpoint",
                format_args!("The condition endpoint {error}."),
            );
            None
        }
    }
}

fn valid_recipients(
    requests: &[Option<RecipientRequest>],
    violations: &mut Violations,
) -> Vec<Recipient> {
    if requests.is_empty() {
        violations.add("Recipients", "At least one recipient is required.");
    }
    let mut recipients = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        recipients.extend(valid_recipient(index, request.as_ref(), violations));
    }
    recipients
}

/// Why an identifier is invalid.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum WrongIdentifier {
    #[error("The value {0}.")]
    Address(#[from] NotAnAddress),
    #[error("The number {0}.")]
    Digits(#[from] WrongDigits),
}

/// A function that reads an identifier.
type ReadIdentifier = fn(&str) -> Result<Recipient, WrongIdentifier>;

const IDENTIFIERS: [(&str, ReadIdentifier); 3] = [
    ("EmailAddress", |text| {
        Ok(Recipient::Address(EmailAddress::parse(text)?))
    }),
    ("NationalIdentityNumber", |text| {
        Ok(Recipient::Person(NationalIdentityNumber::parse(text)?))
    }),
    ("OrganizationNumber", |text| {
        Ok(Recipient::Organization(OrganizationNumber::parse(text)?))
    }),
];

/// Returns the recipient if it is valid. Checks all rules and adds their violations.
fn valid_recipient(
    index: usize,
    request: Option<&RecipientRequest>,
    violations: &mut Violations,
) -> Option<Recipient> {
    let texts = request.map_or([None; 3], |request| {
        [
            request.email_address.as_deref(),
            request.national_identity_number.as_deref(),
            request.organization_number.as_deref(),
        ]
    });
    let given = || {
        texts
            .into_iter()
            .map(|text| text.filter(|text| !text.is_empty()))
    };
    match given().flatten().count() {
        0 => violations.add(
            format_args!("Recipients[{index}]"),
            "A recipient needs an emailAddress, an organizationNumber or a nationalIdentityNumber.",
        ),
        1 => {}
        _ => violations.add(
            format_args!("Recipients[{index}]"),
            "A recipient has exactly one identifier.",
        ),
    }
    let mut recipient = None;
    for ((member, read), text) in IDENTIFIERS.into_iter().zip(given()) {
        match text.map(read) {
            None => {}
            Some(Ok(read)) => recipient = Some(read),
            Some(Err(error)) => {
                violations.add(format_args!("Recipients[{index}].{member}"), error);
            }
        }
    }
    recipient
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn validate(body: &str) -> Result<NewOrder, Violations> {
        let request = OrderRequest::parse(body.as_bytes()).unwrap();
        NewOrder::validate(&request, Timestamp::parse(NOW).unwrap())
    }

    fn keys(body: &str) -> Vec<String> {
        match validate(body) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.keys().map(str::to_owned).collect(),
        }
    }

    fn with(members: &str) -> String {
        let recipients = r#""recipients":[{"emailAddress":"a@b.no"}]"#;
        format!(r#"{{"subject":"s","body":"b",{recipients},{members}}}"#)
    }

    fn to(recipients: &str) -> String {
        with(&format!(r#""recipients":[{recipients}]"#))
    }

    #[test]
    fn validate_smallest_order_is_accepted() {
        let order =
            validate(r#"{"subject":"s","body":"b","recipients":[{"emailAddress":" a@b.no "}]}"#);
        let order = order.unwrap();
        assert_eq!(order.requested_send_time.to_string(), NOW);
        assert_eq!(order.content_type, ContentType::Plain);
        assert_eq!(
            order.recipients,
            [Recipient::Address(EmailAddress::parse("a@b.no").unwrap())]
        );
        assert_eq!(order.senders_reference, None);
    }

    #[test]
    fn validate_missing_members_hide_other_rules() {
        assert_eq!(keys("{}"), ["Subject", "Body", "Recipients"]);
        let blank = r#"{"subject":" \n","body":"","recipients":[{}],"conditionEndpoint":"x"}"#;
        assert_eq!(keys(blank), ["Subject", "Body"]);
        assert_eq!(
            keys(r#"{"subject":"s","body":"b","recipients":null}"#),
            ["Recipients"]
        );
    }

    #[test]
    fn validate_all_other_rules_are_reported_at_once() {
        let body = r#"{"subject":"s","body":"b","recipients":[],"requestedSendTime":"2030-01-01",
            "resourceAction":"read","conditionEndpoint":"http://localhost"}"#;
        assert_eq!(
            keys(body),
            [
                "RequestedSendTime",
                "ResourceAction",
                "ConditionEndpoint",
                "Recipients"
            ]
        );
    }

    #[test]
    fn validate_many_wrong_recipients_do_not_hide_other_violations() {
        let wrong = vec!["{}"; 87_000].join(",");
        let body = with(&format!(
            r#""recipients":[{wrong}],"conditionEndpoint":"x","resourceAction":"x""#
        ));
        let violations = validate(&body).unwrap_err();
        assert_eq!(violations.total(), 87_002);
        let listed: Vec<_> = violations.keys().collect();
        assert_eq!(listed.len(), Violations::LISTED);
        assert_eq!(
            listed[..3],
            ["ResourceAction", "ConditionEndpoint", "Recipients[0]"]
        );
    }

    #[test]
    fn validate_subject_becomes_one_line_and_body_is_unchanged() {
        let order = validate(&with(
            r#""subject":"a\r\nb\rc\nd\n\re","body":" \r\n<p>x</p>\n""#,
        ))
        .unwrap();
        assert_eq!(order.subject, "a b c d  e");
        assert_eq!(order.body, " \r\n<p>x</p>\n");
    }

    #[test]
    fn validate_send_time_may_be_five_minutes_old() {
        for (time, ok) in [
            ("2026-06-01T11:55:00Z", true),
            ("2026-06-01T11:54:59.9999999Z", false),
            ("2026-06-01T13:55:00+02:00", true),
            ("2026-06-01T13:54:59+02:00", false),
            ("9999-12-31T23:59:59Z", true),
            ("2030-01-31T08:00:00", false),
            ("2030-01-31", false),
        ] {
            let expected: &[&str] = if ok { &[] } else { &["RequestedSendTime"] };
            assert_eq!(
                keys(&with(&format!(r#""requestedSendTime":"{time}""#))),
                expected,
                "{time}"
            );
        }
    }

    #[test]
    fn validate_resource_action_needs_a_resource() {
        for (members, ok) in [
            (r#""resourceAction":"read""#, false),
            (r#""resourceAction":"read","resourceId":null"#, false),
            (r#""resourceAction":"read","resourceId":"""#, false),
            (r#""resourceAction":"read","resourceId":" ""#, false),
            (r#""resourceAction":" ""#, false),
            (r#""resourceAction":" ","resourceId":"r""#, false),
            (r#""resourceAction":"read","resourceId":"r""#, true),
            (r#""resourceAction":"","resourceId":"r""#, true),
            (r#""resourceAction":"""#, true),
            (r#""resourceId":"r""#, true),
        ] {
            let expected: &[&str] = if ok { &[] } else { &["ResourceAction"] };
            assert_eq!(keys(&with(members)), expected, "{members}");
        }
        let order = validate(&with(r#""resourceAction":"","resourceId":"r""#)).unwrap();
        assert_eq!(order.resource_action, None);
    }

    #[test]
    fn validate_condition_endpoint_must_be_valid() {
        assert_eq!(
            keys(&with(r#""conditionEndpoint":"https://api.example.no/x""#)),
            [""; 0]
        );
        for url in ["", "http://127.0.0.1", "ftp://example.no"] {
            assert_eq!(
                keys(&with(&format!(r#""conditionEndpoint":"{url}""#))),
                ["ConditionEndpoint"]
            );
        }
    }

    #[test]
    fn validate_recipient_has_exactly_one_identifier() {
        for (recipient, expected) in [
            (r#"{"emailAddress":"a@b.no"}"#, &[][..]),
            (r#"{"organizationNumber":"123456789"}"#, &[]),
            (
                r#"{"nationalIdentityNumber":"16069412345","emailAddress":""}"#,
                &[],
            ),
            (
                r#"{"nationalIdentityNumber":"16069412345","mobileNumber":"+4799999999"}"#,
                &[],
            ),
            ("null", &["Recipients[0]"]),
            ("{}", &["Recipients[0]"]),
            (
                r#"{"emailAddress":"","organizationNumber":"","nationalIdentityNumber":null}"#,
                &["Recipients[0]"],
            ),
            (r#"{"mobileNumber":"+4799999999"}"#, &["Recipients[0]"]),
            (r#"{"emailAddress":"a"}"#, &["Recipients[0].EmailAddress"]),
            (r#"{"emailAddress":" "}"#, &["Recipients[0].EmailAddress"]),
            (
                r#"{"organizationNumber":"12345678"}"#,
                &["Recipients[0].OrganizationNumber"],
            ),
            (
                r#"{"nationalIdentityNumber":"1606941234x"}"#,
                &["Recipients[0].NationalIdentityNumber"],
            ),
            (
                r#"{"emailAddress":"a@b.no","organizationNumber":"123456789"}"#,
                &["Recipients[0]"],
            ),
            (
                r#"{"emailAddress":"a","organizationNumber":"1","nationalIdentityNumber":"2"}"#,
                &[
                    "Recipients[0]",
                    "Recipients[0].EmailAddress",
                    "Recipients[0].NationalIdentityNumber",
                    "Recipients[0].OrganizationNumber",
                ],
            ),
        ] {
            assert_eq!(keys(&to(recipient)), expected, "{recipient}");
        }
        let two = to(r#"{"emailAddress":"a@b.no"},null"#);
        assert_eq!(keys(&two), ["Recipients[1]"]);
    }
}
