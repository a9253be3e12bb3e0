//! Builds the claims of a token.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// The claims of a token (RFC 7519 section 4). Times are given in seconds from the time of
/// issue, and may be negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
    /// When the token is issued, in seconds since 1970.
    now: i64,
}

impl Claims {
    /// Creates claims of this issuer, issued now and valid for an hour.
    #[must_use]
    pub fn of(issuer: &str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self::at(issuer, now.map_or(0, |since| since.as_secs().cast_signed()))
    }

    /// Creates claims of this issuer, issued at this time, in seconds since 1970.
    #[must_use]
    pub fn at(issuer: &str, now: i64) -> Self {
        let empty = Self {
            members: Map::new(),
            now,
        };
        empty.with("iss", issuer).issued_in(0).expires_in(3600)
    }

    /// Sets the scopes, separated by spaces, in the claim of Altinn tokens.
    #[must_use]
    pub fn scope(self, scopes: &str) -> Self {
        self.with("urn:altinn:scope", scopes)
    }

    /// Sets the scopes, separated by spaces, in the claim of plain Maskinporten tokens.
    #[must_use]
    pub fn plain_scope(self, scopes: &str) -> Self {
        self.with("scope", scopes)
    }

    /// Sets the short name of the service owner.
    #[must_use]
    pub fn org(self, org: &str) -> Self {
        self.with("urn:altinn:org", org)
    }

    /// Sets the organisation number of the service owner.
    #[must_use]
    pub fn org_number(self, number: &str) -> Self {
        self.with("urn:altinn:orgNumber", number)
    }

    /// Sets the consumer of a plain Maskinporten token, such as `0192:991825827`.
    #[must_use]
    pub fn consumer(self, id: &str) -> Self {
        self.with(
            "consumer",
            json!({ "authority": "iso6523-actorid-upis", "ID": id }),
        )
    }

    /// Sets the audience: a name, or a list of names.
    #[must_use]
    pub fn audience(self, audience: impl Into<Value>) -> Self {
        self.with("aud", audience)
    }

    /// Sets the expiration time.
    #[must_use]
    pub fn expires_in(self, seconds: i64) -> Self {
        self.with_time("exp", seconds)
    }

    /// Sets the time from which the token is valid.
    #[must_use]
    pub fn not_before_in(self, seconds: i64) -> Self {
        self.with_time("nbf", seconds)
    }

    /// Sets the time of issue.
    #[must_use]
    pub fn issued_in(self, seconds: i64) -> Self {
        self.with_time("iat", seconds)
    }

    /// Sets any claim.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.remove(name);
        self
    }

    /// Returns the claims as a JSON object.
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.members
    }

    fn with_time(self, name: &str, seconds: i64) -> Self {
        let time = self.now.saturating_add(seconds);
        self.with(name, time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_sets_and_without_removes_claims() {
        let claims = Claims::of("https://issuer.test")
            .scope("a b")
            .consumer("0192:991825827")
            .audience(vec!["x", "y"])
            .without("iat");
        let json = claims.as_json();
        assert_eq!(json["urn:altinn:scope"], "a b");
        assert_eq!(json["consumer"]["ID"], "0192:991825827");
        assert_eq!(json["aud"], json!(["x", "y"]));
        assert!(!json.contains_key("iat") && json.contains_key("exp"));
    }

    #[test]
    fn times_are_relative_to_now() {
        let claims = Claims::of("x").expires_in(-60).not_before_in(60);
        let [from, to] = ["exp", "nbf"].map(|name| claims.as_json()[name].as_i64().unwrap());
        assert!((119..=121).contains(&(to - from)));
    }
}
