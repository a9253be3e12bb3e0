//! A real MTA (Postfix), as operators run it between the sender and the world.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};
use test_support::{
    case,
    order::{accepted as ordered, await_statuses, order_to, processing_status, statuses, trigger},
};
use tokio::time::{Instant, sleep};

use super::{
    NAME, accepted,
    content::{emails, lines},
    message_id, through,
};
use crate::{
    app::{App, Sender, Serving},
    email::{Content, Email},
    probe::{Probe, json},
    servers::{Mailbox, Postfix},
};

/// How long an unused session is kept.
const KEPT: Duration = Duration::from_secs(5);

/// How often an instance is called to keep it alive: it ends after a second without calls.
const POLL: Duration = Duration::from_millis(300);

/// Longer than the delivery of a thousand emails takes.
const THOUSAND_LIMIT: Duration = Duration::from_mins(3);

/// Serves the whole application, which sends through this server.
async fn application(mta: &Postfix) -> Serving {
    let app = App {
        sender: Sender::Smtp {
            relay: mta.address(),
            from_name: NAME,
        },
        ..App::default()
    };
    app.serve(&[]).await
}

/// Returns an order to these numbers of addresses.
fn order_to_numbers(numbers: std::ops::Range<usize>) -> Value {
    let recipient = |number| json!({ "emailAddress": format!("{number}@example.no") });
    order_to(numbers.map(recipient).collect())
}

/// Returns the recipients, each once for each message.
fn recipients(mailbox: &Mailbox) -> Vec<&str> {
    let messages = mailbox.messages.iter();
    let mut recipients: Vec<_> = messages.map(|one| one.delivered_to.as_str()).collect();
    recipients.sort_unstable();
    recipients
}

#[case]
async fn mailbox_has_the_sent_emails_whole() {
    let mta = Postfix::start();
    let host = through(&mta.address()).await;
    let emails = emails();
    for email in &emails {
        assert_eq!(host.send(email).await, Ok(accepted(email)));
    }
    host.stop().await;
    let mailbox = mta.stop();
    assert_eq!(mailbox.messages.len(), emails.len());
    assert_eq!(mailbox.connections(), 1);
    let messages = mailbox.messages.iter();
    let by_id: BTreeMap<_, _> = messages.map(|one| (&*one.message_id, one)).collect();
    for email in &emails {
        let received = by_id[&*message_id(email)];
        let subject = email.subject.replace(char::is_control, " ");
        assert_eq!(received.subject, subject);
        let body = received.body.trim_end_matches("\r\n");
        assert_eq!(body, lines(&email.body), "{subject}");
        assert_eq!(received.from, email.from);
        assert_eq!(received.from_name, NAME);
        assert_eq!(received.to, [email.to.as_str()]);
        assert_eq!(received.delivered_to, email.to);
        let media_type = match email.content_type {
            Content::Plain => "text/plain",
            Content::Html => "text/html",
        };
        assert_eq!(received.media_type, media_type);
        assert_eq!(received.defects, Vec::<String>::new(), "{subject}");
    }
}

#[case]
async fn address_outside_ascii_reaches_its_mailbox() {
    let mta = Postfix::start();
    let host = through(&mta.address()).await;
    let email = Email::to("åse.ærlig@example.no");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    assert_eq!(recipients(&mta.stop()), ["åse.ærlig@example.no"]);
}

#[case]
async fn refusals_of_the_mta_are_typed() {
    let mta = Postfix::start();
    let host = through(&mta.address()).await;
    let to = |local: &str| Email::to(&format!("{local}@example.no"));
    for (kind, is_configuration, email) in [
        ("bounced", false, to("unknown")),
        ("bounced", false, to("full")),
        ("transient", false, to("later")),
        ("transient", true, Email::to("kari@elsewhere.example")),
        (
            "transient",
            true,
            Email {
                from: "stranger@altinn.cloud".to_owned(),
                ..to("kari")
            },
        ),
        (
            "rejected",
            false,
            Email {
                subject: "Forbidden".to_owned(),
                ..to("kari")
            },
        ),
        (
            "too-large",
            false,
            Email {
                body: "x".repeat(110_000),
                ..to("kari")
            },
        ),
    ] {
        let failure = host.send(&email).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{failure:?}");
        let text = failure.text();
        assert_eq!(
            text.starts_with("configuration"),
            is_configuration,
            "{text}"
        );
        assert!(!text.contains('@'), "{text}");
    }
    let email = to("kari");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    assert_eq!(recipients(&mta.stop()), ["kari@example.no"]);
}

