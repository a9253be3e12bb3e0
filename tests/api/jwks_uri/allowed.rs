//! Where keys may be: https, or http on this machine. Anything else is no configuration.

use super::{issuers_at, new_key, token_of};
use crate::support::{
    Host, assert_rows, get,
    order::{ORDER_EMAIL, order},
    post,
};

#[tokio::test]
async fn keys_are_not_fetched_from_just_anywhere() {
    let token = token_of(&new_key());
    let mut rows = Vec::new();
    for url in [
        "http://keys.test/jwks",
        "http://10.0.0.1/jwks",
        "http://169.254.169.254/jwks",
        "http://127.0.0.1.keys.test/jwks",
        "http://localhost.keys.test/jwks",
        "http://user@keys.test/jwks",
        "http://127.0.0.1@keys.test/jwks",
        "http://[::2]/jwks",
        "ftp://keys.test/jwks",
        "file:///etc/jwks",
        "//keys.test/jwks",
        "/jwks",
        "jwks",
        "",
    ] {
        let Some(host) = Host::with(&[("bearer_issuers", &issuers_at(url))]).await else {
            return;
        };
        let call = post(ORDER_EMAIL).bearer(&token).json(&order());
        let answer = call.send(&host).await;
        let retry_after = answer.header("Retry-After").is_some();
        // Where calls are counted, there was none.
        let server = host.server();
        let calls = server.map_or(0, |server| {
            server.calls().get(local_host::Call::OutboundHttp)
        });
        let named = host.log().contains("bearer_issuers");
        get("/health").send(&host).await.expect(200);
        rows.push((
            url,
            (answer.status.as_u16(), retry_after, calls, named),
            (503, true, 0, true),
        ));
        host.stop().await;
    }
    assert_rows(rows);
}
