//! An email as it is kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::bindings::exports::email_orders::sender::sender;

/// An email. A repeat of it is the same value, so that writing it twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// The notification id.
    pub id: Uuid,
    /// The sender's address.
    pub from: String,
    /// The recipient's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The whole body.
    pub body: String,
    /// How to read the body.
    pub content_type: ContentType,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    /// Plain text
    Plain,
    /// HTML
    Html,
}

impl TryFrom<sender::Email> for Mail {
    type Error = uuid::Error;

    fn try_from(email: sender::Email) -> Result<Self, Self::Error> {
        Ok(Self {
            id: email.notification_id.parse()?,
            from: email.from,
            to: email.to,
            subject: email.subject,
            body: email.body,
            content_type: match email.content_type {
                sender::ContentType::Plain => ContentType::Plain,
                sender::ContentType::Html => ContentType::Html,
            },
        })
    }
}
