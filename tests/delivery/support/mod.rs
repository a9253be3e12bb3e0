//! What the tests share.

mod azure;
mod call;
mod email;
mod host;
mod python;
mod relay;
mod service;

pub(crate) use azure::Azure;
pub(crate) use email::{Content, Email, Failure, Progress, Receipt};
pub(crate) use host::{App, Contacts, Host, ROOT, Sender, lister};
pub(crate) use relay::{Features, Relay};
pub(crate) use service::{Service, statuses};
