//! W3C Trace Context.

use uuid::Uuid;

/// A trace that a client has started.
#[derive(Debug, Clone)]
pub struct Trace {
    id: String,
    parent: String,
}

impl Trace {
    /// Starts a trace.
    pub(crate) fn begin() -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        let parent = random()[16..].to_owned();
        Self {
            id: random(),
            parent,
        }
    }

    /// Returns the header `traceparent`.
    pub(crate) fn header(&self) -> String {
        format!("00-{}-{}-01", self.id, self.parent)
    }

    /// Returns whether a trace id is of this trace.
    pub(crate) fn is_continued_by(&self, trace_id: &str) -> bool {
        parts(trace_id).is_some_and(|[_, id, _, _]| id == self.id)
    }
}

/// Returns whether a text is `00-<32 hex>-<16 hex>-<2 hex>`, in lower case, with neither id all
/// zeros.
pub(crate) fn is_trace_id(text: &str) -> bool {
    parts(text).is_some_and(|parts| {
        let lengths = parts.map(str::len);
        let is_hex = |part: &str| {
            part.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_nonzero = |part: &str| part.bytes().any(|byte| byte != b'0');
        lengths == [2, 32, 16, 2]
            && parts[0] == "00"
            && parts.into_iter().all(is_hex)
            && is_nonzero(parts[1])
            && is_nonzero(parts[2])
    })
}

fn parts(text: &str) -> Option<[&str; 4]> {
    text.split('-').collect::<Vec<_>>().try_into().ok()
}
