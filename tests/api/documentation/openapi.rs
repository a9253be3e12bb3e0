//! `GET /openapi.json`

use http::header;
use serde_json::Value;
use test_support::{Call, Host, case, get};

const BUILT: &str = include_str!("../../../docs/openapi.json");

fn document() -> Value {
    serde_json::from_str(BUILT).expect("a document")
}

#[case]
async fn document_is_served_as_it_is_in_docs(host: &Host) {
    let answer = get("/openapi.json").send(host).await.expect(200);
    assert_eq!(answer.json(), document());
    let tag = answer.header(header::ETAG).expect("an entity tag");
    let again = get("/openapi.json").header("if-none-match", tag);
    again.send(host).await.expect(304);
}

#[case]
async fn document_in_other_spellings_is_the_same(host: &Host) {
    let plain = get("/openapi.json").send(host).await.expect(200);
    let tag = plain.header(header::ETAG).expect("an entity tag");
    for path in ["/OpenAPI.json", "/OPENAPI.JSON/", "/openapi%2Ejson"] {
        let answer = get(path).send(host).await.expect(200);
        assert_eq!(answer.body, plain.body, "{path}");
        assert_eq!(answer.header(header::ETAG), Some(tag), "{path}");
        let head = Call::new("HEAD", path).send(host).await.expect(200);
        let length = plain.header(header::CONTENT_LENGTH);
        assert_eq!(head.header(header::CONTENT_LENGTH), length, "{path}");
        let again = get(path).header("if-none-match", tag);
        again.send(host).await.expect(304);
        let post = Call::new("POST", path).send(host).await.expect(405);
        assert_eq!(post.allowed_methods(), ["GET", "HEAD"], "{path}");
    }
}
