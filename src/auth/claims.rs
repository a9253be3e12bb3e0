//! The claims of a token beyond the registered claims of RFC 7519.

use serde::Deserialize;
use serde_json::Value;

use super::present::present;
use crate::order::Creator;

/// The claims of Maskinporten and of Altinn. A claim of an unexpected type is ignored: it neither
/// grants a right nor invalidates the token.
///
/// A claim that is `null` is present, so there is no fall-back to another claim.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claims {
    #[serde(rename = "urn:altinn:scope", default, deserialize_with = "present")]
    altinn_scope: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<Value>,
    #[serde(rename = "urn:altinn:org", default, deserialize_with = "present")]
    org: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    consumer: Option<Value>,
}

/// The scheme of `consumer.ID` in a Maskinporten token.
const CONSUMER_AUTHORITY: &str = "iso6523-actorid-upis";
/// The scheme of Norwegian organisation numbers within [`CONSUMER_AUTHORITY`] (ISO 6523).
const ORGANIZATION_SCHEME: &str = "0192:";
const ORGANIZATION_DIGITS: usize = 9;

impl Claims {
    /// Returns the scopes (RFC 8693, section 4.2): one string, split on spaces.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        let claim = self.altinn_scope.as_ref().or(self.scope.as_ref());
        let text = claim.and_then(Value::as_str).unwrap_or_default();
        text.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Returns the creator of orders: the organisation, or if the claim is absent, the consumer.
    pub(super) fn creator(&self) -> Option<Creator> {
        match &self.org {
            Some(org) => Creator::new(org.as_str()?),
            None => consumer_id(self.consumer.as_ref()?).and_then(Creator::new),
        }
    }
}

/// Returns `consumer.ID` if it is a Norwegian organisation number.
fn consumer_id(consumer: &Value) -> Option<&str> {
    let authority = consumer.get("authority")?.as_str()?;
    let id = consumer.get("ID")?.as_str()?;
    let number = id.strip_prefix(ORGANIZATION_SCHEME)?;
    let is_number =
        number.len() == ORGANIZATION_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
    (authority == CONSUMER_AUTHORITY && is_number).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn scopes_are_read_from_one_string() {
        for (json, scopes) in [
            (r#"{}"#, &[][..]),
            (r#"{"scope":"a b"}"#, &["a", "b"]),
            (r#"{"scope":"a","urn:altinn:scope":" c  d "}"#, &["c", "d"]),
            (r#"{"scope":"a","urn:altinn:scope":""}"#, &[]),
            (r#"{"scope":"a","urn:altinn:scope":null}"#, &[]),
            (r#"{"scope":"a","urn:altinn:scope":["b"]}"#, &[]),
            (r#"{"scope":["a"]}"#, &[]),
            (r#"{"scope":"a\tb"}"#, &["a\tb"]),
        ] {
            assert_eq!(claims(json).scopes().collect::<Vec<_>>(), scopes, "{json}");
        }
    }

    #[test]
    fn creator_is_the_organisation_or_the_consumer() {
        let consumer =
            |id: &str| format!(r#""consumer":{{"authority":"iso6523-actorid-upis","ID":"{id}"}}"#);
        let good = consumer("0192:991825827");
        for (json, creator) in [
            (String::new(), None),
            (r#""urn:altinn:org":"ttd""#.to_owned(), Some("ttd")),
            (format!(r#""urn:altinn:org":"ttd",{good}"#), Some("ttd")),
            (good.clone(), Some("0192:991825827")),
            (format!(r#""urn:altinn:org":"",{good}"#), None),
            (format!(r#""urn:altinn:org":7,{good}"#), None),
            (format!(r#""urn:altinn:org":null,{good}"#), None),
            (r#""urn:altinn:orgNumber":"991825827""#.to_owned(), None),
            (consumer(""), None),
            (consumer("991825827"), None),
            (consumer("0192:"), None),
            (consumer("0192:99182582"), None),
            (consumer("0192:9918258270"), None),
            (consumer("0192:99182582x"), None),
            (consumer("0192:９９１８２５８２７"), None),
            (consumer(" 0192:991825827"), None),
            (consumer("0192: 91825827"), None),
            (consumer("9908:991825827"), None),
            (
                r#""consumer":{"authority":"x","ID":"0192:991825827"}"#.to_owned(),
                None,
            ),
            (r#""consumer":{"ID":"0192:991825827"}"#.to_owned(), None),
            (r#""consumer":"0192:991825827""#.to_owned(), None),
            (r#""consumer":null"#.to_owned(), None),
        ] {
            assert_eq!(
                claims(&format!("{{{json}}}")).creator(),
                creator.and_then(Creator::new),
                "{json}"
            );
        }
    }
}
