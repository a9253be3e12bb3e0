//! The JSON form of an email.

use sender_http::{InvalidAddress, with_ascii_domain};
use sender_shared::{ContentType, Email, one_line};
use serde::Serialize;

/// The body of a send request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    sender_address: String,
    recipients: Recipients,
    content: Content<'a>,
}

#[derive(Debug, Serialize)]
struct Recipients {
    to: [Recipient; 1],
}

#[derive(Debug, Serialize)]
struct Recipient {
    address: String,
}

#[derive(Debug, Serialize)]
struct Content<'a> {
    subject: String,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Body<'a> {
    PlainText(&'a str),
    Html(&'a str),
}

impl<'a> TryFrom<&'a Email> for Message<'a> {
    type Error = InvalidAddress;

    fn try_from(email: &'a Email) -> Result<Self, InvalidAddress> {
        let body = match email.content_type {
            ContentType::Plain => Body::PlainText(&email.body),
            ContentType::Html => Body::Html(&email.body),
        };
        Ok(Self {
            // The service knows its domains, so it decides about one without an ASCII form.
            sender_address: with_ascii_domain(&email.from).unwrap_or_else(|_| email.from.clone()),
            recipients: Recipients {
                to: [Recipient {
                    address: with_ascii_domain(&email.to)?,
                }],
            },
            content: Content {
                subject: one_line(&email.subject),
                body,
            },
        })
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
        assert_eq!(
            to_value(Message::try_from(&email).unwrap()).unwrap(),
            expected
        );
        email.content_type = ContentType::Html;
        expected["content"] = json!({ "subject": "Påminnelse", "html": "Blåbær\n" });
        assert_eq!(
            to_value(Message::try_from(&email).unwrap()).unwrap(),
            expected
        );
    }
    #[test]
    fn serialize_international_domain_and_control_characters_are_encoded() {
        let mut email = Email {
            notification_id: String::new(),
            from: "noreply@blåbær.no".to_owned(),
            to: "åse@sub.Rødgrøt.no".to_owned(),
            subject: "a\0b\nc".to_owned(),
            body: "Blåbær\n".to_owned(),
            content_type: ContentType::Plain,
        };
        let value = to_value(Message::try_from(&email).unwrap()).unwrap();
        assert_eq!(value["senderAddress"], "noreply@xn--blbr-roah.no");
        let to = &value["recipients"]["to"][0]["address"];
        assert_eq!(to, "åse@sub.xn--rdgrt-vuad.no");
        assert_eq!(value["content"]["subject"], "a b c");
        for address in ["åse", "åse@", "åse@-.no"] {
            email.to = address.to_owned();
            assert!(Message::try_from(&email).is_err(), "{address}");
        }
    }
}
