//! Fingerprints: they tell a repeat under an idempotency key from another request.
//!
//! A fingerprint is the first half of the SHA-256 of an encoding of the request. The encoding is
//! fixed here, member by member, so that no other change of the code changes it:
//!
//! - first one byte, the version;
//! - then one record for each member that the request has, in the order of the tags below: the tag
//!   (1 byte), the length of the value (8 bytes, big-endian) and the value;
//! - a recipient is an empty record, followed by the records of its identifiers.
//!
//! A member that the request does not have, or a `contentType` of `Plain`, which is the default,
//! has no record. So a new optional member takes the next tag, and requests without it keep their
//! fingerprint: a repeat across an update is still a repeat. A change of anything else needs a new
//! version.

mod version_0;

use std::fmt;

use super::{
    content_type::ContentType,
    request::{OrderRequest, SendTime},
};
use crate::digest::half_sha256;

/// The version of the encoding above.
const VERSION: u8 = 1;

// The tags of records. A tag is never reused for another member.
const SUBJECT: u8 = 1;
const BODY: u8 = 2;
const CONTENT_TYPE: u8 = 3;
const REQUESTED_SEND_TIME: u8 = 4;
const SENDERS_REFERENCE: u8 = 5;
const IGNORE_RESERVATION: u8 = 6;
const RESOURCE_ID: u8 = 7;
const RESOURCE_ACTION: u8 = 8;
const CONDITION_ENDPOINT: u8 = 9;
const RECIPIENT: u8 = 10;
const EMAIL_ADDRESS: u8 = 11;
const ORGANIZATION_NUMBER: u8 = 12;
const NATIONAL_IDENTITY_NUMBER: u8 = 13;

/// The fingerprint of a request. Requests with the same meaning have the same fingerprint: the order
/// and case of member names and white space do not count.
///
/// Its text is the version and the hash in hexadecimal digits, 2 and 32 of them; that of version 0
/// is the hash alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    version: u8,
    hash: u128,
}

impl Fingerprint {
    /// Returns the fingerprint of a request.
    #[must_use]
    pub fn of(request: &OrderRequest) -> Self {
        let mut encoding = Encoding(vec![VERSION]);
        encoding.request(request);
        Self::new(VERSION, &encoding.0)
    }

    /// Returns whether a request has this fingerprint, which an earlier version may have made.
    #[must_use]
    pub fn matches(&self, request: &OrderRequest) -> bool {
        *self
            == match self.version {
                0 => version_0::fingerprint(request),
                _ => Self::of(request),
            }
    }

    /// Reads its text; None if it is malformed or of an unknown version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (version, hash) = match text.len() {
            32 => (0, text),
            _ => (VERSION, text.strip_prefix("01")?),
        };
        let is_hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(hash, 16).ok().filter(|_| is_hash)?;
        Some(Self {
            version,
            hash: number,
        })
    }

    /// Returns the hash.
    #[must_use]
    pub fn hash(self) -> [u8; 16] {
        self.hash.to_be_bytes()
    }

    fn new(version: u8, encoding: &[u8]) -> Self {
        Self {
            version,
            hash: half_sha256(&[encoding]),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.version > 0 {
            write!(f, "{:02x}", self.version)?;
        }
        write!(f, "{:032x}", self.hash)
    }
}

/// The encoding of a request.
struct Encoding(Vec<u8>);

impl Encoding {
    fn record(&mut self, tag: u8, value: &[u8]) {
        self.0.push(tag);
        self.0.extend((value.len() as u64).to_be_bytes());
        self.0.extend(value);
    }

    fn text(&mut self, tag: u8, text: Option<&str>) {
        if let Some(text) = text {
            self.record(tag, text.as_bytes());
        }
    }

