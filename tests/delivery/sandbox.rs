//! The sandbox and its development page.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use test_support::{case, get};
use tokio::time::Instant;

use crate::{
    app::App,
    email::{Content, Email, Failure, Progress, Receipt},
    probe::{Probe, json},
};

async fn sandbox() -> Probe {
    let app = App {
        page: true,
        ..App::default()
    };
    app.serve_probe().await
}

fn with(progress: Progress, email: &Email) -> Receipt {
    Receipt {
        progress,
        provider_id: Some(email.notification_id.clone()),
    }
}

#[case]
async fn sent_email_is_shown() {
    let host = sandbox().await;
    let email = Email {
        content_type: Content::Html,
        body: "<p>Blåbær & <script>alert(1)</script></p>".to_owned(),
        ..Email::to("åse@example.no")
    };
    assert_eq!(
        host.send(&email).await,
        Ok(with(Progress::Delivered, &email))
    );

    let list = json(&host, "/dev/mail").await;
    assert_eq!(
        (&list["total"], &list["deliveries"]),
        (&1.into(), &1.into())
    );
    let id = &email.notification_id;
    let mail = json(&host, &format!("/dev/mail/{id}?format=json")).await;
    for (member, value) in [
        ("id", id),
        ("from", &email.from),
        ("to", &email.to),
        ("subject", &email.subject),
        ("body", &email.body),
    ] {
        assert_eq!(mail[member], **value, "{member}");
    }
    assert_eq!(mail["contentType"], "Html");

    let page = host
        .exchange(get("/dev/mail/").header("accept", "text/html"))
        .await;
    let text = String::from_utf8_lossy(page.body());
    assert!(text.contains(&format!("href=\"/dev/mail/{id}\"")), "{text}");
    let body = host.exchange(get(format!("/dev/mail/{id}/body"))).await;
    assert_eq!(body.body(), email.body.as_bytes());
    let policy = body.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox;"), "{policy}");
    let style = host.exchange(get("/dev/mail/style.css")).await;
    assert_eq!(style.status(), StatusCode::OK);
    host.stop().await;
}

#[case]
async fn local_part_of_the_recipient_decides_the_result() {
    let host = sandbox().await;
    for (local, progress) in [
        ("delivered", Progress::Delivered),
        ("accepted.1", Progress::Accepted),
        ("kari", Progress::Delivered),
    ] {
        let email = Email::to(&format!("{local}@example.no"));
        assert_eq!(
            host.send(&email).await,
            Ok(with(progress, &email)),
            "{local}"
        );
    }
    for (local, kind) in [
        ("bounced", "bounced"),
        ("rejected", "rejected"),
        ("suppressed-2", "suppressed"),
        ("invalid", "invalid-address"),
        ("too-large", "too-large"),
        ("rate-limited", "rate-limited"),
        ("transient", "transient"),
    ] {
        let failure = host.send(&Email::to(&format!("{local}@example.no"))).await;
        assert_eq!(failure.unwrap_err().kind(), kind, "{local}");
    }
    host.stop().await;
}

#[case]
async fn transient_twice_is_delivered_at_the_third_attempt() {
    let host = sandbox().await;
    let email = Email::to("transient-twice@example.no");
    for _ in 0..2 {
        let failure = host.send(&email).await.unwrap_err();
        assert!(matches!(failure, Failure::Transient(_)), "{failure:?}");
    }
    for _ in 0..2 {
        assert_eq!(
            host.send(&email).await,
            Ok(with(Progress::Delivered, &email))
        );
    }
    let list = json(&host, "/dev/mail?format=json").await;
    assert_eq!(
        (&list["total"], &list["deliveries"]),
        (&1.into(), &2.into())
    );
    assert_eq!(list["mails"][0]["deliveries"], 2);
    assert_eq!(list["mails"][0]["attempts"].as_array().unwrap().len(), 4);
    host.stop().await;
}

#[case]
async fn concurrent_emails_are_all_counted() {
    let host = sandbox().await;
    let emails: Vec<_> = (0..20).map(|_| Email::to("kari@example.no")).collect();
    // Each twice, all concurrently.
    let sent = join_all(emails.iter().chain(&emails).map(|email| host.send(email))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let list = json(&host, "/dev/mail").await;
    assert_eq!(
        (&list["total"], &list["deliveries"]),
        (&20.into(), &40.into())
    );
    let mails = list["mails"].as_array().unwrap();
    assert!(mails.iter().all(|mail| mail["deliveries"] == 2), "{list}");
    host.stop().await;
}

#[case]
async fn slow_recipient_does_not_delay_others() {
    let host = sandbox().await;
    let slow = Email::to("slow@example.no");
    let started = Instant::now();
    let ((), outcome) = tokio::join!(
        async {
            let email = Email::to("kari@example.no");
            assert_eq!(
                host.send(&email).await,
                Ok(with(Progress::Delivered, &email))
            );
            assert!(started.elapsed() < Duration::from_secs(3));
        },
        host.send(&slow),
    );
    assert_eq!(outcome, Ok(with(Progress::Delivered, &slow)));
    assert!(started.elapsed() >= Duration::from_secs(3));
    host.stop().await;
}

#[case]
async fn page_without_a_route_is_404() {
    let host = App::default().serve_probe().await;
    let email = Email::to("kari@example.no");
    assert_eq!(
        host.send(&email).await,
        Ok(with(Progress::Delivered, &email))
    );
    let response = host.exchange(get("/dev/mail")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    host.stop().await;
}
