//! An email as a message (RFC 5322) and its envelope.

use std::time::SystemTime;

use lettre::message::{
    Mailbox, Message as Builder, SinglePart,
    header::{ContentType as MediaType, HeaderName},
};
use sender_shared::{ContentType, Email, Failure};
use uuid::Uuid;

use crate::{
    address::{EmailAddress, InvalidAddress},
    body,
    header::HeaderText,
};

/// A message that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) from: EmailAddress,
    pub(crate) to: EmailAddress,
    pub(crate) notification: Uuid,
    /// The `Message-ID`, in its angle brackets.
    pub(crate) id: String,
    /// Headers and body. Every line ends in CRLF and is ASCII, except addresses that need UTF-8.
    pub(crate) text: Vec<u8>,
}

/// The reason why an email cannot be a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidEmail {
    #[error("the notification id: {0}")]
    Id(#[from] uuid::Error),
    #[error("the sender's address: {0}")]
    From(InvalidAddress),
    #[error("the recipient's address: {0}")]
    To(InvalidAddress),
    #[error("the message: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Message {
    /// Builds the message of an email, with the sender's name and the current time.
    pub(crate) fn new(
        email: Email,
        from_name: Option<&HeaderText>,
        now: SystemTime,
    ) -> Result<Self, InvalidEmail> {
        let notification: Uuid = email.notification_id.parse()?;
        let from = EmailAddress::parse(&email.from).map_err(InvalidEmail::From)?;
        let to = EmailAddress::parse(&email.to).map_err(InvalidEmail::To)?;
        let subject = HeaderText::of_subject(&email.subject);
        let id = format!("<{notification}@{}>", from.domain());

        let from_header = HeaderName::new_from_ascii_str("From");
        let encoded_from =
            from_name.and_then(|name| name.to_mailbox(from_header, &from.to_string()));
        let from_name = from_name.map(|name| name.as_str().to_owned());
        let media_type = match email.content_type {
            ContentType::Plain => MediaType::TEXT_PLAIN,
            ContentType::Html => MediaType::TEXT_HTML,
        };
        let part = SinglePart::builder()
            .header(media_type)
            .header(body::encoding(&email.body))
            .body(body::canonical(&email.body));
        let mut message = Builder::builder()
            .from(Mailbox::new(from_name, from.to_header()))
            .to(Mailbox::new(None, to.to_header()))
            .raw_header(subject.to_header(HeaderName::new_from_ascii_str("Subject")))
            .message_id(Some(id.clone()))
            .date(now)
            .singlepart(part)?;
        if let Some(from) = encoded_from {
            message.headers_mut().insert_raw(from);
        }
        Ok(Self {
            text: message.formatted(),
            from,
            to,
            notification,
            id,
        })
    }

    /// Returns whether the message requires a relay with SMTPUTF8.
    pub(crate) fn needs_utf8(&self) -> bool {
        self.from.needs_utf8() || self.to.needs_utf8()
    }
}

impl From<InvalidEmail> for Failure {
    fn from(error: InvalidEmail) -> Self {
        match error {
            InvalidEmail::To(_) => Self::InvalidAddress(error.to_string()),
            InvalidEmail::Id(_) | InvalidEmail::From(_) | InvalidEmail::Message(_) => {
                Self::Rejected(error.to_string())
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;

    pub(crate) fn email() -> Email {
        Email {
            notification_id: "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10".to_owned(),
            from: "noreply@altinn.cloud".to_owned(),
            to: "kari@blåbær.no".to_owned(),
            subject: "Påminnelse om møte".to_owned(),
            body: "Kjære Åse,\n\nblåbær = 1\n.\n..\ntrailing \n".to_owned(),
            content_type: ContentType::Plain,
        }
    }

    fn message(email: Email) -> Message {
        let name = HeaderText::parse("Ærlig Øyvind, \"Å\"".to_owned()).unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Message::new(email, Some(&name), now).unwrap()
    }

    #[test]
    fn new_message_is_parsed_back_unchanged() {
        let message = message(email());
        assert!(message.text.is_ascii());
        let parsed = MessageParser::new().parse(&message.text).unwrap();
        let from = parsed.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("Ærlig Øyvind, \"Å\""));
        assert_eq!(from.address(), Some("noreply@altinn.cloud"));
        let to = parsed.to().unwrap().first().unwrap();
        assert_eq!(to.address(), Some("kari@xn--blbr-roah.no"));
        assert_eq!(parsed.subject(), Some("Påminnelse om møte"));
        assert_eq!(
            parsed.message_id(),
            Some("0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10@altinn.cloud")
        );
        assert_eq!(parsed.date().unwrap().to_timestamp(), 1_700_000_000);
        assert_eq!(
            parsed.header_raw("MIME-Version").map(str::trim),
            Some("1.0")
        );
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(
            text.trim_end_matches('\n'),
            email().body.trim_end_matches('\n')
        );
    }

    #[test]
    fn new_any_body_becomes_short_canonical_lines() {
        for body in [
            "x".repeat(10_000),
            "blåbærsyltetøy ".repeat(1_000),
            "a\rb\n.\r\n..\nFrom here\n\0\u{7}\t \n".to_owned(),
            "Привет\n".repeat(500),
            "\n.\n".to_owned(),
        ] {
            let message = message(Email { body, ..email() });
            let text = String::from_utf8(message.text).unwrap();
            let lines: Vec<_> = text.split("\r\n").collect();
            let is_unsafe = |line: &&str| line.contains(['\r', '\n', '\0']) || line.len() > 78;
            assert_eq!(lines.iter().find(|line| is_unsafe(line)), None);
        }
    }

    #[test]
    fn new_html_body_has_html_media_type() {
        let message = message(Email {
            content_type: ContentType::Html,
            body: "<p>Blåbær</p>".to_owned(),
            ..email()
        });
        let parsed = MessageParser::new().parse(&message.text).unwrap();
        let media_type = parsed.content_type().unwrap();
        assert_eq!(
            (media_type.ctype(), media_type.subtype()),
            ("text", Some("html"))
        );
        assert_eq!(media_type.attribute("charset"), Some("utf-8"));
        assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Blåbær</p>");
    }

    #[test]
    fn new_subject_with_control_characters_has_spaces() {
        let message = message(Email {
            subject: "Hei\r\nBcc: x@y.no\0\u{7}.".to_owned(),
            ..email()
        });
        let parsed = MessageParser::new().parse(&message.text).unwrap();
        assert_eq!(parsed.subject(), Some("Hei  Bcc: x@y.no  ."));
        assert!(parsed.bcc().is_none());
    }

    #[test]
    fn new_invalid_email_returns_typed_failure() {
        let failure = |email| Failure::from(Message::new(email, None, UNIX_EPOCH).unwrap_err());
        let to = |to: &str| Email {
            to: to.to_owned(),
            ..email()
        };
        for address in ["kari", "a@b.no\r\nRCPT TO:<x@y.no>", "a@b.no>"] {
            let failure = failure(to(address));
            assert!(matches!(failure, Failure::InvalidAddress(_)), "{failure:?}");
        }
        for email in [
            Email {
                from: "noreply@altinn.cloud\r\nX: y".to_owned(),
                ..email()
            },
            Email {
                notification_id: "1\r\nX: y".to_owned(),
                ..email()
            },
        ] {
            let failure = failure(email);
            assert!(matches!(failure, Failure::Rejected(_)), "{failure:?}");
        }
    }
}
