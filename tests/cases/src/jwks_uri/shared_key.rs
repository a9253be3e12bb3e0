//! Two issuers that publish the same key: it verifies tokens of neither.

use serde_json::json;
use test_issuer::SigningKey;
use test_support::{
    Answer, Host, Reply, case,
    key_server::KeyServer,
    order::{ORDER_EMAIL, order},
    post,
    tokens::claims_by,
};
use tokio::time::sleep;

use super::{SHORTEST_LIFETIME, SLACK, issuers_at, new_key, post_with, set_of, token_of};

const PLATFORM: &str = "nav";

fn platform_token(key: &SigningKey) -> String {
    key.token(&claims_by(PLATFORM)).unwrap()
}

#[case]
async fn key_of_two_issuers_is_503_until_they_differ() {
    let [common, own, new] = [new_key(), new_key(), new_key()];
    let bearer_server = KeyServer::start(Reply::keys(&set_of([&common, &own])).max_age(300)).await;
    let platform_server = KeyServer::start(Reply::keys(&set_of([&common])).max_age(1)).await;
    let platform = json!([{ "issuer": PLATFORM, "jwks_uri": platform_server.url() }]);
    let variables = [
        ("bearer_issuers", &*issuers_at(&bearer_server.url())),
        ("platform_issuers", &platform.to_string()),
    ];
    let host = Host::with(&variables).await;
    let bearer = async |token: &str| -> Answer { post_with(token).send(&host).await };
    let platform = async |key: &SigningKey| -> Answer {
        let call = post(ORDER_EMAIL).platform(platform_token(key));
        call.json(&order()).send(&host).await
    };
    // Keys are fetched for the first token of an issuer.
    let seen_before = token_of(&common);
    bearer(&seen_before).await.expect(202);
    platform(&common).await.expect(503).problem();
    bearer(&seen_before).await.expect(503).problem();
    bearer(&token_of(&common)).await.expect(503).problem();
    bearer(&token_of(&own)).await.expect(202);
    let log = host.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("same key"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    for issuer in [super::ISSUER, PLATFORM] {
        assert!(lines[0].contains(issuer), "{log}");
    }

    platform_server.set_reply(Reply::keys(&set_of([&new])).max_age(1));
    sleep(SHORTEST_LIFETIME + SLACK).await;
    platform(&new).await.expect(202);
    bearer(&seen_before).await.expect(202);
    platform(&common).await.expect(401).problem();
}
