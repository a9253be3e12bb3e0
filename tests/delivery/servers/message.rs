//! A message as Python has parsed it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ParsedMessage {
    /// The received bytes, in base64.
    content: String,
    /// The names of the headers, in their order.
    pub(crate) headers: Vec<String>,
    pub(crate) from: String,
    pub(crate) from_name: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) date: f64,
    pub(crate) mime_version: String,
    pub(crate) media_type: String,
    pub(crate) charset: Option<String>,
    pub(crate) body: String,
    pub(crate) defects: Vec<String>,
    /// The mailbox, if the message comes from one.
    pub(crate) delivered_to: String,
}

impl ParsedMessage {
    /// Returns the received bytes.
    pub(crate) fn content(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.content).expect("base64")
    }
}
