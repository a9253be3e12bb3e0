//! Keys that an issuer publishes at a URL: fetched seldom, kept while the issuer is down, and
//! never taken for a fault of a token.
//!
//! The issuer is a real HTTP server. Times are those that are promised; a test waits for them.

mod allowed;
mod content;
mod fetching;
mod outage;
mod rotation;
mod unknown_key;

use std::time::Duration;

use serde_json::{Value, json};
use test_hosts::Setup;
use test_issuer::{
    Algorithm, Claims, SigningKey,
    server::{self, KeyServer},
};

use crate::support::{
    Answer, Host,
    call::Connection,
    host::setup,
    order::{ORDER_EMAIL, order},
    post,
    tokens::{ORG, SCOPE},
};

/// The name of the issuer.
const ISSUER: &str = "https://keys.test";

/// For how long a set is used at the least, whatever its issuer says.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(5);
/// Clocks are read in whole seconds, and answers take their time on a busy machine.
const SLACK: Duration = Duration::from_secs(1);
/// How often an issuer that is down is asked again.
const FAILURE_FLOOR: Duration = Duration::from_secs(2);
/// How often an unknown key has a set fetched.
const UNKNOWN_KEY_FLOOR: Duration = Duration::from_secs(10);
/// For how long an answer is waited for.
const FETCH_LIMIT: Duration = Duration::from_secs(5);

/// An issuer that publishes its keys, and a host that trusts it.
struct Scene {
    server: KeyServer,
    host: Host,
}

impl Scene {
    /// None where the tests run against a host elsewhere: the test is then left out, and says so.
    async fn start(answer: server::Answer) -> Option<Self> {
        Self::set_up(answer, |setup| setup).await
    }

    /// The same, with instances that serve this many requests.
    async fn with_requests_per_instance(answer: server::Answer, count: usize) -> Option<Self> {
        Self::set_up(answer, |setup| setup.with_requests_per_instance(count)).await
    }

    async fn set_up(answer: server::Answer, adjusted: impl FnOnce(Setup) -> Setup) -> Option<Self> {
        let server = publish(answer).await;
        let issuers = issuers_at(&server.url());
        let setup = adjusted(setup(&[("bearer_issuers", &issuers)]));
        let host = Host::start(&setup).await?;
        Some(Self { server, host })
    }

    /// Posts an order with a token.
    async fn post(&self, token: &str) -> Answer {
        post_with(token).send(&self.host).await
    }

    /// Posts orders one after the other, on one connection; returns the statuses.
    async fn post_all(&self, tokens: impl IntoIterator<Item = String>) -> Vec<u16> {
        let mut connection = Connection::open(&self.host).await;
        let mut statuses = Vec::new();
        for token in tokens {
            let answer = connection.send(post_with(&token)).await;
            statuses.push(answer.status.as_u16());
        }
        statuses
    }
}

fn post_with(token: &str) -> crate::support::Call {
    post(ORDER_EMAIL).bearer(token).json(&order())
}

async fn publish(answer: server::Answer) -> KeyServer {
    KeyServer::start(answer).await.expect("a server of keys")
}

/// The variable `bearer_issuers`: one issuer, whose keys are at this URL.
fn issuers_at(url: &str) -> String {
    json!([{ "issuer": ISSUER, "jwks_uri": url }]).to_string()
}

/// A new key, of the kind that is verified quickest.
fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).expect("a key")
}

/// The published halves of these keys.
fn set_of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::public_jwk).collect();
    json!({ "keys": keys })
}

/// A good bearer, signed with this key.
fn token_of(key: &SigningKey) -> String {
    key.token(&claims()).expect("a signature")
}

/// What a good bearer claims; no two claim the same, so that none was seen before.
fn claims() -> Claims {
    Claims::of(ISSUER)
        .scope(SCOPE)
        .org(ORG)
        .with("jti", uuid::Uuid::new_v4().to_string())
}
