//! The page with the sandbox's emails, in the project's manifest.

use http::{Version, header};
use serde_json::json;
use test_hosts::HttpConnection;
use test_support::{
    Call, Connection, case,
    order::{accepted, order_with, settled},
};

use crate::app::{App, Serving};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

/// Serves the application, which has sent one email.
async fn served(dev_mail: &str) -> Serving {
    let host = App::default().serve(&[("dev_mail", dev_mail)]).await;
    let order = order_with(json!({ "subject": "A subject of their own" }));
    let id = accepted(&host, &order).await;
    settled(&host, &id).await;
    host
}

#[case]
async fn closed_page_is_404() {
    for dev_mail in ["", "closed", "OPEN", "true"] {
        let host = served(dev_mail).await;
        for path in [
            "/dev/mail",
            "/dev/mail/",
            "/dev/mail/style.css",
            "/dev/mail/x",
        ] {
            for method in METHODS {
                let call = Call::new(method, path);
                let answer = call.send(&host).await.expect(404);
                if method == "HEAD" {
                    let media_type = answer.header("content-type");
                    assert_eq!(media_type, Some("application/problem+json"), "{answer}");
                    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}");
                } else {
                    answer.problem();
                }
            }
        }
        host.stop().await;
    }
}

#[case]
async fn open_page_shows_every_email() {
    let host = served("open").await;
    let page = Call::new("GET", "/dev/mail").send(&host).await.expect(200);
    let text = String::from_utf8_lossy(&page.body);
    assert!(text.contains("A subject of their own"), "{text}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    Call::new("HEAD", "/dev/mail").send(&host).await.expect(200);
    for (method, status) in [("OPTIONS", 204), ("POST", 405)] {
        let answer = Call::new(method, "/dev/mail").send(&host).await;
        let answer = answer.expect(status);
        assert_eq!(
            answer.header("allow"),
            Some("GET, HEAD, OPTIONS"),
            "{answer}"
        );
    }
    host.stop().await;
}

/// An HTTP/2 client gets a reset stream if the host expects the body that `Content-Length` states.
#[case]
async fn head_in_http2_has_the_headers_of_get() {
    for (dev_mail, status) in [("open", 200), ("", 404)] {
        let host = served(dev_mail).await;
        let connection = HttpConnection::open_in(host.authority(), Version::HTTP_2).await;
        let mut connection = Connection::new(Box::new(connection));
        for path in ["/dev/mail", "/dev/mail?format=json", "/dev/mail/style.css"] {
            let get = connection.send(Call::new("GET", path)).await.expect(status);
            let head = connection.send(Call::new("HEAD", path)).await;
            let head = head.expect(status);
            assert!(head.body.is_empty(), "{head}");
            for name in [
                header::CONTENT_LENGTH,
                header::CONTENT_TYPE,
                header::CACHE_CONTROL,
            ] {
                assert!(get.header(&name).is_some(), "{get}");
                assert_eq!(head.header(&name), get.header(&name), "{head}");
            }
        }
        host.stop().await;
    }
}
