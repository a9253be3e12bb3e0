//! The variables: what each changes, and that one that does not parse never lets anybody in.

use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims};

use crate::support::{
    Host, assert_rows, get,
    order::{
        FAMILIES, ORDER_EMAIL, accepted, fetch, get_order, order, order_id, order_of_size,
        post_order,
    },
    post,
    tokens::{ORG, SCOPE, bearer_with, claims_of, platform, trusted},
};

#[tokio::test]
async fn public_base_url_begins_every_link() {
    let base = "https://platform.example.no/email";
    let Some(host) = Host::with(&[("public_base_url", base)]).await else {
        return;
    };
    for family in FAMILIES {
        let call = post(family.order_email).bearer(bearer_with(&claims_of(ORG)));
        let answer = call.json(&order()).send(&host).await.expect(202);
        let id = order_id(&answer);
        let path = format!("{}/{id}", family.orders);
        let location = answer.header("location");
        assert_eq!(location, Some(&*format!("{base}{path}")), "{answer}");

        let call = get(&path).bearer(bearer_with(&claims_of(ORG)));
        let links = call.send(&host).await.expect(200).json()["links"].clone();
        let (own, status) = (format!("{base}{path}"), format!("{base}{path}/status"));
        assert_eq!(links, json!({ "self": own, "status": status }));
    }
}

#[tokio::test]
async fn default_from_address_is_whom_emails_are_from() {
    let Some(host) = Host::with(&[("default_from_address", "post@example.no")]).await else {
        return;
    };
    let id = accepted(&host, &order()).await;
    let order = fetch(&host, &id).await;
    assert_eq!(order["emailTemplate"]["fromAddress"], "post@example.no");
}

#[tokio::test]
async fn required_scopes_are_those_that_let_in() {
    let Some(host) = Host::with(&[("required_scopes", "test:one test:two")]).await else {
        return;
    };
    for (scope, status) in [("test:one", 202), ("x test:two", 202), (SCOPE, 403)] {
        let token = bearer_with(&trusted().bearer.claims().org(ORG).scope(scope));
        let call = post(ORDER_EMAIL).bearer(token).json(&order());
        let answer = call.send(&host).await.expect(status);
        if status == 403 {
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(
                challenge.contains(r#"scope="test:one test:two""#),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_required_scope_no_bearer_is_let_in() {
    for scopes in ["", " "] {
        let Some(host) = Host::with(&[("required_scopes", scopes)]).await else {
            return;
        };
        for claims in [claims_of(ORG), claims_of(ORG).scope("")] {
            let call = post(ORDER_EMAIL)
                .bearer(bearer_with(&claims))
                .json(&order());
            let (status, _) = call.send(&host).await.outcome();
            assert!(matches!(status, 403 | 503), "{status}");
        }
    }
}

#[tokio::test]
async fn max_body_bytes_is_the_greatest_size() {
    let Some(host) = Host::with(&[("max_body_bytes", "1000")]).await else {
        return;
    };
    for (bytes, status) in [(999, 202), (1000, 202), (1001, 413), (10_000, 413)] {
        let order: Value = serde_json::from_str(&order_of_size(bytes)).unwrap();
        post_order(&order).send(&host).await.expect(status);
    }
}

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
    let other = test_issuer::Issuer::generate("https://other.test").unwrap();
    let both = json!([trusted().bearer.configuration(), other.configuration()]).to_string();
    let Some(host) = Host::with(&[("bearer_issuers", &both)]).await else {
        return;
    };
    let sign = |issuer: &test_issuer::Issuer, name: &str| {
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

#[tokio::test]
async fn what_does_not_parse_is_503_and_lets_nobody_in() {
    let bearer = trusted().bearer.configuration();
    let without_keys = json!([{ "issuer": bearer["issuer"] }]).to_string();
    let without_issuer = json!([{ "jwks": bearer["jwks"] }]).to_string();
    let one_key =
        |key: Value| json!([{ "issuer": bearer["issuer"], "jwks": { "keys": [key] } }]).to_string();
    let no_key = json!([{ "issuer": bearer["issuer"], "jwks": { "keys": [] } }]).to_string();
    let symmetric = one_key(json!({ "kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }));
    // 171 characters of base64url are 128 bytes: RSA of 1,024 bits.
    let weak = one_key(json!({ "kty": "RSA", "n": "x".repeat(171), "e": "AQAB" }));
    let damaged = one_key(json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }));
    let mut unknown_algorithm = bearer.clone();
    unknown_algorithm["algorithms"] = json!(["none"]);
    let unknown_algorithm = json!([unknown_algorithm]).to_string();
    let shared_issuer = trusted().bearer_variable();

    let mut rows = Vec::new();
    for (variable, value) in [
        ("bearer_issuers", ""),
        ("bearer_issuers", "{"),
        ("bearer_issuers", "{}"),
        ("bearer_issuers", "null"),
        ("bearer_issuers", "[{}]"),
        ("bearer_issuers", "[1]"),
        ("bearer_issuers", &without_keys),
        ("bearer_issuers", &without_issuer),
        ("bearer_issuers", &no_key),
        ("bearer_issuers", &symmetric),
        ("bearer_issuers", &weak),
        ("bearer_issuers", &damaged),
        ("bearer_issuers", &unknown_algorithm),
        ("platform_issuers", "{"),
        ("platform_issuers", r#"[{"issuer":"ttd","pem":"garbage"}]"#),
        ("platform_issuers", &shared_issuer),
        ("default_from_address", ""),
        ("default_from_address", "nobody"),
        ("max_body_bytes", ""),
        ("max_body_bytes", "many"),
        ("max_body_bytes", "-1"),
        ("max_body_bytes", "1.5"),
        ("public_base_url", "platform.example.no"),
    ] {
        let Some(host) = Host::with(&[(variable, value)]).await else {
            return;
        };
        let name = format!("{variable} = {value:.60}");
        // The first request may not differ from those that find the configuration read.
        for _ in 0..3 {
            let answer = post_order(&order()).send(&host).await;
            rows.push((name.clone(), answer.outcome(), (503, Vec::new())));
            assert!(
                value.len() < 3 || !answer.to_string().contains(value),
                "{answer}"
            );
        }
        let unknown = get("/x").send(&host).await.outcome();
        rows.push((
            format!("{name}: an unknown path"),
            unknown,
            (404, Vec::new()),
        ));
        let log = host.log();
        let said: Vec<_> = log.lines().filter(|line| line.contains(variable)).collect();
        assert_eq!(said.len(), 1, "{name} is said once: {log}");
        let wrong_method = get(ORDER_EMAIL).send(&host).await.outcome();
        rows.push((
            format!("{name}: a wrong method"),
            wrong_method,
            (405, Vec::new()),
        ));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn what_does_not_parse_lets_nobody_read_either() {
    for variable in ["bearer_issuers", "platform_issuers"] {
        let Some(host) = Host::with(&[(variable, "{")]).await else {
            return;
        };
        let id = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";
        get_order(id).send(&host).await.expect(503).problem();
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_let_nobody_in() {
    // The component may not ask this host.
    let by_url = json!([{ "issuer": trusted().bearer.name(), "jwks_uri": "https://issuer.test/" }]);
    let Some(host) = Host::with(&[("bearer_issuers", &by_url.to_string())]).await else {
        return;
    };
    for _ in 0..3 {
        post_order(&order()).send(&host).await.expect(503).problem();
    }
}
