//! The JSON form of an email.

use sender_http::{InvalidAddress, with_ascii_domain};
use sender_shared::{ContentType, Email, one_line};
use serde::Serialize;

/// The body of a request to send. It is the same in each repeat, as the idempotency key requires.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    from: String,
    to: [String; 1],
    subject: String,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Body<'a> {
    Text(&'a str),
    Html(&'a str),
}

impl<'a> TryFrom<&'a Email> for Message<'a> {
    type Error = InvalidAddress;

    fn try_from(email: &'a Email) -> Result<Self, InvalidAddress> {
        Ok(Self {
            // Resend knows its domains, so it decides about one without an ASCII form.
            from: with_ascii_domain(&email.from).unwrap_or_else(|_| email.from.clone()),
            to: [with_ascii_domain(&email.to)?],
            subject: one_line(&email.subject),
            body: match email.content_type {
                ContentType::Plain => Body::Text(&email.body),
                ContentType::Html => Body::Html(&email.body),
            },
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{json, to_value};

    use super::*;

    pub(crate) fn email() -> Email {
        Email {
            notification_id: "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10".to_owned(),
            from: "noreply@altinn.cloud".to_owned(),
            to: "kari@blåbær.no".to_owned(),
            subject: "Påminnelse\0".to_owned(),
            body: "Blåbær\n".to_owned(),
            content_type: ContentType::Plain,
        }
    }

    #[test]
    fn serialize_each_content_type_has_documented_shape() {
        let mut email = email();
        let expected = |body: &str| {
            let mut value = json!({
                "from": "noreply@altinn.cloud",
                "to": ["kari@xn--blbr-roah.no"],
                "subject": "Påminnelse ",
            });
            value[body] = "Blåbær\n".into();
            value
        };
        let value = to_value(Message::try_from(&email).unwrap()).unwrap();
        assert_eq!(value, expected("text"));
        email.content_type = ContentType::Html;
        let value = to_value(Message::try_from(&email).unwrap()).unwrap();
        assert_eq!(value, expected("html"));
        email.to = "kari".to_owned();
        assert!(Message::try_from(&email).is_err());
    }
}
