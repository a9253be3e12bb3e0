//! The stored form of an email.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An email. A repeat has the same value, so the write is idempotent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// The notification id.
    pub id: Uuid,
    /// The sender's address.
    pub from: String,
    /// The recipient's address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The whole body.
    pub body: String,
    /// The type of the body.
    pub content_type: ContentType,
}

/// The type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    /// Plain text.
    Plain,
    /// HTML.
    Html,
}

impl TryFrom<sender_shared::Email> for Mail {
    type Error = uuid::Error;

    fn try_from(email: sender_shared::Email) -> Result<Self, Self::Error> {
        Ok(Self {
            id: email.notification_id.parse()?,
            from: email.from,
            to: email.to,
            subject: email.subject,
            body: email.body,
            content_type: match email.content_type {
                sender_shared::ContentType::Plain => ContentType::Plain,
                sender_shared::ContentType::Html => ContentType::Html,
            },
        })
    }
}
