//! Many messages, and relays that take their time.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};

use super::{accepted, message_id, relay};
use crate::support::{Email, Features};

/// Nothing that only waits for the processor takes as long.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn five_hundred_in_a_row() {
    let Some((relay, host)) = relay(Features::default()).await else {
        return;
    };
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
        .map(|message| (message.message_id, message.subject, message.rcpt_tos))
        .collect();
    let sent: HashSet<_> = emails
        .into_iter()
        .map(|email| (message_id(&email), email.subject, vec![email.to]))
        .collect();
    assert_eq!(received, sent);
}

#[tokio::test]
async fn a_slow_relay_holds_up_nobody_in_the_same_instance() {
    let Some((relay, host)) = relay(Features::default()).await else {
        return;
    };
    let slow = Email::to("slow.8@example.no");
    let started = Instant::now();
    let ((), outcome) = tokio::join!(
        async {
            // The relay has the recipient's address by now.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let served = host.json("/served").await;
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

#[tokio::test]
async fn a_relay_that_never_replies_is_given_up_in_time() {
    let Some((relay, host)) = relay(Features::default()).await else {
        return;
    };
    let started = Instant::now();
    let failure = host.send(&Email::to("silent@example.no")).await;
    assert_eq!(failure.unwrap_err().kind(), "transient");
    assert!(started.elapsed() < Duration::from_secs(30));
    host.stop().await;
    assert_eq!(relay.stop().len(), 0);
}
