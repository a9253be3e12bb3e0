//! The two credentials beside each other, row by row.

use test_issuer::{Algorithm, Issuer, forge};

use super::{Credentials, Verdict, verdict};
use crate::support::{
    assert_rows, shared,
    tokens::{
        ORG, SCOPE, bearer, bearer_with, impostors, platform, platform_with, signed_by, trusted,
    },
};

/// What a credential is, and the token or header value that is so.
type Named = (&'static str, String);

/// Bearers that do not verify.
fn unverifiable_bearers() -> Vec<Named> {
    let claims = trusted().bearer.claims().scope(SCOPE).org(ORG);
    let key = trusted().bearer.key(Algorithm::EdDsa);
    let unknown = Issuer::generate("https://unknown.test").unwrap();
    let unknown_claims = unknown.claims().scope(SCOPE).org(ORG);
    vec![
        ("expired", bearer_with(&claims.clone().expires_in(-60))),
        ("badly signed", forge::bad_signature(key, &claims).unwrap()),
        ("of an unknown issuer", signed_by(&unknown, &unknown_claims)),
        ("unsigned", forge::unsigned(&claims)),
        ("garbage", "garbage".to_owned()),
    ]
}

/// Bearers that verify and do not authorize.
fn unauthorized_bearers() -> Vec<Named> {
    let claims = || trusted().bearer.claims().org(ORG);
    let end_user = trusted()
        .bearer
        .claims()
        .scope("openid altinn:portal/enduser")
        .with("urn:altinn:userid", 20_000_001)
        .with("urn:altinn:partyid", 50_000_001);
    vec![
        ("without scope", bearer_with(&claims())),
        (
            "with another scope",
            bearer_with(&claims().scope("altinn:events.publish")),
        ),
        ("an end user's", bearer_with(&end_user)),
    ]
}

/// Platform tokens that do not verify.
fn invalid_platforms() -> Vec<Named> {
    let key = trusted().platform.key(Algorithm::EdDsa);
    let claims = trusted().platform.claims();
    let unknown = Issuer::generate("unknown").unwrap();
    vec![
        ("invalid", forge::bad_signature(key, &claims).unwrap()),
        ("expired", platform_with(&claims.clone().expires_in(-60))),
        (
            "of an unknown issuer",
            signed_by(&unknown, &unknown.claims()),
        ),
        (
            "of an impostor",
            signed_by(&impostors().platform, &impostors().platform.claims()),
        ),
        ("unsigned", forge::unsigned(&claims)),
        ("garbage", "garbage".to_owned()),
    ]
}

#[tokio::test]
async fn no_bearer_and_no_valid_platform_token_is_401() {
    let mut rows = vec![("none".to_owned(), Credentials::none())];
    rows.push(("empty".to_owned(), Credentials::none().platform("")));
    for (name, token) in invalid_platforms() {
        rows.push((name.to_owned(), Credentials::none().platform(token)));
    }
    let two = Credentials::none().platform(platform());
    rows.push(("two lines".to_owned(), two.clone().platform(platform())));
    let Credentials(lines) = two.clone();
    rows.push((
        "the same line twice".to_owned(),
        two.platform(lines[0].1.clone()),
    ));
    rows.push((
        "a good line and an empty one".to_owned(),
        Credentials::none().platform(platform()).platform("x"),
    ));
    hold(rows, || Verdict::Refused(401)).await;
}

#[tokio::test]
async fn an_unverifiable_bearer_alone_is_401() {
    let mut rows: Vec<_> = unverifiable_bearers()
        .into_iter()
        .map(|(name, token)| (name.to_owned(), Credentials::bearer(token)))
        .collect();
    let token = bearer();
    for value in [
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("DPoP {token}"),
        "Basic dXNlcjpwYXNzd29yZA==".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer, {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer token={token}"),
        String::new(),
    ] {
        let name = value.replace(&token, "<token>");
        rows.push((name, Credentials::none().authorization(value)));
    }
    hold(rows, || Verdict::Refused(401)).await;
}

#[tokio::test]
async fn an_unverifiable_bearer_and_an_invalid_platform_token_is_401() {
    let mut rows = Vec::new();
    for (name, token) in unverifiable_bearers() {
        for (platform_name, platform) in invalid_platforms() {
            let both = Credentials::bearer(&token).platform(platform);
            rows.push((format!("{name}, platform {platform_name}"), both));
        }
    }
    hold(rows, || Verdict::Refused(401)).await;
}

#[tokio::test]
async fn an_unauthorized_bearer_is_403_unless_a_platform_token_is_valid() {
    let mut rows = Vec::new();
    for (name, token) in unauthorized_bearers() {
        rows.push((name.to_owned(), Credentials::bearer(&token)));
        for (platform_name, platform) in invalid_platforms() {
            let both = Credentials::bearer(&token).platform(platform);
            rows.push((format!("{name}, platform {platform_name}"), both));
        }
    }
    let no_creator = bearer_with(&trusted().bearer.claims().scope(SCOPE));
    rows.push((
        "with scope, without organisation".to_owned(),
        Credentials::bearer(no_creator),
    ));
    hold(rows, || Verdict::Refused(403)).await;
}

#[tokio::test]
async fn a_bearer_with_scope_and_organisation_orders_as_it() {
    let mut rows = vec![("none".to_owned(), Credentials::bearer(bearer()))];
    rows.push((
        "empty".to_owned(),
        Credentials::bearer(bearer()).platform(""),
    ));
    for (name, token) in invalid_platforms() {
        let both = Credentials::bearer(bearer()).platform(token);
        rows.push((format!("platform {name}"), both));
    }
    let two = Credentials::bearer(bearer())
        .platform(platform())
        .platform(platform());
    rows.push(("two platform lines".to_owned(), two));
    hold(rows, || Verdict::accepted(ORG)).await;
}

#[tokio::test]
async fn a_valid_platform_token_orders_as_its_issuer() {
    let mut rows = vec![("none".to_owned(), Credentials::none().platform(platform()))];
    let bearers = unverifiable_bearers()
        .into_iter()
        .chain(unauthorized_bearers());
    for (name, token) in bearers.chain([("good", bearer())]) {
        let both = Credentials::bearer(token).platform(platform());
        rows.push((format!("bearer {name}"), both));
    }
    let no_creator = bearer_with(&trusted().bearer.claims().scope(SCOPE));
    rows.push((
        "bearer without organisation".to_owned(),
        Credentials::bearer(no_creator).platform(platform()),
    ));
    let basic = Credentials::none().authorization("Basic dXNlcjpwYXNzd29yZA==");
    rows.push(("another scheme".to_owned(), basic.platform(platform())));
    hold(rows, || Verdict::accepted(trusted().platform.name())).await;
}

/// Every row has the same verdict.
async fn hold(rows: Vec<(String, Credentials)>, expected: impl Fn() -> Verdict) {
    let host = shared().await;
    let mut results = Vec::new();
    for (name, credentials) in rows {
        results.push((name, verdict(host, &credentials).await, expected()));
    }
    assert_rows(results);
}
