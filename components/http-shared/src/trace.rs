//! Trace ids (W3C Trace Context, section 3.2).

use std::fmt;

use http::HeaderMap;
use serde::{Serialize, Serializer};
use uuid::{Uuid, fmt::Simple};

/// The id of the trace that a request belongs to, shown as 32 hex digits.
///
/// Each request gets one id when it arrives. The problem document of the request carries it, and so
/// does every log line of the request and of the delivery that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl TraceId {
    /// Continues the trace that the `traceparent` of a request names, or starts a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all("traceparent").iter();
        let trace = match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_str().ok().and_then(trace_of),
            _ => None,
        };
        Self(trace.unwrap_or_else(|| Uuid::new_v4().as_u128()))
    }

    /// Parses the 32 hex digits of an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex(text, 32).map(Self)
    }

    /// Returns the id as a `traceparent` with a new parent id: `00-<trace id>-<parent id>-01`.
    #[must_use]
    pub fn traceparent(self) -> String {
        let (parent, _) = Uuid::new_v4().as_u64_pair();
        format!("00-{self}-{parent:016x}-01")
    }
}

fn trace_of(traceparent: &str) -> Option<u128> {
    let mut parts = traceparent.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace = hex(parts.next()?, 32)?;
    let parent = hex(parts.next()?, 16)?;
    hex(parts.next()?, 2)?;
    // Later versions may add parts. Version 255 is invalid.
    let complete = parts.next().is_none() || version > 0;
    (version != 0xff && trace != 0 && parent != 0 && complete).then_some(trace)
}

fn hex(text: &str, length: usize) -> Option<u128> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == length && text.bytes().all(lower))
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_u128(self.0).simple().fmt(f)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; Simple::LENGTH];
        serializer.serialize_str(Uuid::from_u128(self.0).simple().encode_lower(&mut digits))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn traceparent_after(traceparent: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(traceparent).unwrap());
        TraceId::of(&headers).traceparent()
    }

    #[test]
    fn of_a_valid_traceparent_continues_its_trace() {
        for line in [
            format!("00-{TRACE}-b7ad6b7169203331-01"),
            format!("00-{TRACE}-b7ad6b7169203331-00"),
            format!("cc-{TRACE}-b7ad6b7169203331-01-what-may-come"),
        ] {
            let id = traceparent_after(&line);
            assert_eq!(id.len(), 55, "{id}");
            assert!(
                id.starts_with(&format!("00-{TRACE}-")) && id.ends_with("-01"),
                "{id}"
            );
            assert!(!id.contains("b7ad6b7169203331"), "{id}");
        }
    }

    #[test]
    fn of_an_invalid_traceparent_starts_a_trace() {
        for line in [
            "",
            "x",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
            &format!("ff-{TRACE}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-b7ad6b7169203331-01-x"),
            &format!("00-{TRACE}-b7ad6b7169203331"),
        ] {
            let id = traceparent_after(line);
            assert_eq!(id.len(), 55, "{line}: {id}");
            assert!(!id.contains(TRACE), "{line}: {id}");
        }
    }
}
