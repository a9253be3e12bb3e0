//! `GET /health`

use http::header;
use test_support::{Call, Host, case, get};

#[case]
async fn health_needs_no_credentials(host: &Host) {
    for call in [
        get("/health"),
        get("/health/"),
        get("/HEALTH"),
        get("/health?x=1"),
        get("/health").bearer("garbage"),
        get("/health").platform("garbage"),
        get("/health").header("accept", "application/json"),
    ] {
        let answer = call.send(host).await.expect(200);
        let content_type = answer.header(header::CONTENT_TYPE).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default();
        assert_eq!(essence.trim(), "text/plain", "{answer}");
        assert_eq!(answer.body, "Healthy", "{answer}");
    }
}

#[case]
async fn head_of_health_has_no_body(host: &Host) {
    let get = get("/health").send(host).await.expect(200);
    let head = Call::new("HEAD", "/health").send(host).await.expect(200);
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        assert_eq!(head.header(&name), get.header(&name), "{head}");
    }
}
