//! The two credentials together, row by row.

use std::sync::LazyLock;

use test_issuer::{Algorithm, Issuer, forge};
use test_support::{
    Host, assert_rows, case,
    tokens::{
        ORG, SCOPE, bearer, bearer_claims, bearer_with, claims_by, claims_of, impostors, platform,
        platform_claims, platform_with, signed_by, trusted,
    },
};

use super::{Credentials, Decision, decision};

/// An issuer that no host trusts.
static UNKNOWN: LazyLock<Issuer> =
    LazyLock::new(|| Issuer::generate("https://unknown.test").expect("keys"));

/// A description, and a token of that description.
type Named = (&'static str, String);

/// Returns bearers that do not verify.
fn unverifiable_bearers() -> Vec<Named> {
    let claims = claims_of(ORG);
    let key = trusted().bearer.key(Algorithm::EdDsa);
    let unknown = &*UNKNOWN;
    let unknown_claims = claims_by(unknown.name()).scope(SCOPE).org(ORG);
    vec![
        ("expired", bearer_with(&claims.clone().expires_in(-60))),
        ("badly signed", forge::bad_signature(key, &claims).unwrap()),
        ("of an unknown issuer", signed_by(unknown, &unknown_claims)),
        ("unsigned", forge::unsigned(&claims)),
        ("garbage", "garbage".to_owned()),
    ]
}

/// Returns bearers that verify and do not authorize.
fn unauthorized_bearers() -> Vec<Named> {
    let claims = || bearer_claims().org(ORG);
    let end_user = bearer_claims()
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

/// Returns platform tokens that do not verify.
fn invalid_platforms() -> Vec<Named> {
    let key = trusted().platform.key(Algorithm::EdDsa);
    let claims = platform_claims();
    let unknown = &*UNKNOWN;
    vec![
        ("invalid", forge::bad_signature(key, &claims).unwrap()),
        ("expired", platform_with(&claims.clone().expires_in(-60))),
        (
            "of an unknown issuer",
            signed_by(unknown, &claims_by(unknown.name())),
        ),
        (
            "of an impostor",
            signed_by(&impostors().platform, &impostors().platform.claims()),
        ),
        ("unsigned", forge::unsigned(&claims)),
        ("garbage", "garbage".to_owned()),
    ]
}

#[case]
async fn invalid_platform_token_alone_is_401(host: &Host) {
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
        "a valid line and a malformed one".to_owned(),
        Credentials::none().platform(platform()).platform("x"),
    ));
    assert_decision(host, rows, || Decision::Refused(401)).await;
}

#[case]
async fn unverifiable_bearer_alone_is_401(host: &Host) {
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
    assert_decision(host, rows, || Decision::Refused(401)).await;
}

#[case]
async fn unverifiable_bearer_with_invalid_platform_token_is_401(host: &Host) {
    let mut rows = Vec::new();
    for (name, token) in unverifiable_bearers() {
        for (platform_name, platform) in invalid_platforms() {
            let both = Credentials::bearer(&token).platform(platform);
            rows.push((format!("{name}, platform {platform_name}"), both));
        }
    }
    assert_decision(host, rows, || Decision::Refused(401)).await;
}

#[case]
async fn unauthorized_bearer_without_valid_platform_token_is_403(host: &Host) {
    let mut rows = Vec::new();
    for (name, token) in unauthorized_bearers() {
        rows.push((name.to_owned(), Credentials::bearer(&token)));
        for (platform_name, platform) in invalid_platforms() {
            let both = Credentials::bearer(&token).platform(platform);
            rows.push((format!("{name}, platform {platform_name}"), both));
        }
    }
    let no_creator = bearer_with(&bearer_claims().scope(SCOPE));
    rows.push((
        "with scope, without organisation".to_owned(),
        Credentials::bearer(no_creator),
    ));
    assert_decision(host, rows, || Decision::Refused(403)).await;
}

#[case]
async fn authorized_bearer_orders_as_its_organisation(host: &Host) {
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
    assert_decision(host, rows, || Decision::accepted(ORG)).await;
}

#[case]
async fn valid_platform_token_orders_as_its_issuer(host: &Host) {
    let mut rows = vec![("none".to_owned(), Credentials::none().platform(platform()))];
    let bearers = unverifiable_bearers()
        .into_iter()
        .chain(unauthorized_bearers());
    for (name, token) in bearers.chain([("valid", bearer())]) {
        let both = Credentials::bearer(token).platform(platform());
        rows.push((format!("bearer {name}"), both));
    }
    let no_creator = bearer_with(&bearer_claims().scope(SCOPE));
    rows.push((
        "bearer without organisation".to_owned(),
        Credentials::bearer(no_creator).platform(platform()),
    ));
    let basic = Credentials::none().authorization("Basic dXNlcjpwYXNzd29yZA==");
    rows.push(("another scheme".to_owned(), basic.platform(platform())));
    assert_decision(host, rows, || Decision::accepted(trusted().platform.name())).await;
}

/// Asserts the decision on every row.
async fn assert_decision(
    host: &Host,
    rows: Vec<(String, Credentials)>,
    expected: impl Fn() -> Decision,
) {
    let mut results = Vec::new();
    for (name, credentials) in rows {
        results.push((name, decision(host, &credentials).await, expected()));
    }
    assert_rows(results);
}
