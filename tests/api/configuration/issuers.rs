//! `bearer_issuers` and `platform_issuers`: whose tokens verify, by which keys.

use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims, Issuer};

use crate::support::{
    Host, assert_rows, get,
    order::{ORDER_EMAIL, order, post_order},
    post,
    tokens::{ORG, bearer_with, claims_of, platform, trusted},
};

#[tokio::test]
async fn without_issuers_nobody_is_let_in() {
    let Some(host) = Host::with(&[("bearer_issuers", "[]"), ("platform_issuers", "[]")]).await
    else {
        return;
    };
    post_order(&order()).send(&host).await.expect(401).problem();
    let call = post(ORDER_EMAIL).platform(platform()).json(&order());
    call.send(&host).await.expect(401).problem();
    get("/health").send(&host).await.expect(200);
}

#[tokio::test]
async fn audiences_are_those_that_a_token_must_be_for() {
    let mut issuer = trusted().bearer.configuration();
    issuer["audiences"] = json!(["https://one.test", "https://two.test"]);
    let Some(host) = Host::with(&[("bearer_issuers", &json!([issuer]).to_string())]).await else {
        return;
    };
    let for_whom = |audience: Value| claims_of(ORG).audience(audience);
    let table: [(&str, Claims, u16); _] = [
        ("one", for_whom(json!("https://one.test")), 202),
        ("the other", for_whom(json!("https://two.test")), 202),
        ("one in a list", for_whom(json!(["https://one.test"])), 202),
        (
            "one among others",
            for_whom(json!(["x", "https://two.test"])),
            202,
        ),
        ("another", for_whom(json!("https://three.test")), 401),
        ("others", for_whom(json!(["x", "y"])), 401),
        (
            "one with a slash",
            for_whom(json!("https://one.test/")),
            401,
        ),
        ("an empty list", for_whom(json!([])), 401),
        ("none", claims_of(ORG), 401),
    ];
    let mut rows = Vec::new();
    for (name, claims, status) in table {
        let call = post(ORDER_EMAIL)
            .bearer(bearer_with(&claims))
            .json(&order());
        rows.push((name, call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn algorithms_are_those_that_a_token_may_have() {
    let mut issuer = trusted().bearer.configuration();
    issuer["algorithms"] = json!(["RS256", "ES256"]);
    let Some(host) = Host::with(&[("bearer_issuers", &json!([issuer]).to_string())]).await else {
        return;
    };
    let mut rows = Vec::new();
    for (algorithm, status) in [
        (Algorithm::Rs256, 202),
        (Algorithm::Es256, 202),
        (Algorithm::EdDsa, 401),
    ] {
        let token = trusted()
            .bearer
            .key(algorithm)
            .token(&claims_of(ORG))
            .unwrap();
        let call = post(ORDER_EMAIL).bearer(token).json(&order());
        rows.push((algorithm.name(), call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_key_may_be_pem() {
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let platform = trusted().platform.pem_configuration(algorithm).unwrap();
        let platform = json!([platform]).to_string();
        let Some(host) = Host::with(&[("platform_issuers", &platform)]).await else {
            return;
        };
        for signer in Algorithm::ALL {
            let claims = trusted().platform.claims();
            let token = trusted().platform.key(signer).token(&claims).unwrap();
            let call = post(ORDER_EMAIL).platform(token).json(&order());
            let got = call.send(&host).await.outcome().0;
            let expected = if signer == algorithm { 202 } else { 401 };
            rows.push((
                format!("{signer} under the key of {algorithm}"),
                got,
                expected,
            ));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn several_issuers_have_each_their_keys() {
    let other = Issuer::generate("https://other.test").unwrap();
    let both = json!([trusted().bearer.configuration(), other.configuration()]).to_string();
    let Some(host) = Host::with(&[("bearer_issuers", &both)]).await else {
        return;
    };
    let sign = |issuer: &Issuer, name: &str| {
        let claims = claims_of(ORG).with("iss", name);
        issuer.key(Algorithm::EdDsa).token(&claims).unwrap()
    };
    let (one, two) = (trusted().bearer.name(), other.name());
    let mut rows = Vec::new();
    for (case, token, status) in [
        ("one", sign(&trusted().bearer, one), 202),
        ("the other", sign(&other, two), 202),
        ("one's name, the other's key", sign(&other, one), 401),
        (
            "the other's name, one's key",
            sign(&trusted().bearer, two),
            401,
        ),
    ] {
        let call = post(ORDER_EMAIL).bearer(token).json(&order());
        rows.push((case, call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
}
