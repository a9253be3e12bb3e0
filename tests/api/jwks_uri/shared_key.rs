//! Two issuers that publish one key: it proves neither of them.

use serde_json::json;
use test_issuer::{Claims, SigningKey, server::Answer};
use tokio::time::sleep;

use super::{SHORTEST_LIFETIME, SLACK, issuers_at, new_key, publish, set_of, token_of};
use crate::support::{
    Answer as Response, Host,
    order::{ORDER_EMAIL, order},
    post,
};

const PLATFORM: &str = "nav";

fn platform_token(key: &SigningKey) -> String {
    key.token(&Claims::of(PLATFORM)).unwrap()
}

#[tokio::test]
async fn a_key_of_both_kinds_of_issuer_serves_neither_until_they_differ() {
    let [common, own, new] = [new_key(), new_key(), new_key()];
    let bearer_server = publish(Answer::keys(&set_of([&common, &own])).max_age(300)).await;
    let platform_server = publish(Answer::keys(&set_of([&common])).max_age(1)).await;
    let platform = json!([{ "issuer": PLATFORM, "jwks_uri": platform_server.url() }]);
    let variables = [
        ("bearer_issuers", &*issuers_at(&bearer_server.url())),
        ("platform_issuers", &platform.to_string()),
    ];
    let Some(host) = Host::with(&variables).await else {
        return;
    };
    let bearer = async |token: &str| -> Response {
        let call = post(ORDER_EMAIL).bearer(token).json(&order());
        call.send(&host).await
    };
    let platform = async |key: &SigningKey| -> Response {
        let call = post(ORDER_EMAIL).platform(platform_token(key));
        call.json(&order()).send(&host).await
    };
    // The keys are known once they have been fetched, which is when a token asks for them.
    let seen_before = token_of(&common);
    bearer(&seen_before).await.expect(202);
    platform(&common).await.expect(503).problem();
    bearer(&seen_before).await.expect(503).problem();
    bearer(&token_of(&common)).await.expect(503).problem();
    bearer(&token_of(&own)).await.expect(202);
    let log = host.log();
    let said: Vec<_> = log
        .lines()
        .filter(|line| line.contains("the same key"))
        .collect();
    assert_eq!(said.len(), 1, "{log}");
    for issuer in [super::ISSUER, PLATFORM] {
        assert!(said[0].contains(issuer), "{log}");
    }

    platform_server.now_answers(Answer::keys(&set_of([&new])).max_age(1));
    sleep(SHORTEST_LIFETIME + SLACK).await;
    platform(&new).await.expect(202);
    bearer(&seen_before).await.expect(202);
    platform(&common).await.expect(401).problem();
}
