//! Many messages, and slow relays.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt as _, stream};
use test_support::case;
use tokio::time::Instant;

use super::{accepted, message_id, relay};
use crate::{email::Email, probe::json, servers::Features};

/// Longer than anything that waits for the processor only.
const SOON: Duration = Duration::from_secs(5);

#[case]
async fn five_hundred_emails_arrive() {
    let (relay, host) = relay(Features::default()).await;
    let emails: Vec<_> = (0..500)
        .map(|n| Email {
            subject: format!("Påminnelse nr. {n}"),
            ..Email::to(&format!("kari.{n}@example.no"))
        })
        .collect();
    let sent = stream::iter(&emails)
        .map(|email| async { assert_eq!(host.send(email).await, Ok(accepted(email))) })
        .buffer_unordered(8);
    sent.collect::<()>().await;
    host.stop().await;
    let received: HashSet<_> = relay
        .stop()
        .into_iter()
        .map(|received| {
            let (id, subject) = (received.message_id.clone(), received.subject.clone());
            (id, subject, received.rcpt_tos)
        })
        .collect();
    let sent: HashSet<_> = emails
        .into_iter()
        .map(|email| (message_id(&email), email.subject, vec![email.to]))
        .collect();
    assert_eq!(received, sent);
}

#[case]
async fn slow_relay_does_not_delay_others_in_the_instance() {
    let (relay, host) = relay(Features::default()).await;
    let slow = Email::to("slow.8@example.no");
    let started = Instant::now();
    let ((), outcome) = tokio::join!(
        async {
            // By now the relay has got the recipient's address.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let served = json(&host, "/served").await;
            assert_eq!(served, 2, "the same instance");
            assert!(started.elapsed() < SOON);
            let other = Email::to("kari@example.no");
            assert_eq!(host.send(&other).await, Ok(accepted(&other)));
            assert!(started.elapsed() < SOON);
        },
        host.send(&slow),
    );
    assert_eq!(outcome, Ok(accepted(&slow)));
    assert!(started.elapsed() >= Duration::from_secs(8));
    host.stop().await;
    assert_eq!(relay.stop().len(), 2);
}

#[case]
async fn silent_relay_is_a_transient_failure_in_time() {
    let (relay, host) = relay(Features::default()).await;
    let started = Instant::now();
    let failure = host.send(&Email::to("silent@example.no")).await;
    assert_eq!(failure.unwrap_err().kind(), "transient");
    assert!(started.elapsed() < Duration::from_secs(30));
    host.stop().await;
    assert_eq!(relay.stop().len(), 0);
}

#[case]
async fn emails_share_a_connection_also_after_a_refusal() {
    let (relay, host) = relay(Features::default()).await;
    for local in ["kari", "reply.550.5-1-1", "ola", "data.554.5-7-1", "åse"] {
        let email = Email::to(&format!("{local}@example.no"));
        let sent = host.send(&email).await;
        assert_eq!(sent.is_ok(), !local.contains('5'), "{local}: {sent:?}");
    }
    host.stop().await;
    let peers: Vec<_> = relay.stop().into_iter().map(|email| email.peer).collect();
    assert_eq!(peers.len(), 3);
    assert!(peers.iter().all(|peer| *peer == peers[0]), "{peers:?}");
}

#[case]
async fn relay_that_scans_for_long_gets_the_email_once() {
    let (relay, host) = relay(Features::default()).await;
    let email = Email::to("scan.26@example.no");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    assert_eq!(relay.stop().len(), 1);
}
