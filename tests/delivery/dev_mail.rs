//! The page with the sandbox's emails, as the project's manifest has it: closed.

use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::{Value, json};

use crate::support::{App, Service};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

async fn call(service: &Service, method: &str, path: &str) -> Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "test");
    service.host().call(request.body(Bytes::new())).await
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

async fn served(dev_mail: &str) -> Service {
    let service = Service::with(App::default(), &[("dev_mail", dev_mail)]).await;
    let accepted = service
        .place(&json!({
            "subject": "A subject of their own",
            "body": "text",
            "recipients": [{ "emailAddress": "kari@example.no" }],
        }))
        .await;
    service.settled(accepted["orderId"].as_str().unwrap()).await;
    service
}

#[tokio::test]
async fn a_closed_page_is_like_no_page() {
    for dev_mail in ["", "closed", "OPEN", "true"] {
        let service = served(dev_mail).await;
        for path in [
            "/dev/mail",
            "/dev/mail/",
            "/dev/mail/style.css",
            "/dev/mail/x",
        ] {
            for method in METHODS {
                let answer = call(&service, method, path).await;
                let context = format!("{dev_mail:?}: {method} {path}: {answer:?}");
                assert_eq!(answer.status(), 404, "{context}");
                assert_eq!(header(&answer, "content-type"), "application/problem+json");
                assert_eq!(header(&answer, "cache-control"), "no-store", "{context}");
                assert_eq!(
                    header(&answer, "x-content-type-options"),
                    "nosniff",
                    "{context}"
                );
                if method == "HEAD" {
                    assert!(answer.body().is_empty(), "{context}");
                    continue;
                }
                let problem: Value = serde_json::from_slice(answer.body()).unwrap();
                assert_eq!(problem["status"], 404, "{context}");
            }
        }
        service.stop().await;
    }
}

#[tokio::test]
async fn an_open_page_shows_every_email() {
    let service = served("open").await;
    let page = call(&service, "GET", "/dev/mail").await;
    assert_eq!(page.status(), 200);
    let text = String::from_utf8_lossy(page.body());
    assert!(text.contains("A subject of their own"), "{text}");
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    let head = call(&service, "HEAD", "/dev/mail").await;
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    let options = call(&service, "OPTIONS", "/dev/mail").await;
    assert_eq!(options.status(), 204);
    let post = call(&service, "POST", "/dev/mail").await;
    assert_eq!(post.status(), 405);
    for answer in [options, post] {
        assert_eq!(header(&answer, "allow"), "GET, HEAD, OPTIONS");
    }
    service.stop().await;
}
