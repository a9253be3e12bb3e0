//! Where a listing goes on: the parameter `after` of `GET /order`.

use sha2::{Digest as _, Sha256};

use crate::order::OrderId;

/// The id that a page of a listing is behind, as clients are given it.
///
/// To clients it is a text without a meaning: 8 digits that check it against the listing, so that a
/// cursor of another listing is an error, and 32 of the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) OrderId);

impl Cursor {
    /// Returns the text of a cursor in the listing of a reference.
    pub(super) fn encode(self, reference: &str) -> String {
        let id = self.0.as_bytes();
        let hash = Sha256::new().chain_update(id).chain_update(reference);
        let check = hash.finalize();
        let bytes = check.iter().take(4).chain(id);
        bytes.map(|byte| format!("{byte:02x}")).collect()
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
    fn a_cursor_is_of_one_listing() {
        for id in [OrderId::random(), OrderId::from_bytes([0; 16])] {
            let text = Cursor(id).encode("case-1");
            assert_eq!(Cursor::decode(&text, "case-1"), Some(Cursor(id)));
            assert_eq!(Cursor::decode(&text, "case-2"), None);
        }
    }

    #[test]
    fn anything_else_is_none() {
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
