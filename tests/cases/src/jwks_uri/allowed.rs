//! The URLs that keys are fetched from: https, or http on this machine.

use test_support::{Host, assert_rows, case, get};

use super::{issuers_at, new_key, post_with, token_of};

#[case]
async fn plain_http_url_of_another_machine_is_503() {
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
        let host = Host::with(&[("bearer_issuers", &issuers_at(url))]).await;
        let answer = post_with(&token).send(&host).await;
        let retry_after = answer.header("Retry-After").is_some();
        let is_logged = host.log().contains("bearer_issuers");
        get("/health").send(&host).await.expect(200);
        rows.push((
            url,
            (answer.status.as_u16(), retry_after, is_logged),
            (503, true, true),
        ));
        host.stop().await;
    }
    assert_rows(rows);
}
