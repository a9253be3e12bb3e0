//! Authentication and authorization, and the creator that a credential gives.

mod bearer;
mod challenge;
mod creator;
mod forgery;
mod platform;
mod scope;
mod shared;
mod table;

use serde_json::Value;
use test_issuer::Claims;
use test_support::{
    Call, Host, assert_rows, get,
    order::{ORDER_EMAIL, order, order_id},
    post,
    tokens::bearer_with,
};

/// What the API answers to credentials.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// Refused, with this status.
    Refused(u16),
    /// Accepted, as this creator.
    Accepted { creator: String },
}

impl Decision {
    fn accepted(creator: &str) -> Self {
        let creator = creator.to_owned();
        Self::Accepted { creator }
    }
}

/// Posts a valid order with these credentials; reads its creator with the same ones.
async fn decision(host: &Host, credentials: &Credentials) -> Decision {
    let call = credentials.on(post(ORDER_EMAIL)).json(&order());
    let answer = call.send(host).await;
    if !answer.status.is_success() {
        answer.problem();
        return Decision::Refused(answer.status.as_u16());
    }
    let path = format!("/order/{}", order_id(&answer));
    let found = credentials
        .on(get(path))
        .send(host)
        .await
        .expect(200)
        .json();
    let Value::String(creator) = &found["creator"] else {
        panic!("no creator: {found}");
    };
    Decision::accepted(creator)
}

/// Asserts the decision on a bearer token with the claims of each row.
async fn assert_bearers(
    host: &Host,
    rows: impl IntoIterator<Item = (&'static str, Claims, Decision)>,
) {
    let mut decided = Vec::new();
    for (name, claims, expected) in rows {
        let credentials = Credentials::bearer(bearer_with(&claims));
        decided.push((name, decision(host, &credentials).await, expected));
    }
    assert_rows(decided);
}

/// Header lines that authorize a request.
#[derive(Debug, Clone, Default)]
struct Credentials(Vec<(&'static str, String)>);

impl Credentials {
    fn none() -> Self {
        Self::default()
    }

    fn bearer(token: impl AsRef<str>) -> Self {
        Self::none().authorization(format!("Bearer {}", token.as_ref()))
    }

    fn authorization(mut self, value: impl Into<String>) -> Self {
        self.0.push(("Authorization", value.into()));
        self
    }

    fn platform(mut self, token: impl Into<String>) -> Self {
        self.0.push(("PlatformAccessToken", token.into()));
        self
    }

    fn on(&self, call: Call) -> Call {
        self.0
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value))
    }
}
