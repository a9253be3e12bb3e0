//! Resend.

use serde_json::json;
use test_support::case;

use crate::{
    app::{App, Sender},
    email::{Content, Email, Failure, Progress, Receipt},
    probe::Probe,
    servers::Resend,
};

async fn host(resend: &Resend, key: String) -> Probe {
    let app = App {
        sender: Sender::Resend {
            endpoint: resend.endpoint(),
            key,
        },
        ..App::default()
    };
    app.serve_probe().await
}

#[case]
async fn repeated_email_is_sent_once() {
    let resend = Resend::start().await;
    let host = host(&resend, Resend::key()).await;
    let mut email = Email::to("kari@blåbær.no");
    email.content_type = Content::Html;
    let id = &email.notification_id;
    let accepted = Receipt {
        progress: Progress::Accepted,
        provider_id: Some(format!("re-{id}")),
    };
    for _ in 0..2 {
        assert_eq!(host.send(&email).await, Ok(accepted.clone()));
    }
    let emails = resend.emails();
    assert_eq!(emails.len(), 1);
    assert_eq!(
        emails[id],
        json!({
            "from": email.from,
            "to": ["kari@xn--blbr-roah.no"],
            "subject": email.subject,
            "html": email.body,
        })
    );
    host.stop().await;
}

#[case]
async fn refusals_are_typed_and_hide_addresses() {
    let resend = Resend::start().await;
    let sender = host(&resend, Resend::key()).await;
    for (local, kind) in [("malformed", "invalid-address"), ("broken", "transient")] {
        let failure = sender
            .send(&Email::to(&format!("{local}@example.no")))
            .await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.kind(), kind, "{failure:?}");
        assert!(!failure.text().contains('@'), "{failure:?}");
    }
    let throttled = sender.send(&Email::to("throttled@example.no")).await;
    assert_eq!(throttled, Err(Failure::RateLimited(Some(17))));
    sender.stop().await;
    for key in ["re_wrong", ""] {
        let sender = host(&resend, key.to_owned()).await;
        let failure = sender.send(&Email::to("kari@example.no")).await;
        assert_eq!(failure.unwrap_err().kind(), "transient");
        sender.stop().await;
    }
    assert!(resend.emails().is_empty());
}
