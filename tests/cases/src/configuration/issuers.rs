//! `bearer_issuers` and `platform_issuers`

use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims, Issuer};
use test_support::{
    Host, assert_rows, case, get,
    order::{ORDER_EMAIL, order, post_order},
    post,
    tokens::{ORG, bearer_with, claims_of, platform, platform_claims, trusted},
};

#[case]
async fn empty_issuer_lists_are_401() {
    let host = Host::with(&[("bearer_issuers", "[]"), ("platform_issuers", "[]")]).await;
    post_order(&order()).send(&host).await.expect(401).problem();
    let call = post(ORDER_EMAIL).platform(platform()).json(&order());
    call.send(&host).await.expect(401).problem();
    get("/health").send(&host).await.expect(200);
}

#[case]
async fn token_for_another_audience_is_401() {
    let mut issuer = trusted().bearer.configuration();
    issuer["audiences"] = json!(["https://one.test", "https://two.test"]);
    let host = Host::with(&[("bearer_issuers", &json!([issuer]).to_string())]).await;
    let with_audience = |audience: Value| claims_of(ORG).audience(audience);
    let table: [(&str, Claims, u16); _] = [
        ("one", with_audience(json!("https://one.test")), 202),
        ("the other", with_audience(json!("https://two.test")), 202),
        (
            "one in a list",
            with_audience(json!(["https://one.test"])),
            202,
        ),
        (
            "one among others",
            with_audience(json!(["x", "https://two.test"])),
            202,
        ),
        ("another", with_audience(json!("https://three.test")), 401),
        ("others", with_audience(json!(["x", "y"])), 401),
        (
            "one with a slash",
            with_audience(json!("https://one.test/")),
            401,
        ),
        ("an empty list", with_audience(json!([])), 401),
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

#[case]
async fn token_of_an_excluded_algorithm_is_401() {
    let mut issuer = trusted().bearer.configuration();
    issuer["algorithms"] = json!(["RS256", "ES256"]);
    let host = Host::with(&[("bearer_issuers", &json!([issuer]).to_string())]).await;
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

#[case]
async fn pem_key_verifies_its_tokens_only() {
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let platform = trusted().platform.pem_configuration(algorithm).unwrap();
        let platform = json!([platform]).to_string();
        let host = Host::with(&[("platform_issuers", &platform)]).await;
        for signer in Algorithm::ALL {
            let claims = platform_claims();
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

#[case]
async fn each_issuer_verifies_by_its_own_keys() {
    let other = Issuer::generate("https://other.test").unwrap();
    let both = json!([trusted().bearer.configuration(), other.configuration()]).to_string();
    let host = Host::with(&[("bearer_issuers", &both)]).await;
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
