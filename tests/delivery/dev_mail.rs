//! The page with the sandbox's emails, in the project's manifest.

use serde_json::json;
use test_support::{
    Call, case,
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
