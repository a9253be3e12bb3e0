//! `WWW-Authenticate` of 401 and 403 (RFC 6750, section 3).

use std::collections::BTreeMap;

use http::header;
use test_support::{
    Answer, Host, case,
    order::{ORDER_EMAIL, order},
    post,
    tokens::{
        ORG, SCOPE, SERVICE_OWNER_SCOPE, bearer, bearer_claims, bearer_with, claims_of, platform,
        platform_claims, platform_with, trusted,
    },
};

use super::Credentials;

#[case]
async fn missing_credential_gets_a_challenge_without_error(host: &Host) {
    for credentials in [
        Credentials::none(),
        Credentials::none().platform(""),
        Credentials::none().authorization(""),
        // An unsupported scheme is not a bearer token: the challenge names the supported scheme.
        Credentials::none().authorization("Basic dXNlcjpwYXNzd29yZA=="),
        Credentials::none()
            .authorization("Basic dXNlcjpwYXNzd29yZA==")
            .platform(""),
    ] {
        let challenge = challenge(&refused(host, &credentials, 401).await);
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

#[case]
async fn unverifiable_credential_is_an_invalid_token(host: &Host) {
    let expired = claims_of(ORG).expires_in(-60);
    let expired_platform = platform_claims().expires_in(-60);
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
        let challenge = challenge(&refused(host, &credentials, 401).await);
        let error = challenge.get("error").map(String::as_str);
        assert_eq!(error, Some("invalid_token"), "{credentials:?}");
    }
}

#[case]
async fn unauthorized_bearer_has_insufficient_scope(host: &Host) {
    let claims = bearer_claims;
    for token in [
        bearer_with(&claims().org(ORG)),
        bearer_with(&claims().org(ORG).scope("other")),
        bearer_with(&claims().scope(SCOPE)),
    ] {
        let answer = refused(host, &Credentials::bearer(token), 403).await;
        let challenge = challenge(&answer);
        let error = challenge.get("error").map(String::as_str);
        assert_eq!(error, Some("insufficient_scope"), "{answer}");
        let scopes: Vec<_> = challenge["scope"].split(' ').collect();
        assert_eq!(scopes, [SCOPE, SERVICE_OWNER_SCOPE], "{answer}");
    }
}

#[case]
async fn refusal_repeats_nothing_of_the_credential(host: &Host) {
    let token = bearer_with(&claims_of("leaked-organisation").expires_in(-60));
    for credentials in [
        Credentials::bearer(&token).platform(platform_with(&platform_claims().expires_in(-60))),
        Credentials::bearer("leaked-garbage").platform("leaked-garbage"),
    ] {
        let answer = refused(host, &credentials, 401).await;
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

/// Posts a valid order with credentials that must be refused.
async fn refused(host: &Host, credentials: &Credentials, status: u16) -> Answer {
    let call = credentials.on(post(ORDER_EMAIL)).json(&order());
    let answer = call.send(host).await.expect(status);
    answer.problem();
    answer
}

/// Returns the parameters of the one challenge, which is for a bearer and has a realm.
#[track_caller]
fn challenge(answer: &Answer) -> BTreeMap<String, String> {
    let value = answer
        .header(header::WWW_AUTHENTICATE)
        .expect("a challenge");
    let parameters = value
        .strip_prefix("Bearer ")
        .expect("a challenge for a bearer");
    // No value contains a comma.
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
