//! The other variables.

use serde_json::{Value, json};

use crate::support::{
    Host, get,
    order::{FAMILIES, ORDER_EMAIL, accepted, fetch, order, order_id, order_of_size, post_order},
    post,
    tokens::{ORG, SCOPE, bearer_with, claims_of, trusted},
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
