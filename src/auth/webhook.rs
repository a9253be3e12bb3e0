//! Webhooks with a signature of Svix, which also is that of Standard Webhooks.
//!
//! The signature is an HMAC-SHA256 of the message's id, its time and the body, so the body must be
//! verified as it was received. A message of another time is refused, since it may be a copy of an
//! earlier one.

use hmac_sha256::HMAC;
use http::HeaderMap;
use jwt_simple::reexports::ct_codecs::{Base64NoPadding, Decoder as _};
use subtle::ConstantTimeEq as _;

use crate::timestamp::Timestamp;

/// How far the time of a message may be from the present.
const TOLERANCE_SECONDS: i64 = 5 * 60;

/// The beginning of a secret.
const PREFIX: &str = "whsec_";

/// The version of the signatures that count.
const VERSION: &str = "v1,";

/// The secret of a webhook.
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Reads `whsec_` and Base64; None if the text is empty.
    pub fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let bytes = text.strip_prefix(PREFIX).and_then(decode);
        match bytes.filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Ok(Some(Self(bytes))),
            None => Err("must be whsec_ and Base64"),
        }
    }
}

/// The signature of a message, which is not verified yet.
#[derive(Debug, Clone, Copy)]
pub struct WebhookSignature<'a> {
    id: &'a str,
    timestamp: &'a str,
    /// Several while the secret changes.
    signatures: &'a str,
}

impl<'a> WebhookSignature<'a> {
    /// Tells whether a request claims to be a signed message.
    pub fn is_present(headers: &HeaderMap) -> bool {
        headers.contains_key("svix-signature")
    }

    /// Returns the signature; None if it is not complete, or if the time of the message is not the
    /// present one.
    pub fn of(headers: &'a HeaderMap, now: Timestamp) -> Option<Self> {
        let one = |name| {
            let mut lines = headers.get_all(name).iter();
            let line = lines.next()?.to_str().ok()?;
            lines.next().is_none().then_some(line)
        };
        let timestamp = one("svix-timestamp")?;
        let at = Timestamp::from_unix_seconds(timestamp.parse().ok()?)?;
        (at.seconds_apart(now) <= TOLERANCE_SECONDS).then_some(Self {
            id: one("svix-id")?,
            timestamp,
            signatures: one("svix-signature")?,
        })
    }

    /// Tells whether one of the signatures is that of the message with this body.
    pub fn verify(self, secret: &WebhookSecret, body: &[u8]) -> bool {
        let mut hmac = HMAC::new(&secret.0);
        for part in [
            self.id.as_bytes(),
            b".",
            self.timestamp.as_bytes(),
            b".",
            body,
        ] {
            hmac.update(part);
        }
        let expected = hmac.finalize();
        let mut signatures = self.signatures.split(' ');
        signatures.any(|signature| {
            let presented = signature.strip_prefix(VERSION).and_then(decode);
            presented.is_some_and(|presented| presented.ct_eq(&expected[..]).into())
        })
    }
}

/// Decodes Base64, with or without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    Base64NoPadding::decode_to_vec(text.trim_end_matches('='), None).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    // The example of Svix's documentation.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const HEADERS: [(&str, &str); 3] = [
        ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("svix-timestamp", "1614265330"),
        (
            "svix-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];

    fn headers(changed: &str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, text) in HEADERS {
            let text = if name == changed { value } else { text };
            headers.append(name, HeaderValue::from_static(text));
        }
        headers
    }

    /// Verifies a message so many seconds after its time.
    fn verify(headers: &HeaderMap, body: &[u8], seconds: i64) -> bool {
        let secret = WebhookSecret::parse(SECRET).unwrap().unwrap();
        let now = Timestamp::from_unix_seconds(1_614_265_330 + seconds).unwrap();
        WebhookSignature::of(headers, now).is_some_and(|signature| signature.verify(&secret, body))
    }

    #[test]
    fn signature_of_the_documentation_is_accepted() {
        assert!(verify(&headers("", ""), BODY, 0));
    }

    #[test]
    fn message_is_accepted_for_five_minutes() {
        for (seconds, accepted) in [(300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(verify(&headers("", ""), BODY, seconds), accepted);
        }
    }

    #[test]
    fn message_that_was_changed_is_refused() {
        assert!(!verify(&headers("", ""), br#"{"test": 2432232315}"#, 0));
        for (name, value) in [
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJel"),
            ("svix-timestamp", "1614265331"),
            ("svix-timestamp", "x"),
            ("svix-signature", ""),
            ("svix-signature", "v1,"),
            ("svix-signature", "v1"),
            (
                "svix-signature",
                "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "svix-signature",
                "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "svix-signature",
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=",
            ),
        ] {
            assert!(!verify(&headers(name, value), BODY, 0), "{name}: {value}");
        }
    }

    #[test]
    fn one_of_several_signatures_suffices() {
        let both = "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(verify(&headers("svix-signature", both), BODY, 0));
    }

    #[test]
    fn header_that_is_missing_or_repeated_is_refused() {
        for (name, _) in HEADERS {
            let mut missing = headers("", "");
            missing.remove(name);
            assert!(!verify(&missing, BODY, 0), "{name}");
            let mut repeated = headers("", "");
            let line = repeated[name].clone();
            repeated.append(name, line);
            assert!(!verify(&repeated, BODY, 0), "{name}");
        }
    }

    #[test]
    fn secret_must_be_well_formed() {
        assert!(WebhookSecret::parse(" ").unwrap().is_none());
        for text in ["whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?", "x"] {
            assert!(WebhookSecret::parse(text).is_err(), "{text}");
        }
    }
}
