use std::{collections::VecDeque, time::UNIX_EPOCH};

use futures_executor::block_on;

use super::*;
use crate::{
    fake::{
        Act::{self, Late, Reply, Silence},
        FakeConnection, FakeNetwork, FakeStore,
    },
    message::tests::email,
};

const HELLO: [Act; 2] = [
    Reply("220 relay\r\n"),
    Reply("250-relay\r\n250 PIPELINING\r\n"),
];

const READY: Act = Reply("250 ok\r\n250 ok\r\n354 go on\r\n");

const QUEUED: Act = Reply("250 queued\r\n");

fn first() -> SocketAddr {
    "10.0.0.1:25".parse().unwrap()
}

fn second() -> SocketAddr {
    "10.0.0.2:25".parse().unwrap()
}

fn script(acts: &[Act]) -> Vec<Act> {
    [&HELLO, acts].concat()
}

/// Sends an email. The preferred relay is the first.
fn send(network: &FakeNetwork, pool: &Pool<FakeConnection>) -> Result<(), SendError> {
    send_with(network, pool, &Unanswered(FakeStore::default()))
}

fn send_with(
    network: &FakeNetwork,
    pool: &Pool<FakeConnection>,
    record: &Unanswered<FakeStore>,
) -> Result<(), SendError> {
    let relays = "10.0.0.1:25,10.0.0.2:25";
    let settings = Settings::parse(relays, "", "mail.example.no").unwrap();
    let message = Message::new(email(), None, UNIX_EPOCH).unwrap();
    block_on(deliver(network, pool, record, &settings, &message))
}

/// Returns the relays in the order of the connections.
fn connected(network: &FakeNetwork) -> Vec<SocketAddr> {
    let received = network.received.borrow();
    received.iter().map(|(relay, _)| *relay).collect()
}

#[test]
fn deliver_many_emails_takes_one_connection() {
    let acts = script(&[READY, QUEUED, READY, QUEUED, READY, QUEUED]);
    let network = FakeNetwork::new(&[(first(), &[&acts])]);
    let pool = Pool::default();
    for _ in 0..3 {
        assert_eq!(send(&network, &pool), Ok(()));
    }
    let [received] = &network.received()[..] else {
        panic!("one connection")
    };
    assert!(
        received.starts_with("EHLO mail.example.no\r\n"),
        "{received}"
    );
    assert_eq!(received.matches("DATA\r\n").count(), 3);
}

#[test]
fn deliver_after_unused_time_takes_a_new_connection_and_ends_the_old_one() {
    let acts = script(&[READY, QUEUED, READY, QUEUED]);
    for (seconds, connections) in [(4, 1), (5, 2)] {
        let network = FakeNetwork::new(&[(first(), &[&acts, &acts])]);
        let pool = Pool::default();
        assert_eq!(send(&network, &pool), Ok(()));
        network.clock.pass(Duration::from_secs(seconds));
        assert_eq!(send(&network, &pool), Ok(()));
        let received = network.received();
        assert_eq!(received.len(), connections);
        assert_eq!(received[0].ends_with("QUIT\r\n"), connections == 2);
    }
}

/// A relay that takes a hundred emails in a session, as OpenSMTPD does.
#[test]
fn deliver_after_fifty_emails_takes_a_new_connection_and_ends_the_old_one() {
    let acts = script(&[[READY, QUEUED].as_slice(); 100].concat());
    let network = FakeNetwork::new(&[(first(), &[&acts, &acts])]);
    let pool = Pool::default();
    for _ in 0..51 {
        assert_eq!(send(&network, &pool), Ok(()));
    }
    let [old, new] = &network.received()[..] else {
        panic!("two connections")
    };
    assert_eq!(old.matches("DATA\r\n").count(), 50);
    assert!(old.ends_with("QUIT\r\n"), "{old}");
    assert_eq!(new.matches("DATA\r\n").count(), 1);
}