    fn request(&mut self, request: &OrderRequest) {
        self.text(SUBJECT, request.subject.as_deref());
        self.text(BODY, request.body.as_deref());
        if request.content_type == ContentType::Html {
            self.record(CONTENT_TYPE, b"Html");
        }
        match request.requested_send_time {
            SendTime::Now => {}
            SendTime::At(instant) => {
                self.record(REQUESTED_SEND_TIME, instant.to_string().as_bytes());
            }
            SendTime::WithoutZone => self.record(REQUESTED_SEND_TIME, b""),
        }
        self.text(SENDERS_REFERENCE, request.senders_reference.as_deref());
        if let Some(ignore) = request.ignore_reservation {
            self.record(IGNORE_RESERVATION, &[ignore.into()]);
        }
        self.text(RESOURCE_ID, request.resource_id.as_deref());
        self.text(RESOURCE_ACTION, request.resource_action.as_deref());
        self.text(CONDITION_ENDPOINT, request.condition_endpoint.as_deref());
        for recipient in request.recipients.iter().flatten() {
            self.record(RECIPIENT, b"");
            if let Some(recipient) = recipient {
                self.text(EMAIL_ADDRESS, recipient.email_address.as_deref());
                self.text(
                    ORGANIZATION_NUMBER,
                    recipient.organization_number.as_deref(),
                );
                self.text(
                    NATIONAL_IDENTITY_NUMBER,
                    recipient.national_identity_number.as_deref(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn of(json: &str) -> Fingerprint {
        Fingerprint::of(&OrderRequest::parse(json.as_bytes()).unwrap())
    }

    #[test]
    fn fingerprint_equal_requests_are_equal() {
        let one = of(r#"{"subject":"s","body":"b","recipients":[{"emailAddress":"a@b.no"}]}"#);
        for same in [
            r#"{ "Body":"b", "x":1, "recipients":[{"EMAILADDRESS":"a@b.no"}],"subject":"s"}"#,
            r#"{"subject":"s","body":"b","contentType":"plain","senders_reference":null,
                "recipients":[{"emailAddress":"a@b.no","mobileNumber":"+4799999999"}]}"#,
        ] {
            assert_eq!(one, of(same), "{same}");
        }
    }

    #[test]
    fn fingerprint_each_member_changes_it() {
        let mut fingerprints = Vec::new();
        for json in [
            r#"{"subject":"s","body":"b"}"#,
            r#"{"subject":"sb","body":""}"#,
            r#"{"subject":"b","body":"s"}"#,
            r#"{"subject":"s"}"#,
            r#"{"contentType":"html"}"#,
            r#"{"requestedSendTime":"2030-01-31T08:00Z"}"#,
            r#"{"requestedSendTime":"2030-01-31T08:00"}"#,
            r#"{"sendersReference":"s"}"#,
            r#"{"ignoreReservation":true}"#,
            r#"{"ignoreReservation":false}"#,
            r#"{"resourceId":"s"}"#,
            r#"{"resourceAction":"s"}"#,
            r#"{"conditionEndpoint":"s"}"#,
            r#"{"recipients":[{"emailAddress":"1"}]}"#,
            r#"{"recipients":[{"organizationNumber":"1"}]}"#,
            r#"{"recipients":[{"nationalIdentityNumber":"1"}]}"#,
            r#"{"recipients":[{"emailAddress":"1","organizationNumber":"1"}]}"#,
            r#"{"recipients":[{"emailAddress":"1"},{"organizationNumber":"1"}]}"#,
            r#"{"recipients":[{"organizationNumber":"1"},{"emailAddress":"1"}]}"#,
        ] {
            fingerprints.push((of(json), json));
        }
        for (place, (fingerprint, json)) in fingerprints.iter().enumerate() {
            for (other, other_json) in &fingerprints[..place] {
                assert_ne!(fingerprint, other, "{json} {other_json}");
            }
        }
    }

    /// The requests and fingerprints of `fixtures/fingerprints.json`. Version 0 was written by the
    /// component's version 0.1.0; version 1 was computed by another implementation of the encoding.
    fn fixtures() -> Vec<(OrderRequest, [Fingerprint; 2])> {
        let fixtures: Vec<Value> =
            serde_json::from_str(include_str!("../fixtures/fingerprints.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let fixture = |fixture: &Value| {
            let request = OrderRequest::parse(text(&fixture["request"]).as_bytes()).unwrap();
            let read = |version| {
                let digits = text(&fixture[version]);
                let fingerprint = Fingerprint::parse(&digits).unwrap();
                assert_eq!(fingerprint.to_string(), digits);
                fingerprint
            };
            (request, [read("version0"), read("version1")])
        };
        fixtures.iter().map(fixture).collect()
    }

    #[test]
    fn fingerprint_of_fixtures_is_version_1() {
        for (request, [_, version_1]) in fixtures() {
            assert_eq!(Fingerprint::of(&request), version_1, "{request:?}");
        }
    }

    #[test]
    fn matches_fingerprints_of_every_version() {
        let fixtures = fixtures();
        for (request, fingerprints) in &fixtures {
            for (other, other_fingerprints) in &fixtures {
                // Some of the requests are written in other words.
                let is_same = fingerprints == other_fingerprints;
                assert_eq!(is_same, request == other);
                for stored in fingerprints {
                    assert_eq!(stored.matches(other), is_same, "{stored} {other:?}");
                }
            }
        }
    }

    #[test]
    fn parse_unknown_version_or_malformed_is_none() {
        let hash = "0123456789abcdef0123456789abcdef";
        assert!(Fingerprint::parse(hash).is_some());
        assert!(Fingerprint::parse(&format!("01{hash}")).is_some());
        for text in [
            String::new(),
            format!("00{hash}"),
            format!("02{hash}"),
            format!("01{hash}0"),
            hash.replace('0', "+"),
            hash.replace('0', "g"),
            hash[..31].to_owned(),
        ] {
            assert_eq!(Fingerprint::parse(&text), None, "{text}");
        }
    }
}
