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
            subject: sender_shared::one_line(&email.subject),
            body: email.body,
            content_type: match email.content_type {
                sender_shared::ContentType::Plain => ContentType::Plain,
                sender_shared::ContentType::Html => ContentType::Html,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn try_from_subject_with_control_characters_has_spaces() {
        let mail = Mail::try_from(sender_shared::Email {
            notification_id: Uuid::nil().to_string(),
            from: "noreply@altinn.cloud".to_owned(),
            to: "kari@example.no".to_owned(),
            subject: "a\0b\tc".to_owned(),
            body: "a\0b".to_owned(),
            content_type: sender_shared::ContentType::Plain,
        });
        let mail = mail.unwrap();
        assert_eq!(mail.subject, "a b c");
        assert_eq!(mail.body, "a\0b");
    }
}
