//! What a verified token claims beyond RFC 7519's registered claims.

use serde::Deserialize;
use serde_json::Value;

use crate::order::Creator;

/// Claims of Maskinporten and of Altinn. A claim of another type than expected claims nothing,
/// so that it neither grants a right nor voids the token.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claims {
    #[serde(rename = "urn:altinn:scope")]
    altinn_scope: Option<Value>,
    scope: Option<Value>,
    #[serde(rename = "urn:altinn:org")]
    org: Option<Value>,
    consumer: Option<Value>,
}

/// The scheme of `consumer.ID` in a Maskinporten token.
const CONSUMER_AUTHORITY: &str = "iso6523-actorid-upis";

impl Claims {
    /// The scopes (RFC 8693, section 4.2): one string, split on spaces.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        let claim = self.altinn_scope.as_ref().or(self.scope.as_ref());
        let text = claim.and_then(Value::as_str).unwrap_or_default();
        text.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whose orders its bearer gives: the organisation, else the consumer of the token.
    pub(super) fn creator(&self) -> Option<Creator> {
        match &self.org {
            Some(org) => Creator::new(org.as_str()?),
            None => {
                let consumer = self.consumer.as_ref()?;
                let authority = consumer.get("authority")?.as_str()?;
                let id = consumer.get("ID")?.as_str()?;
                (authority == CONSUMER_AUTHORITY).then(|| Creator::new(id))?
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn scopes_are_of_one_string() {
        for (json, scopes) in [
            (r#"{}"#, &[][..]),
            (r#"{"scope":"a b"}"#, &["a", "b"]),
            (r#"{"scope":"a","urn:altinn:scope":" c  d "}"#, &["c", "d"]),
            (r#"{"scope":"a","urn:altinn:scope":""}"#, &[]),
            (r#"{"scope":"a","urn:altinn:scope":["b"]}"#, &[]),
            (r#"{"scope":["a"]}"#, &[]),
            (r#"{"scope":"a\tb"}"#, &["a\tb"]),
        ] {
            assert_eq!(claims(json).scopes().collect::<Vec<_>>(), scopes, "{json}");
        }
    }

    #[test]
    fn creators() {
        let consumer = r#""consumer":{"authority":"iso6523-actorid-upis","ID":"0192:991825827"}"#;
        for (json, creator) in [
            ("{}".to_owned(), None),
            (r#"{"urn:altinn:org":"ttd"}"#.to_owned(), Some("ttd")),
            (
                format!(r#"{{"urn:altinn:org":"ttd",{consumer}}}"#),
                Some("ttd"),
            ),
            (format!("{{{consumer}}}"), Some("0192:991825827")),
            (format!(r#"{{"urn:altinn:org":"",{consumer}}}"#), None),
            (format!(r#"{{"urn:altinn:org":7,{consumer}}}"#), None),
            (r#"{"urn:altinn:orgNumber":"991825827"}"#.to_owned(), None),
            (
                r#"{"consumer":{"authority":"x","ID":"0192:991825827"}}"#.to_owned(),
                None,
            ),
            (r#"{"consumer":{"ID":"0192:991825827"}}"#.to_owned(), None),
            (r#"{"consumer":"0192:991825827"}"#.to_owned(), None),
        ] {
            assert_eq!(
                claims(&json).creator(),
                creator.and_then(Creator::new),
                "{json}"
            );
        }
    }
}
