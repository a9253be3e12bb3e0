//! Bearers that are forged, malformed or in the wrong place.

use test_issuer::{Algorithm, Header, forge};
use test_support::{
    Host, assert_rows, case,
    order::{ORDER_EMAIL, order},
    post,
    tokens::{ORG, bearer, claims_of, impostors, platform, signed_by, trusted},
};

use super::{Credentials, Decision, decision};

#[case]
async fn forged_bearer_is_401(host: &Host) {
    let claims = claims_of(ORG);
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let key = trusted().bearer.key(algorithm);
        let attacker = impostors().bearer.key(algorithm);
        let expired = claims.clone().expires_in(-3600);
        let unknown_kid = Header::of(key).with("kid", "unknown");
        for (name, token) in [
            (
                "a bad signature",
                forge::bad_signature(key, &claims).unwrap(),
            ),
            (
                "swapped claims",
                forge::swapped_claims(key, &expired, &claims).unwrap(),
            ),
            (
                "a wrong key",
                forge::wrong_key(key, attacker, &claims).unwrap(),
            ),
            ("an impostor's key", attacker.token(&claims).unwrap()),
            (
                "HMAC with the public key",
                forge::hmac_with_public_key(key, &claims).unwrap(),
            ),
            (
                "a key embedded",
                forge::embedded_key(attacker, &claims).unwrap(),
            ),
            (
                "a key by URL",
                forge::key_by_url(attacker, "http://127.0.0.1:9/jwks", &claims).unwrap(),
            ),
            (
                "an unknown key's id",
                attacker.token_with(&unknown_kid, &claims).unwrap(),
            ),
        ] {
            let got = decision(host, &Credentials::bearer(token)).await;
            rows.push((format!("{algorithm}: {name}"), got, Decision::Refused(401)));
        }
        for other in Algorithm::ALL
            .into_iter()
            .filter(|other| *other != algorithm)
        {
            let confused = Header::of(key).with("alg", other.name());
            let token = key.token_with(&confused, &claims).unwrap();
            let got = decision(host, &Credentials::bearer(token)).await;
            rows.push((
                format!("{algorithm} called {other}"),
                got,
                Decision::Refused(401),
            ));
        }
        for name in ["none", "None", "NONE", "", "HS256", "RS384", "PS256"] {
            let confused = Header::of(key).with("alg", name);
            let token = key.token_with(&confused, &claims).unwrap();
            let got = decision(host, &Credentials::bearer(token)).await;
            rows.push((
                format!("{algorithm} called {name:?}"),
                got,
                Decision::Refused(401),
            ));
        }
    }
    assert_rows(rows);
}

#[case]
async fn malformed_bearer_is_401(host: &Host) {
    let valid = bearer();
    let [header, claims, signature] = valid.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut rows = Vec::new();
    for token in [
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{valid}."),
        format!("{valid}.{signature}"),
        format!("{header}.{header}.{signature}"),
        format!("{valid}="),
        format!("{header}.{claims}=.{signature}"),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 4]),
        "e30.e30.e30".to_owned(),
        "x".repeat(8000),
        format!(
            "{}.{}.{}",
            "A".repeat(2000),
            "A".repeat(2000),
            "A".repeat(2000)
        ),
        platform(),
        signed_by(&trusted().platform, &claims_of(ORG)),
    ] {
        let name = token.replace(&valid, "<token>");
        let got = decision(host, &Credentials::bearer(token)).await;
        rows.push((name, got, Decision::Refused(401)));
    }
    assert_rows(rows);
}

#[case]
async fn token_in_cookie_or_query_is_ignored(host: &Host) {
    let token = bearer();
    for call in [
        post(format!("{ORDER_EMAIL}?access_token={token}")),
        post(format!("{ORDER_EMAIL}?token={token}")),
        post(ORDER_EMAIL).header("cookie", format!("AltinnStudioRuntime={token}")),
        post(ORDER_EMAIL).header("cookie", format!("Authorization=Bearer {token}")),
        post(ORDER_EMAIL).header("proxy-authorization", format!("Bearer {token}")),
        post(ORDER_EMAIL).header("x-authorization", format!("Bearer {token}")),
    ] {
        call.json(&order()).send(host).await.expect(401).problem();
    }
    let form = format!("access_token={token}");
    post(ORDER_EMAIL)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send(host)
        .await
        .expect(401)
        .problem();
}