/// A relay that slows down after ten negative replies in a row, as Postfix does.
#[test]
fn deliver_after_several_refusals_takes_a_new_connection_and_ends_the_old_one() {
    const NO: &str = "250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n";
    const NO_AGAIN: Act =
        Reply("250 reset\r\n250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n");
    const READY_AGAIN: Act = Reply("250 reset\r\n250 ok\r\n250 ok\r\n354 go on\r\n");
    let no = Reply(NO);
    // An accepted email among the refused ones lets the count begin again.
    for (acts, kept) in [
        (vec![no, NO_AGAIN, NO_AGAIN], 3),
        (vec![no, READY_AGAIN, QUEUED, no, NO_AGAIN, NO_AGAIN], 5),
    ] {
        let old = script(&acts);
        let new = script(&[READY, QUEUED]);
        let network = FakeNetwork::new(&[(first(), &[&old, &new])]);
        let pool = Pool::default();
        for _ in 0..kept {
            let _ = send(&network, &pool);
        }
        assert_eq!(connected(&network).len(), 1);
        assert_eq!(send(&network, &pool), Ok(()));
        let received = network.received();
        assert_eq!(received.len(), 2);
        assert!(received[0].ends_with("QUIT\r\n"), "{}", received[0]);
    }
}

#[test]
fn deliver_over_closed_session_takes_a_new_connection() {
    for closing in [&[][..], &[Reply("421 4.4.2 idle too long\r\n")]] {
        let old = [&script(&[READY, QUEUED]), closing].concat();
        let new = script(&[READY, QUEUED]);
        let network = FakeNetwork::new(&[(first(), &[&old, &new])]);
        let pool = Pool::default();
        for _ in 0..2 {
            assert_eq!(send(&network, &pool), Ok(()));
        }
        assert_eq!(connected(&network), [first(), first()]);
    }
}

#[test]
fn deliver_with_unavailable_relay_uses_the_next_and_avoids_the_first() {
    let refusing = [Reply("554 5.3.2 no service\r\n")];
    let silent = [Silence];
    let closing = script(&[Reply("421 4.3.2 shutting down\r\n")]);
    let no_connection: &[&[Act]] = &[];
    for (scripts, seconds) in [
        (no_connection, 0),
        (&[&refusing], 0),
        (&[&silent], 5),
        (&[&closing], 0),
    ] {
        let backup = script(&[READY, QUEUED, READY, QUEUED]);
        let network = FakeNetwork::new(&[(first(), scripts), (second(), &[&backup])]);
        let pool = Pool::default();
        assert_eq!(send(&network, &pool), Ok(()));
        assert_eq!(network.clock.elapsed(), Duration::from_secs(seconds));
        assert_eq!(send(&network, &pool), Ok(()));
        assert_eq!(network.clock.elapsed(), Duration::from_secs(seconds));
        assert_eq!(connected(&network).len(), scripts.len() + 1);

        let again = script(&[READY, QUEUED]);
        let again = VecDeque::from([again]);
        network.scripts.borrow_mut().insert(first(), again);
        network.clock.pass(Duration::from_secs(30));
        assert_eq!(send(&network, &pool), Ok(()));
        assert_eq!(connected(&network).last(), Some(&first()));
    }
}

#[test]
fn deliver_refused_email_asks_no_other_relay() {
    let acts = script(&[Reply(
        "250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n",
    )]);
    let backup = script(&[READY, QUEUED]);
    let network = FakeNetwork::new(&[(first(), &[&acts]), (second(), &[&backup])]);
    let result = send(&network, &Pool::default());
    let is_bounced = matches!(result, Err(SendError::Refused(Failure::Bounced(_))));
    assert!(is_bounced, "{result:?}");
    assert_eq!(connected(&network), [first()]);
}

#[test]
fn deliver_to_slow_relay_waits_for_the_answer_to_the_text() {
    let acts = script(&[READY, Late(26, "250 queued\r\n")]);
    let network = FakeNetwork::new(&[(first(), &[&acts])]);
    assert_eq!(send(&network, &Pool::default()), Ok(()));
    assert_eq!(network.clock.elapsed(), Duration::from_secs(26));
}

