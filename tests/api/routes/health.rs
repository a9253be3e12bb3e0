//! GET `/health`.

use http::header;

use crate::support::{Call, get, shared};

#[tokio::test]
async fn is_healthy_for_everybody() {
    let host = shared().await;
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

#[tokio::test]
async fn head_is_get_without_a_body() {
    let host = shared().await;
    let get = get("/health").send(host).await.expect(200);
    let head = Call::new("HEAD", "/health").send(host).await.expect(200);
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        assert_eq!(head.header(&name), get.header(&name), "{head}");
    }
}
