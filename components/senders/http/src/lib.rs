//! Code that the senders with an HTTP API share: the endpoint, requests in bounded time, `Retry-After`
//! and addresses in ASCII.

mod address;
mod call;
mod endpoint;
mod retry_after;

pub use address::{InvalidAddress, with_ascii_domain};
pub use call::{Unreachable, call};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use retry_after::{retry_after, whole_seconds};
