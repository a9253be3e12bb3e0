//! What the tests share.

mod azure;
mod call;
mod claims;
mod email;
mod host;
mod program;
mod python;
mod redis;
mod relay;
mod service;

pub(crate) use azure::Azure;
pub(crate) use claims::{Claims, Decision, Failure as ClaimFailure, Setup};
pub(crate) use email::{Content, Email, Failure, Progress, Receipt};
pub(crate) use host::{App, Contacts, Host, ROOT, Sender, component, lister};
pub(crate) use redis::Redis;
pub(crate) use relay::{Features, Relay};
pub(crate) use service::{Service, statuses};
