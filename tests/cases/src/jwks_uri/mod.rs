//! Keys that an issuer publishes at a URL (`jwks_uri`).
//!
//! The instances fetch them seldom, and keep using them while the issuer fails. Without keys they
//! answer 503, never 401.

mod allowed;
mod content;
mod fetching;
mod outage;
mod rotation;
mod shared_key;
mod stored;
mod unknown_key;

use std::time::Duration;

use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims, SigningKey};
use test_support::{
    Answer, Call, Host, Reply, Setup,
    key_server::KeyServer,
    order::{ORDER_EMAIL, order_for_later},
    post, setup,
    tokens::{ORG, SCOPE, claims_by},
};
use uuid::Uuid;

/// The name of the issuer.
const ISSUER: &str = "https://keys.test";

/// The shortest lifetime of a set.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(5);
/// Clocks are read in whole seconds, and answers take time on a busy machine.
const SLACK: Duration = Duration::from_secs(1);
/// The time between two fetches from an issuer that fails.
const FAILURE_FLOOR: Duration = Duration::from_secs(2);
/// The time between two fetches for unknown keys.
const UNKNOWN_KEY_FLOOR: Duration = Duration::from_secs(10);
/// The time limit of a fetch.
const FETCH_LIMIT: Duration = Duration::from_secs(5);

/// An issuer that publishes its keys, and a host that trusts it.
struct Scene {
    server: KeyServer,
    host: Host,
}

impl Scene {
    async fn start(reply: Reply) -> Self {
        Self::set_up(reply, |setup| setup).await
    }

    /// Starts a host whose instances serve this many requests.
    async fn with_requests_per_instance(reply: Reply, count: usize) -> Self {
        Self::set_up(reply, |setup| setup.with_requests_per_instance(count)).await
    }

    async fn set_up(reply: Reply, adjust: impl FnOnce(Setup) -> Setup) -> Self {
        let server = KeyServer::start(reply).await;
        let issuers = issuers_at(&server.url());
        let host = Host::start(adjust(setup(&[("bearer_issuers", &issuers)]))).await;
        Self { server, host }
    }

    /// Posts an order with a token.
    async fn post(&self, token: &str) -> Answer {
        post_with(token).send(&self.host).await
    }

    /// Posts an order with each token, one after the other on one connection; returns the statuses.
    async fn post_all(&self, tokens: impl IntoIterator<Item = String>) -> Vec<u16> {
        let mut connection = self.host.connect().await;
        let mut statuses = Vec::new();
        for token in tokens {
            let answer = connection.send(post_with(&token)).await;
            statuses.push(answer.status.as_u16());
        }
        statuses
    }
}

fn post_with(token: &str) -> Call {
    post(ORDER_EMAIL).bearer(token).json(&order_for_later())
}

/// Returns the variable `bearer_issuers` for one issuer with its keys at this URL.
fn issuers_at(url: &str) -> String {
    json!([{ "issuer": ISSUER, "jwks_uri": url }]).to_string()
}

/// Returns a new key, of the kind that is verified quickest.
fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).expect("a key")
}

/// Returns the set of these public keys.
fn set_of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::public_jwk).collect();
    json!({ "keys": keys })
}

/// Returns a valid bearer, signed with this key.
fn token_of(key: &SigningKey) -> String {
    key.token(&claims()).expect("a signature")
}

/// Returns the claims of a valid bearer. They are unique, so no instance has verified the token.
fn claims() -> Claims {
    claims_by(ISSUER)
        .scope(SCOPE)
        .org(ORG)
        .with("jti", Uuid::new_v4().to_string())
}
