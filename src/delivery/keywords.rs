//! Keywords in the texts of an order, for recipients that were looked up.

use std::borrow::Cow;

use crate::order::{ContentType, Recipient};

const NAME: &str = "$recipientName$";
const NUMBER: &str = "$recipientNumber$";

/// What the keywords stand for, for one recipient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keywords<'a> {
    name: &'a str,
    number: &'a str,
}

impl<'a> Keywords<'a> {
    /// The keywords of a recipient that was looked up; None for one that has an address of its
    /// own, whose texts are left as they are. A person's number is in no email.
    pub(super) fn of(recipient: &'a Recipient, name: Option<&'a str>) -> Option<Self> {
        let number = match recipient {
            Recipient::Address(_) => return None,
            Recipient::Person(_) => "",
            Recipient::Organization(number) => number.as_str(),
        };
        let name = name.unwrap_or_default();
        Some(Self { name, number })
    }

    /// A subject with its keywords replaced; it stays one line.
    pub(super) fn in_subject(self, text: &str) -> String {
        let name = self.name.replace(char::is_control, " ");
        self.replace(text, &name)
    }

    /// A body with its keywords replaced.
    pub(super) fn in_body(self, text: &str, content_type: ContentType) -> String {
        let name = match content_type {
            ContentType::Plain => Cow::Borrowed(self.name),
            ContentType::Html => Cow::Owned(escape(self.name)),
        };
        self.replace(text, &name)
    }

    fn replace(self, text: &str, name: &str) -> String {
        // The name comes last, since nothing in it is a keyword.
        text.replace(NUMBER, self.number).replace(NAME, name)
    }
}

/// Text as HTML.
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
    fn an_organisation_has_a_name_and_a_number() {
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
    fn a_persons_number_is_kept_out() {
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
    fn nothing_in_a_name_is_a_keyword() {
        let number = OrganizationNumber::parse("123456789").unwrap();
        let recipient = Recipient::Organization(number);
        let keywords = Keywords::of(&recipient, Some("$recipientNumber$")).unwrap();
        assert_eq!(keywords.in_subject("$recipientName$"), "$recipientNumber$");
    }

    #[test]
    fn an_address_has_no_keywords() {
        let recipient = Recipient::Address(EmailAddress::parse("a@b.no").unwrap());
        assert!(Keywords::of(&recipient, None).is_none());
    }
}
