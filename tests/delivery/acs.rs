//! Azure Communication Services.

use serde_json::json;
use test_support::case;

use crate::{
    app::{App, Sender},
    email::{Content, Email, Failure, Progress, Receipt},
    probe::Probe,
    servers::Azure,
};

async fn host(azure: &Azure, key: String) -> Probe {
    let app = App {
        sender: Sender::Acs {
            endpoint: azure.endpoint(),
            key,
            follow_seconds: 4,
        },
        ..App::default()
    };
    app.serve_probe().await
}

fn accepted(email: &Email) -> Receipt {
    Receipt {
        progress: Progress::Accepted,
        provider_id: Some(email.notification_id.clone()),
    }
}

#[case]
async fn email_is_signed_sent_and_polled() {
    let azure = Azure::start().await;
    let host = host(&azure, Azure::key()).await;
    let mut email = Email::to("åse@blåbær.no");
    email.content_type = Content::Html;
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    assert_eq!(azure.refused(), Vec::<String>::new());
    let operations = azure.operations();
    let taken = &operations[&email.notification_id];
    assert_eq!(
        taken.message,
        json!({
            "senderAddress": email.from,
            "recipients": { "to": [{ "address": "åse@xn--blbr-roah.no" }] },
            "content": { "subject": email.subject, "html": email.body },
        })
    );
    let operation = format!("GET /emails/operations/{}", email.notification_id);
    assert_eq!(
        azure.requests(),
        ["POST /emails:send", &operation, &operation]
    );
    host.stop().await;
}

#[case]
async fn repeated_email_is_one_operation() {
    let azure = Azure::start().await;
    let host = host(&azure, Azure::key()).await;
    let email = Email::to("kari@example.no");
    for _ in 0..2 {
        assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    }
    assert_eq!(azure.operations().len(), 1);
    host.stop().await;
}

#[case]
async fn failed_operation_is_followed_by_a_new_one() {
    let azure = Azure::start().await;
    let host = host(&azure, Azure::key()).await;
    let email = Email::to("unstable@example.no");
    let failure = host.send(&email).await.unwrap_err();
    assert_eq!(failure.kind(), "transient", "{failure:?}");
    let receipt = host.send(&email).await.unwrap();
    let operation = receipt.provider_id.unwrap();
    assert_ne!(operation, email.notification_id);
    assert!(azure.operations().contains_key(&operation));
    assert_eq!(azure.operations().len(), 2);
    assert_eq!(azure.refused(), Vec::<String>::new());
    host.stop().await;
}

#[case]
async fn failures_are_typed_and_hide_addresses() {
    let azure = Azure::start().await;
    let host = host(&azure, Azure::key()).await;
    for (local, kind) in [
        ("throttled", "rate-limited"),
        ("suppressed", "suppressed"),
        ("malformed", "invalid-address"),
        ("broken", "transient"),
    ] {
        let failure = host.send(&Email::to(&format!("{local}@example.no"))).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.kind(), kind, "{failure:?}");
        assert!(!failure.text().contains('@'), "{failure:?}");
    }
    let throttled = host.send(&Email::to("throttled@example.no")).await;
    assert_eq!(throttled, Err(Failure::RateLimited(Some(17))));
    host.stop().await;
}

#[case]
async fn email_that_stays_in_progress_is_accepted() {
    let azure = Azure::start().await;
    let host = host(&azure, Azure::key()).await;
    let email = Email::to("running@example.no");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
}

#[case]
async fn wrong_key_or_endpoint_is_a_transient_failure() {
    let azure = Azure::start().await;
    for key in ["d3Jvbmc=", "not base64", ""] {
        let host = host(&azure, key.to_owned()).await;
        let failure = host.send(&Email::to("kari@example.no")).await.unwrap_err();
        assert_eq!(failure.kind(), "transient", "{failure:?}");
        assert!(failure.text().starts_with("configuration: "), "{failure:?}");
        host.stop().await;
    }
    assert!(azure.operations().is_empty());
    let app = App {
        sender: Sender::Acs {
            endpoint: azure.endpoint(),
            key: Azure::key(),
            follow_seconds: 0,
        },
        allowed_outbound_hosts: Some(Vec::new()),
        ..App::default()
    };
    let host = app.serve_probe().await;
    let failure = host.send(&Email::to("kari@example.no")).await.unwrap_err();
    let text = "configuration: allowed_outbound_hosts does not include the service";
    assert_eq!(failure, Failure::Transient(text.to_owned()));
    host.stop().await;
}
