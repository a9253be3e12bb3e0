//! The JSON form of an email.

use sender_shared::{ContentType, Email};
use serde::Serialize;

/// The body of a send request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    sender_address: &'a str,
    recipients: Recipients<'a>,
    content: Content<'a>,
}

#[derive(Debug, Serialize)]
struct Recipients<'a> {
    to: [Recipient<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Recipient<'a> {
    address: &'a str,
}

#[derive(Debug, Serialize)]
struct Content<'a> {
    subject: &'a str,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Body<'a> {
    PlainText(&'a str),
    Html(&'a str),
}

impl<'a> From<&'a Email> for Message<'a> {
    fn from(email: &'a Email) -> Self {
        let body = match email.content_type {
            ContentType::Plain => Body::PlainText(&email.body),
            ContentType::Html => Body::Html(&email.body),
        };
        Self {
            sender_address: &email.from,
            recipients: Recipients {
                to: [Recipient { address: &email.to }],
            },
            content: Content {
                subject: &email.subject,
                body,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn serialize_each_content_type_has_documented_shape() {
        let mut email = Email {
            notification_id: String::new(),
            from: "noreply@altinn.cloud".to_owned(),
            to: "kari@example.no".to_owned(),
            subject: "Påminnelse".to_owned(),
            body: "Blåbær\n".to_owned(),
            content_type: ContentType::Plain,
        };
        let mut expected = json!({
            "senderAddress": "noreply@altinn.cloud",
            "recipients": { "to": [{ "address": "kari@example.no" }] },
            "content": { "subject": "Påminnelse", "plainText": "Blåbær\n" },
        });
        assert_eq!(to_value(Message::from(&email)).unwrap(), expected);
        email.content_type = ContentType::Html;
        expected["content"] = json!({ "subject": "Påminnelse", "html": "Blåbær\n" });
        assert_eq!(to_value(Message::from(&email)).unwrap(), expected);
    }
}