#[test]
fn deliver_without_answer_to_the_text_is_unanswered_and_asks_no_other_relay() {
    let acts = script(&[READY, Late(40, "250 queued\r\n")]);
    let backup = script(&[READY, QUEUED]);
    let network = FakeNetwork::new(&[(first(), &[&acts]), (second(), &[&backup])]);
    let pool = Pool::default();
    let result = send(&network, &pool);
    assert!(
        matches!(result, Err(SendError::Unanswered(_))),
        "{result:?}"
    );
    assert_eq!(network.clock.elapsed(), ANSWER_LIMIT);
    assert_eq!(connected(&network), [first()]);
    assert!(pool.take(first()).is_none());
}

#[test]
fn deliver_to_relay_that_is_not_ready_in_time_sends_no_text() {
    for acts in [vec![Late(19, "220 relay\r\n")], script(&[Silence])] {
        let network = FakeNetwork::new(&[(second(), &[&acts])]);
        let result = send(&network, &Pool::default());
        let is_unavailable = matches!(result, Err(SendError::Unavailable(Failure::Transient(_))));
        assert!(is_unavailable, "{result:?}");
        assert_eq!(network.clock.elapsed(), READY_LIMIT);
        assert!(!network.received()[0].contains("Subject"));
    }
}

#[test]
fn deliver_with_quit_that_hangs_succeeds() {
    let acts = script(&[READY, QUEUED]);
    let mut network = FakeNetwork::new(&[(first(), &[&acts, &acts])]);
    network.hangs_at_quit = true;
    let pool = Pool::default();
    assert_eq!(send(&network, &pool), Ok(()));
    network.clock.pass(Duration::from_secs(5));
    assert_eq!(send(&network, &pool), Ok(()));
    let elapsed = network.clock.elapsed();
    assert_eq!(elapsed, Duration::from_secs(5) + QUIT_LIMIT);
}

#[test]
fn deliver_to_relay_that_never_answers_in_time_sends_few_copies() {
    let acts = script(&[READY, Late(40, "250 queued\r\n")]);
    let scripts: Vec<&[Act]> = vec![&acts; 60];
    let network = FakeNetwork::new(&[(first(), &scripts)]);
    let record = Unanswered(FakeStore::default());
    // As the order component repeats an email: in the end once an hour, for two days.
    for minutes in [1, 2, 4, 8, 16, 32].into_iter().chain([60; 48]) {
        // Each time by another instance.
        let result = send_with(&network, &Pool::default(), &record);
        assert!(result.is_err());
        network.clock.pass(Duration::from_mins(minutes));
    }
    assert_eq!(connected(&network).len(), 4);
}

#[test]
fn deliver_refused_before_the_text_keeps_the_record() {
    let notification = email().notification_id.parse().unwrap();
    let lost = script(&[READY]);
    let busy = script(&[Reply("451 4.3.0 not now\r\n503 no\r\n503 no\r\n")]);
    let network = FakeNetwork::new(&[(first(), &[&lost, &busy])]);
    let record = Unanswered(FakeStore::default());
    for _ in 0..2 {
        assert!(send_with(&network, &Pool::default(), &record).is_err());
        assert!(record.find(notification).is_some());
        network.clock.pass(Duration::from_mins(30));
    }
    assert_eq!(connected(&network).len(), 2);
}

#[test]
fn deliver_after_an_answer_keeps_no_record() {
    let notification = email().notification_id.parse().unwrap();
    for answer in ["250 queued\r\n", "451 4.3.0 not now\r\n"] {
        let lost = script(&[READY]);
        let slow = script(&[READY, Late(20, answer)]);
        let network = FakeNetwork::new(&[(first(), &[&lost, &slow])]);
        let record = Unanswered(FakeStore::default());
        let result = send_with(&network, &Pool::default(), &record);
        assert!(
            matches!(result, Err(SendError::Unanswered(_))),
            "{result:?}"
        );
        assert!(record.find(notification).is_some());

        let early = send_with(&network, &Pool::default(), &record);
        assert!(matches!(
            early,
            Err(SendError::Refused(Failure::Transient(_)))
        ));
        assert_eq!(connected(&network).len(), 1);

        network.clock.pass(Duration::from_mins(30));
        let _ = send_with(&network, &Pool::default(), &record);
        assert_eq!(connected(&network).len(), 2);
        assert_eq!(record.find(notification), None);
    }
}
