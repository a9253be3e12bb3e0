//! What 401 and 403 say in `WWW-Authenticate` (RFC 6750, section 3).

use std::collections::BTreeMap;

use http::header;

use super::Credentials;
use crate::support::{
    Answer,
    order::{ORDER_EMAIL, order},
    post, shared,
    tokens::{
        ORG, SCOPE, SERVICE_OWNER_SCOPE, bearer, bearer_with, claims_of, platform, platform_with,
        trusted,
    },
};

#[tokio::test]
async fn no_credential_is_no_error() {
    for credentials in [
        Credentials::none(),
        Credentials::none().platform(""),
        Credentials::none().authorization(""),
        // A client that uses an unsupported scheme is told which one is supported.
        Credentials::none().authorization("Basic dXNlcjpwYXNzd29yZA=="),
        Credentials::none()
            .authorization("Basic dXNlcjpwYXNzd29yZA==")
            .platform(""),
    ] {
        let challenge = challenge(&refused(&credentials, 401).await);
        assert!(
            !challenge.contains_key("error"),
            "{credentials:?}: {challenge:?}"
        );
        assert!(
            !challenge.contains_key("scope"),
            "{credentials:?}: {challenge:?}"
        );
    }
}

#[tokio::test]
async fn a_credential_that_does_not_verify_is_an_invalid_token() {
    let expired = claims_of(ORG).expires_in(-60);
    let expired_platform = trusted().platform.claims().expires_in(-60);
    for credentials in [
        Credentials::bearer("garbage"),
        Credentials::bearer(bearer_with(&expired)),
        Credentials::none().platform("garbage"),
        Credentials::none().platform(platform_with(&expired_platform)),
        Credentials::none()
            .platform(platform())
            .platform(platform()),
        Credentials::bearer(platform()).platform(bearer()),
        Credentials::none()
            .authorization("Basic dXNlcjpwYXNzd29yZA==")
            .platform("garbage"),
        Credentials::bearer(bearer()).authorization("Basic dXNlcjpwYXNzd29yZA=="),
    ] {
        let challenge = challenge(&refused(&credentials, 401).await);
        let error = challenge.get("error").map(String::as_str);
        assert_eq!(error, Some("invalid_token"), "{credentials:?}");
    }
}

#[tokio::test]
async fn a_bearer_that_does_not_authorize_has_insufficient_scope() {
    let claims = || trusted().bearer.claims();
    for token in [
        bearer_with(&claims().org(ORG)),
        bearer_with(&claims().org(ORG).scope("other")),
        bearer_with(&claims().scope(SCOPE)),
    ] {
        let answer = refused(&Credentials::bearer(token), 403).await;
        let challenge = challenge(&answer);
        let error = challenge.get("error").map(String::as_str);
        assert_eq!(error, Some("insufficient_scope"), "{answer}");
        let scopes: Vec<_> = challenge["scope"].split(' ').collect();
        assert_eq!(scopes, [SCOPE, SERVICE_OWNER_SCOPE], "{answer}");
    }
}

#[tokio::test]
async fn nothing_of_a_credential_is_repeated() {
    let token = bearer_with(&claims_of("leaked-organisation").expires_in(-60));
    for credentials in [
        Credentials::bearer(&token)
            .platform(platform_with(&trusted().platform.claims().expires_in(-60))),
        Credentials::bearer("leaked-garbage").platform("leaked-garbage"),
    ] {
        let answer = refused(&credentials, 401).await;
        let text = answer.to_string();
        for (_, value) in &credentials.0 {
            let value = value.strip_prefix("Bearer ").unwrap_or(value);
            assert!(!text.contains(value), "{answer}");
        }
        for secret in [
            "leaked",
            trusted().bearer.name(),
            trusted().platform.key(test_issuer::Algorithm::EdDsa).id(),
        ] {
            assert!(!text.contains(secret), "{secret}: {answer}");
        }
    }
}

async fn refused(credentials: &Credentials, status: u16) -> Answer {
    let call = credentials.on(post(ORDER_EMAIL)).json(&order());
    let answer = call.send(shared().await).await.expect(status);
    answer.problem();
    answer
}

/// The parameters of the one challenge, which has to be for a bearer and with a realm.
#[track_caller]
fn challenge(answer: &Answer) -> BTreeMap<String, String> {
    let value = answer
        .header(header::WWW_AUTHENTICATE)
        .expect("a challenge");
    let parameters = value
        .strip_prefix("Bearer ")
        .expect("a challenge for a bearer");
    // No value of these has a comma in it.
    let parameters: BTreeMap<_, _> = parameters
        .split(',')
        .map(|parameter| {
            let (name, value) = parameter.trim().split_once('=').expect("a parameter");
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            (name.to_owned(), value.expect("a quoted value").to_owned())
        })
        .collect();
    assert!(
        parameters
            .get("realm")
            .is_some_and(|realm| !realm.is_empty()),
        "{answer}"
    );
    parameters
}
