//! The other variables.

use serde_json::{Value, json};
use test_support::{
    Host, case, get,
    order::{FAMILIES, ORDER_EMAIL, accepted, fetch, order, order_id, order_of_size, post_order},
    post,
    tokens::{ORG, OTHER_ORG, SCOPE, bearer_claims, bearer_with, claims_of},
};

#[case]
async fn public_base_url_is_the_prefix_of_every_link() {
    let base = "https://platform.example.no/email";
    let host = Host::with(&[("public_base_url", base)]).await;
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

#[case]
async fn default_from_address_is_the_sender() {
    let host = Host::with(&[("default_from_address", "post@example.no")]).await;
    let id = accepted(&host, &order()).await;
    let order = fetch(&host, &id).await;
    assert_eq!(order["emailTemplate"]["fromAddress"], "post@example.no");
}

#[case]
async fn creator_with_a_from_address_of_its_own_is_the_sender() {
    let own = json!({ ORG: "own@example.no" }).to_string();
    let variables = [
        ("default_from_address", "post@example.no"),
        ("from_addresses", own.as_str()),
    ];
    let host = Host::with(&variables).await;
    for (org, expected) in [(ORG, "own@example.no"), (OTHER_ORG, "post@example.no")] {
        let bearer = || bearer_with(&claims_of(org));
        let call = post(ORDER_EMAIL).bearer(bearer()).json(&order());
        let id = order_id(&call.send(&host).await.expect(202));
        let call = get(format!("/order/{id}")).bearer(bearer());
        let order = call.send(&host).await.expect(200).json();
        assert_eq!(order["emailTemplate"]["fromAddress"], expected, "{org}");
    }
}

#[case]
async fn bearer_without_a_required_scope_is_403() {
    let host = Host::with(&[("required_scopes", "test:one test:two")]).await;
    for (scope, status) in [("test:one", 202), ("x test:two", 202), (SCOPE, 403)] {
        let token = bearer_with(&bearer_claims().org(ORG).scope(scope));
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

#[case]
async fn empty_required_scopes_authorize_no_bearer() {
    for scopes in ["", " "] {
        let host = Host::with(&[("required_scopes", scopes)]).await;
        for claims in [claims_of(ORG), claims_of(ORG).scope("")] {
            let call = post(ORDER_EMAIL)
                .bearer(bearer_with(&claims))
                .json(&order());
            let (status, _) = call.send(&host).await.outcome();
            assert!(matches!(status, 403 | 503), "{status}");
        }
    }
}

#[case]
async fn body_above_max_body_bytes_is_413() {
    let host = Host::with(&[("max_body_bytes", "1000")]).await;
    for (bytes, status) in [(999, 202), (1000, 202), (1001, 413), (10_000, 413)] {
        let order: Value = serde_json::from_str(&order_of_size(bytes)).unwrap();
        post_order(&order).send(&host).await.expect(status);
    }
}
