//! Trace ids (W3C Trace Context, section 3.2), as all components have them.

pub use http_shared::TraceId;
