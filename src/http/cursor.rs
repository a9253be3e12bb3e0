//! The cursor of a listing: the parameter `after` of `GET /order`.

use crate::{digest::half_sha256, order::OrderId};

/// The last order of a page.
///
/// Clients see an opaque text: 8 digits of a hash over the id and the listing's reference, so that a
/// cursor of another listing is an error, and the 32 digits of the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) OrderId);

impl Cursor {
    /// Returns the text of a cursor in the listing of a reference.
    pub(super) fn encode(self, reference: &str) -> String {
        let id = self.0.as_bytes();
        let check = half_sha256(&[id, reference.as_bytes()]) >> 96;
        format!("{check:08x}{:032x}", u128::from_be_bytes(*id))
    }

    /// Reads a cursor in the listing of a reference.
    pub(super) fn decode(text: &str, reference: &str) -> Option<Self> {
        let id = u128::from_str_radix(text.get(8..)?, 16).ok()?;
        let cursor = Self(OrderId::from_bytes(id.to_be_bytes()));
        (cursor.encode(reference) == text).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_is_valid_in_its_listing_only() {
        for id in [OrderId::of_hash([7; 16]), OrderId::from_bytes([0; 16])] {
            let text = Cursor(id).encode("case-1");
            assert_eq!(Cursor::decode(&text, "case-1"), Some(Cursor(id)));
            assert_eq!(Cursor::decode(&text, "case-2"), None);
        }
    }

    #[test]
    fn text_that_is_not_a_cursor_is_refused() {
        let text = Cursor(OrderId::from_bytes([0xab; 16])).encode("x");
        let (tag, digits) = text.split_at(8);
        for other in [
            "",
            "x",
            "0",
            tag,
            digits,
            &OrderId::from_bytes([0xab; 16]).to_string(),
            &text.to_uppercase(),
            &text[..39],
            &format!("{text}0"),
            &format!("{tag}+{}", &digits[1..]),
            &format!("{tag}0{}", &digits[1..]),
            &format!("0000000{}", &text[7..]),
            &format!("{tag}{}g", &digits[1..]),
            &format!(" {text}"),
            &"a".repeat(40),
            "æææææææææææææææææææææ",
        ] {
            assert_eq!(Cursor::decode(other, "x"), None, "{other}");
        }
    }
}