/// Postfix waits a second before each reply, after ten negative ones in a session. Each of these emails
/// gets two: to RCPT TO and to DATA.
#[case]
async fn refused_emails_do_not_slow_down_the_next_one() {
    let mta = Postfix::start();
    let host = through(&mta.address()).await;
    for _ in 0..6 {
        let failure = host.send(&Email::to("unknown@example.no")).await;
        assert_eq!(failure.unwrap_err().kind(), "bounced");
    }
    let email = Email::to("kari@example.no");
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    host.stop().await;
    let mailbox = mta.stop();
    assert_eq!(recipients(&mailbox), ["kari@example.no"]);
    assert_eq!(mailbox.connections(), 3);
}

#[case]
async fn email_after_a_restart_of_the_mta_leaves_once() {
    let mut mta = Postfix::start();
    let host = through(&mta.address()).await;
    let mut sent = Vec::new();
    let mut rounds = 0;
    // If a restart takes so long that the session is not used again, it shows nothing.
    let mut is_shown = false;
    while !is_shown {
        rounds += 1;
        assert!(rounds <= 5, "Postfix restarts too slowly");
        for _ in 0..2 {
            sent.push(send_numbered(&host, sent.len()).await);
        }
        let used = Instant::now();
        mta = restarted(mta, &host).await;
        is_shown = used.elapsed() < KEPT;
        sent.push(send_numbered(&host, sent.len()).await);
    }
    host.stop().await;
    let mailbox = mta.stop();
    assert_eq!(recipients(&mailbox), sent);
    assert_eq!(mailbox.connections(), rounds + 1);
}

/// Sends an email to the address with this number, and returns the address.
async fn send_numbered(host: &Probe, number: usize) -> String {
    let email = Email::to(&format!("{number:02}@example.no"));
    assert_eq!(host.send(&email).await, Ok(accepted(&email)));
    email.to
}

/// Restarts the server. Calls keep the instance alive meanwhile, and with it the session.
async fn restarted(mut mta: Postfix, host: &Probe) -> Postfix {
    let restarting = tokio::task::spawn_blocking(move || {
        mta.restart();
        mta
    });
    let served = async || json(host, "/served").await.as_u64().expect("a number");
    let mut last = served().await;
    while !restarting.is_finished() {
        sleep(POLL).await;
        let now = served().await;
        assert_eq!(now, last + 1, "the same instance");
        last = now;
    }
    restarting.await.expect("a restarted server")
}

#[case]
async fn refused_recipient_is_final_and_refused_relay_names_the_configuration() {
    let mta = Postfix::start();
    let host = application(&mta).await;
    let addresses = json!([
        { "emailAddress": "unknown@example.no" },
        { "emailAddress": "kari@elsewhere.example" },
        { "emailAddress": "kari@example.no" },
    ]);
    let id = ordered(&host, &order_to(addresses)).await;
    let expected = ["Failed_Bounced", "Failed_TransientError", "Succeeded"];
    await_statuses(&host, &id, &expected).await;
    let log = host.log();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let faults: Vec<_> = lines
        .filter(|line: &Value| line["event"] == "sender misconfigured")
        .collect();
    let [fault] = &faults[..] else {
        panic!("{log}")
    };
    let reason = "configuration: the relay answers 554 5.7.1 to RCPT TO";
    assert_eq!(fault["reason"], reason);
    assert_eq!(fault["level"], "error");
    assert_eq!(fault["order"], id);
    host.stop().await;
    assert_eq!(recipients(&mta.stop()), ["kari@example.no"]);
}

/// Waits until an order is completed. On a slow machine that takes the trigger.
async fn completed(host: &test_support::Host, id: &str) {
    let begun = Instant::now();
    while processing_status(host, id).await != "Completed" {
        assert!(begun.elapsed() < THOUSAND_LIMIT, "{id} is not completed");
        trigger().send(host).await.expect(200);
        sleep(Duration::from_millis(100)).await;
    }
}

#[case]
async fn thousand_emails_arrive_once_over_few_connections() {
    const ORDERS: usize = 4;
    const RECIPIENTS: usize = 250;
    let mta = Postfix::start();
    let host = application(&mta).await;
    let begun = Instant::now();
    let mut ids = Vec::new();
    for number in 0..ORDERS {
        let numbers = number * RECIPIENTS..(number + 1) * RECIPIENTS;
        ids.push(ordered(&host, &order_to_numbers(numbers)).await);
    }
    for id in &ids {
        completed(&host, id).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    for id in &ids {
        assert_eq!(statuses(&host, id).await, vec!["Succeeded"; RECIPIENTS]);
    }
    host.stop().await;
    let mailbox = mta.stop();
    let received = recipients(&mailbox);
    assert_eq!(received.len(), ORDERS * RECIPIENTS);
    let unique: BTreeSet<_> = received.into_iter().collect();
    assert_eq!(unique.len(), ORDERS * RECIPIENTS);
    let connections = mailbox.connections();
    eprintln!("1,000 emails in {seconds:.1} s over {connections} connections");
    assert!(connections <= ORDERS * RECIPIENTS / 5, "{connections}");
}
