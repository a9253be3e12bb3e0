//! Keywords in the subject and body, for recipients that were looked up.

use std::borrow::Cow;

use crate::order::{ContentType, Recipient};

const NAME: &str = "$recipientName$";
const NUMBER: &str = "$recipientNumber$";

/// The values of the keywords for one recipient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keywords<'a> {
    name: &'a str,
    number: &'a str,
}

impl<'a> Keywords<'a> {
    /// Returns the keywords of a recipient that was looked up; None for one with an address of its
    /// own, whose texts stay unchanged. The number of a person is empty: no email has it.
    pub(super) fn of(recipient: &'a Recipient, name: Option<&'a str>) -> Option<Self> {
        let number = match recipient {
            Recipient::Address(_) => return None,
            Recipient::Person(_) => "",
            Recipient::Organization(number) => number.as_str(),
        };
        let name = name.unwrap_or_default();
        Some(Self { name, number })
    }

    /// Replaces the keywords in a subject, which stays one line.
    pub(super) fn in_subject(self, text: &str) -> String {
        let name = self.name.replace(char::is_control, " ");
        self.replace(text, &name)
    }

    /// Replaces the keywords in a body.
    pub(super) fn in_body(self, text: &str, content_type: ContentType) -> String {
        let name = match content_type {
            ContentType::Plain => Cow::Borrowed(self.name),
            ContentType::Html => Cow::Owned(escape(self.name)),
        };
        self.replace(text, &name)
    }

    fn replace(self, text: &str, name: &str) -> String {
        // Replaces the name last, so that keywords in a name stay as they are.
        text.replace(NUMBER, self.number).replace(NAME, name)
    }
}

/// Escapes text for HTML.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{EmailAddress, NationalIdentityNumber, OrganizationNumber};

    const TEXT: &str = "Til $recipientName$ ($recipientNumber$), $recipientname$";

    #[test]
    fn organisation_has_name_and_number() {
        let number = OrganizationNumber::parse("123456789").unwrap();
        let recipient = Recipient::Organization(number);
        let keywords = Keywords::of(&recipient, Some("Ås & Sønn")).unwrap();
        let plain = "Til Ås & Sønn (123456789), $recipientname$";
        assert_eq!(keywords.in_subject(TEXT), plain);
        assert_eq!(keywords.in_body(TEXT, ContentType::Plain), plain);
        assert_eq!(
            keywords.in_body(TEXT, ContentType::Html),
            "Til Ås &amp; Sønn (123456789), $recipientname$"
        );
    }

    #[test]
    fn person_has_a_name_and_no_number() {
        let number = NationalIdentityNumber::parse("16069412345").unwrap();
        let recipient = Recipient::Person(number);
        let keywords = Keywords::of(&recipient, Some("Kari\r\nBcc: x")).unwrap();
        assert_eq!(
            keywords.in_subject(TEXT),
            "Til Kari  Bcc: x (), $recipientname$"
        );
        let nameless = Keywords::of(&recipient, None).unwrap();
        assert_eq!(nameless.in_subject("$recipientName$!"), "!");
    }

    #[test]
    fn keyword_in_a_name_is_not_replaced() {
        let number = OrganizationNumber::parse("123456789").unwrap();
        let recipient = Recipient::Organization(number);
        let keywords = Keywords::of(&recipient, Some("$recipientNumber$")).unwrap();
        assert_eq!(keywords.in_subject("$recipientName$"), "$recipientNumber$");
    }

    #[test]
    fn recipient_with_an_address_has_no_keywords() {
        let recipient = Recipient::Address(EmailAddress::parse("a@b.no").unwrap());
        assert!(Keywords::of(&recipient, None).is_none());
    }
}
