//! Refusals of a real server, and unreachable servers.

use std::net::{Ipv4Addr, TcpListener};

use test_support::case;

use super::{accepted, relay, through};
use crate::{
    app::{App, Sender},
    email::{Email, Failure},
    servers::{Features, Relay},
};

#[case]
async fn replies_are_typed_and_hide_their_text() {
    let (relay, host) = relay(Features::default()).await;
    for (local, kind) in [
        ("reply.550.5-1-1", "bounced"),
        ("reply.550.-", "bounced"),
        ("reply.553.5-1-3", "invalid-address"),
        ("reply.501.5-1-3", "invalid-address"),
        ("reply.554.5-7-1", "transient"),
        ("reply.530.5-7-0", "transient"),
        ("reply.452.4-2-2", "transient"),
        ("reply.451.4-7-1", "transient"),
        ("reply.451.4-7-28", "rate-limited"),
        ("data.552.5-3-4", "too-large"),
        ("data.554.5-7-1", "rejected"),
        ("data.451.4-3-0", "transient"),
    ] {
        let failure = host.send(&Email::to(&format!("{local}@example.no"))).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.kind(), kind, "{local}: {failure:?}");
        assert!(!failure.text().contains('@'), "{failure:?}");
    }
    host.stop().await;
    assert_eq!(relay.stop().len(), 0);
}

#[case]
async fn temporarily_refused_email_is_accepted_later() {
    let (relay, host) = relay(Features::default()).await;
    let email = Email::to("once.451.4-3-0@example.no");
    let failure = host.send(&email).await.unwrap_err();
    assert_eq!(failure.kind(), "transient", "{failure:?}");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    assert_eq!(relay.stop().len(), 1);
}

#[case]
async fn relay_without_smtputf8_or_room_refuses() {
    let features = Features {
        without_utf8: true,
        size: Some(10_000),
    };
    let (relay, host) = relay(features).await;
    let failure = host.send(&Email::to("åse@example.no")).await.unwrap_err();
    assert_eq!(failure.kind(), "invalid-address", "{failure:?}");
    let large = Email {
        body: "x".repeat(10_001),
        ..Email::to("kari@example.no")
    };
    let failure = host.send(&large).await.unwrap_err();
    assert_eq!(failure.kind(), "too-large", "{failure:?}");
    let domain = Email::to("kari@blåbær.no");
    assert_eq!(host.send(&domain).await, Ok(accepted(&domain)));
    host.stop().await;
    assert_eq!(relay.stop().len(), 1);
}

#[case]
async fn unreachable_relay_is_a_transient_failure() {
    let email = Email::to("kari@example.no");
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let host = through(&closed).await;
    let failure = host.send(&email).await.unwrap_err();
    assert_eq!(failure.kind(), "transient", "{failure:?}");
    host.stop().await;

    for relay in ["", "localhost:25"] {
        let app = App {
            sender: Sender::Smtp {
                relay: relay.to_owned(),
                from_name: "",
            },
            allowed_outbound_hosts: Some(Vec::new()),
            ..App::default()
        };
        let host = app.serve_probe().await;
        let failure = host.send(&email).await.unwrap_err();
        assert_eq!(failure.kind(), "transient", "{failure:?}");
        assert!(failure.text().contains("smtp_relay"), "{failure:?}");
        host.stop().await;
    }
}

#[case]
async fn unreachable_relay_is_replaced_by_the_next() {
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let relay = Relay::start(Features::default());
    let host = through(&format!("{closed}, {}", relay.address())).await;
    let email = Email::to("kari@example.no");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    assert_eq!(relay.stop().len(), 1);
}

#[case]
async fn relay_that_is_not_allowed_is_a_transient_failure() {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.unwrap();
    let app = App {
        sender: Sender::Smtp {
            relay: listener.local_addr().unwrap().to_string(),
            from_name: "",
        },
        allowed_outbound_hosts: Some(vec!["*://127.0.0.1:1".to_owned()]),
        ..App::default()
    };
    let host = app.serve_probe().await;
    let failure = host.send(&Email::to("kari@example.no")).await.unwrap_err();
    let text = "configuration: allowed_outbound_hosts does not include the relay";
    assert_eq!(failure, Failure::Transient(text.to_owned()));
    host.stop().await;
}
