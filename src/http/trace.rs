//! Trace ids (W3C Trace Context, section 3.2).

use std::fmt;

use http::HeaderMap;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The id of the trace that a request belongs to, written like a `traceparent` of this service:
/// `00-<trace id>-<parent id>-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceId {
    /// That of the caller, if it named one.
    trace: Option<u128>,
}

impl TraceId {
    /// Continues the trace that a request's `traceparent` names.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all("traceparent").iter();
        let trace = match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_str().ok().and_then(trace_of),
            _ => None,
        };
        Self { trace }
    }

    /// The number of the trace, which begins with this if the caller named none.
    pub(super) fn number(self) -> u128 {
        self.trace.unwrap_or_else(|| Uuid::new_v4().as_u128())
    }
}

fn trace_of(traceparent: &str) -> Option<u128> {
    let mut parts = traceparent.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace = hex(parts.next()?, 32)?;
    let parent = hex(parts.next()?, 16)?;
    hex(parts.next()?, 2)?;
    // A later version may have more parts; 255 is none.
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
        let (parent, _) = Uuid::new_v4().as_u64_pair();
        write!(f, "00-{:032x}-{parent:016x}-01", self.number())
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn trace_id(traceparent: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(traceparent).unwrap());
        TraceId::of(&headers).to_string()
    }

    #[test]
    fn continues_a_trace() {
        for line in [
            format!("00-{TRACE}-b7ad6b7169203331-01"),
            format!("00-{TRACE}-b7ad6b7169203331-00"),
            format!("cc-{TRACE}-b7ad6b7169203331-01-what-may-come"),
        ] {
            let id = trace_id(&line);
            assert_eq!(id.len(), 55, "{id}");
            assert!(
                id.starts_with(&format!("00-{TRACE}-")) && id.ends_with("-01"),
                "{id}"
            );
            assert!(!id.contains("b7ad6b7169203331"), "{id}");
        }
    }

    #[test]
    fn begins_one_where_there_is_none() {
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
            let id = trace_id(line);
            assert_eq!(id.len(), 55, "{line}: {id}");
            assert!(!id.contains(TRACE), "{line}: {id}");
        }
    }
}
