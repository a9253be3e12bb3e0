//! Rules of HTTP that every component with routes follows in the same way: the order component, the
//! API page and the sandbox.

mod condition;
#[cfg(target_family = "wasm")]
mod host_response;
mod path;
mod problem;
mod trace;

pub use condition::{if_match, if_none_match};
#[cfg(target_family = "wasm")]
pub use host_response::HostResponse;
pub use path::normal_form;
pub use problem::ProblemDocument;
pub use trace::TraceId;
