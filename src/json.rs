//! JSON in the leniency that the API's clients need: member names in any case, the last duplicate
//! wins, unknown members are ignored, and at most [`MAX_DEPTH`] levels.
//!
//! The whole crate reads JSON from bytes: reading from text as well would instantiate serde_json's
//! reader a second time, which makes the component larger.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The most levels of arrays and objects.
pub(crate) const MAX_DEPTH: usize = 32;

/// Returns the members of an object that have these names, unread and in the order of the names.
/// `names` are in lower camel case.
pub(crate) fn members<'a, const N: usize>(
    json: &'a [u8],
    names: &[&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    let mut members = [None; N];
    read_members(json, names, &mut members)?;
    Ok(members)
}

/// Does the work of [`members`], once for all `N`.
fn read_members<'a>(
    json: &'a [u8],
    names: &[&str],
    members: &mut [Option<&'a RawValue>],
) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserializer.deserialize_map(MembersVisitor { names, members })?;
    deserializer.end()
}

struct MembersVisitor<'n, 'm, 'a> {
    names: &'n [&'n str],
    members: &'m mut [Option<&'a RawValue>],
}

impl<'de> Visitor<'de> for MembersVisitor<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(NameSeed(self.names))? {
            let value: &RawValue = map.next_value()?;
            if let Some(member) = place.and_then(|place| self.members.get_mut(place)) {
                *member = Some(value);
            }
        }
        Ok(())
    }
}

struct NameSeed<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self
            .0
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name)))
    }
}

/// Returns the elements of an array, unread.
pub(crate) fn elements(json: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    struct Elements;

    impl<'de> Visitor<'de> for Elements {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = array.next_element()? {
                elements.push(element);
            }
            Ok(elements)
        }
    }

    serde_json::Deserializer::from_slice(json.get().as_bytes()).deserialize_seq(Elements)
}

/// Returns the members of an object, whose values must be texts.
pub(crate) fn texts(json: &[u8]) -> serde_json::Result<Vec<(String, String)>> {
    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of texts")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let members = deserializer.deserialize_map(Texts)?;
    deserializer.end()?;
    Ok(members)
}

/// Returns the number of levels of arrays and objects in a text that may be JSON.
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<[Option<String>; 2]> {
        let members = members(json.as_bytes(), &["firstName", "other"]).ok()?;
        Some(members.map(|value| value.map(|raw| raw.get().to_owned())))
    }

    #[test]
    fn members_names_match_in_any_case_the_last_wins() {
        let [first, other] =
            read(r#"{"FIRSTname": 1, "x": {"firstName": 9}, "firstname": [2]}"#).unwrap();
        assert_eq!(first.as_deref(), Some("[2]"));
        assert_eq!(other, None);
    }

    #[test]
    fn members_escapes_in_names_are_read() {
        let [_, other] = read(r#"{"\u006fther": true}"#).unwrap();
        assert_eq!(other.as_deref(), Some("true"));
    }

    #[test]
    fn members_of_malformed_json_is_an_error() {
        for json in [
            "",
            "[",
            "{",
            "[]",
            "1",
            r#"{"a":1,}"#,
            r#"{"a":1} x"#,
            "{// comment\n}",
            "{'a':1}",
            r#"{"a":01}"#,
            r#"{"a":.5}"#,
            r#"{"a":NaN}"#,
            "{\"a\":\"\u{1}\"}",
            r#"{"a" 1}"#,
        ] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn depth_ignores_brackets_in_strings() {
        assert_eq!(depth(r#"{"a":[[{}]], "b":"[[[[\"[[["}"#), 4);
        assert_eq!(depth("1"), 0);
        assert_eq!(depth("]]][["), 2);
    }
}
