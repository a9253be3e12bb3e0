use std::{net::Ipv4Addr, time::UNIX_EPOCH};

use futures_executor::block_on;
use sender_shared::Email;

use super::*;
use crate::{
    delivery::Network as _,
    fake::{Act, FakeConnection, FakeNetwork},
    message::tests::email,
};

/// Sends an email to a relay with scripted replies. Returns the result and the received commands.
fn send(email: Email, replies: &[&'static str]) -> (Result<(), SendError>, String) {
    let relay = (Ipv4Addr::LOCALHOST, 25).into();
    let script: Vec<_> = replies.iter().copied().map(Act::Reply).collect();
    let network = FakeNetwork::new(&[(relay, &[&script])]);
    let message = message(email);
    let result = block_on(async {
        let mut session = Session::begin(network.connect(relay).await?, None).await?;
        let result = transaction(&mut session, &message).await;
        session.quit().await;
        result
    });
    (result, network.received().concat())
}

async fn transaction(
    session: &mut Session<FakeConnection>,
    message: &Message,
) -> Result<(), SendError> {
    session.prepare(message).await?;
    session.transmit(message).await
}

fn message(email: Email) -> Message {
    Message::new(email, None, UNIX_EPOCH).unwrap()
}

fn refused(result: Result<(), SendError>) -> Failure {
    match result {
        Err(SendError::Refused(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

const SUCCESS: [&str; 7] = [
    "220 relay\r\n",
    "250-relay\r\n250-SIZE 1000000\r\n250 SMTPUTF8\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "354 go on\r\n",
    "250 queued\r\n",
    "221 bye\r\n",
];

const PIPELINING: &str = "250-relay\r\n250 PIPELINING\r\n";

#[test]
fn send_accepted_email_succeeds() {
    let (result, received) = send(email(), &SUCCESS);
    assert_eq!(result, Ok(()));
    let mut lines = received.split("\r\n");
    assert_eq!(lines.next(), Some("EHLO [127.0.0.1]"));
    let mail = lines.next().unwrap();
    assert!(
        mail.starts_with("MAIL FROM:<noreply@altinn.cloud> SIZE="),
        "{mail}"
    );
    assert!(!mail.contains("SMTPUTF8"), "{mail}");
    assert_eq!(lines.next(), Some("RCPT TO:<kari@xn--blbr-roah.no>"));
    assert_eq!(lines.next(), Some("DATA"));
    assert!(received.ends_with("\r\n.\r\nQUIT\r\n"), "{received}");
}

#[test]
fn send_non_ascii_local_part_requires_smtputf8() {
    let to_ase = || Email {
        to: "åse@example.no".to_owned(),
        ..email()
    };
    let (result, received) = send(to_ase(), &SUCCESS);
    assert_eq!(result, Ok(()));
    assert!(received.contains(" BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<åse@example.no>\r\n"));

    let (result, received) = send(to_ase(), &["220 relay\r\n", "250 relay\r\n", "221 bye\r\n"]);
    let failure = refused(result);
    assert!(matches!(failure, Failure::InvalidAddress(_)), "{failure:?}");
    assert!(!received.contains("MAIL FROM"), "{received}");
}

#[test]
fn send_too_large_email_fails_before_mail_from() {
    let (result, received) = send(
        email(),
        &[
            "220 relay\r\n",
            "250-relay\r\n250 SIZE 100\r\n",
            "221 bye\r\n",
        ],
    );
    let failure = refused(result);
    assert!(matches!(failure, Failure::TooLarge(_)), "{failure:?}");
    assert!(!received.contains("MAIL FROM"), "{received}");
    for unlimited in ["250-relay\r\n250 SIZE 0\r\n", "250-relay\r\n250 size\r\n"] {
        let mut replies = SUCCESS;
        replies[1] = unlimited;
        assert_eq!(send(email(), &replies).0, Ok(()), "{unlimited}");
    }
}

#[test]
fn send_to_relay_without_ehlo_uses_helo() {
    let (result, received) = send(
        email(),
        &[
            "220 relay\r\n",
            "502 what\r\n",
            "250 relay\r\n",
            "250 ok\r\n",
            "251 will forward\r\n",
            "354 go on\r\n",
            "250 queued\r\n",
        ],
    );
    assert_eq!(result, Ok(()));
    assert!(received.contains("HELO [127.0.0.1]\r\nMAIL FROM:<noreply@altinn.cloud>\r\n"));
}

#[test]
fn send_refused_before_mail_from_is_unavailable() {
    for step in 0..2 {
        let mut replies = SUCCESS;
        replies[step] = "451 4.3.0 not now\r\n";
        let (result, received) = send(email(), &replies[..=step]);
        let is_unavailable = matches!(result, Err(SendError::Unavailable(Failure::Transient(_))));
        assert!(is_unavailable, "{step}: {result:?}");
        assert!(!received.contains("MAIL FROM"), "{received}");
    }
}

#[test]
fn send_refused_at_any_step_fails() {
    for step in 2..6 {
        let mut replies = SUCCESS;
        replies[step] = "451 4.3.0 not now\r\n";
        let (result, received) = send(email(), &replies[..=step]);
        let failure = refused(result);
        assert!(matches!(failure, Failure::Transient(_)), "{failure:?}");
        assert!(received.ends_with("QUIT\r\n"));
    }
    let mut replies = SUCCESS;
    replies[3] = "550 5.1.1 no such user\r\n";
    let (result, received) = send(email(), &replies[..=3]);
    let failure = refused(result);
    assert!(matches!(failure, Failure::Bounced(_)), "{failure:?}");
    assert!(!received.contains("DATA"));
}

#[test]
fn send_connection_lost_before_the_text_is_unavailable_and_after_it_unanswered() {
    for step in 0..5 {
        let (result, _) = send(email(), &SUCCESS[..step]);
        let is_unavailable = matches!(result, Err(SendError::Unavailable(Failure::Transient(_))));
        assert!(is_unavailable, "{step}: {result:?}");
    }
    let (result, _) = send(email(), &SUCCESS[..5]);
    assert!(
        matches!(result, Err(SendError::Unanswered(_))),
        "{result:?}"
    );
    let (result, _) = send(email(), &["SSH-2.0-OpenSSH\r\n"]);
    assert!(
        matches!(result, Err(SendError::Unavailable(_))),
        "{result:?}"
    );
}

#[test]
fn send_closing_reply_before_the_text_is_unavailable() {
    for step in 2..5 {
        let mut replies = SUCCESS;
        replies[step] = "421 4.3.2 shutting down\r\n";
        let (result, received) = send(email(), &replies);
        let expected = SendError::Unavailable(Failure::RateLimited(None));
        assert_eq!(result, Err(expected), "{step}");
        assert!(!received.contains("QUIT"), "{received}");
    }
}

#[test]
fn send_with_pipelining_takes_one_write_for_the_envelope() {
    let (result, received) = send(
        email(),
        &[
            "220 relay\r\n",
            PIPELINING,
            "250 ok\r\n250 ok\r\n354 go on\r\n",
            "250 queued\r\n",
        ],
    );
    assert_eq!(result, Ok(()));
    assert!(received.contains("\r\nDATA\r\n"), "{received}");
}

#[test]
fn send_refused_with_pipelining_reads_all_replies() {
    for (replies, is_open) in [
        (
            "250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n",
            true,
        ),
        // The relay waits for a text that must not come.
        ("250 ok\r\n550 5.1.1 no such user\r\n354 go on\r\n", false),
        ("250 ok\r\n550 5.1.1 no such user\r\n421 bye\r\n", false),
        ("250 ok\r\n550 5.1.1 no such user\r\n", false),
    ] {
        let (result, received) = send(email(), &["220 relay\r\n", PIPELINING, replies]);
        let failure = refused(result);
        assert!(matches!(failure, Failure::Bounced(_)), "{failure:?}");
        assert_eq!(
            received.ends_with("DATA\r\nQUIT\r\n"),
            is_open,
            "{received}"
        );
        assert_eq!(received.ends_with("DATA\r\n"), !is_open, "{received}");
    }
}

#[test]
fn session_after_refusal_begins_with_rset() {
    let relay = (Ipv4Addr::LOCALHOST, 25).into();
    for (hello, second) in [
        (
            "250 relay\r\n",
            &["250 reset\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"][..],
        ),
        (
            PIPELINING,
            &["250 reset\r\n250 ok\r\n250 ok\r\n354 go on\r\n"][..],
        ),
    ] {
        let first = ["220 relay\r\n", hello, "250 ok\r\n", "550 5.1.1 no\r\n"];
        let refused_data: &[&str] = if hello == PIPELINING {
            &["503 no\r\n"]
        } else {
            &[]
        };
        let replies = [
            &first,
            refused_data,
            second,
            &["250 queued\r\n", "250 ok\r\n"],
        ]
        .concat();
        let script: Vec<_> = replies.into_iter().map(Act::Reply).collect();
        let network = FakeNetwork::new(&[(relay, &[&script])]);
        let message = message(email());
        block_on(async {
            let connection = network.connect(relay).await.unwrap();
            let mut session = Session::begin(connection, None).await.unwrap();
            assert!(session.prepare(&message).await.is_err());
            assert!(session.is_open());
            assert_eq!(transaction(&mut session, &message).await, Ok(()));
            assert!(session.is_open());
        });
        let received = network.received().concat();
        assert_eq!(
            received.matches("RSET\r\nMAIL FROM").count(),
            1,
            "{received}"
        );
        assert_eq!(received.matches("EHLO").count(), 1, "{received}");
    }
}

#[test]
fn dot_stuffed_text_has_one_end_mark() {
    for (text, sent) in [
        ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
        (".a\r\n..\r\n", "..a\r\n...\r\n.\r\n"),
        ("a.", "a.\r\n.\r\n"),
        ("", "\r\n.\r\n"),
    ] {
        assert_eq!(
            String::from_utf8(dot_stuffed(text.as_bytes())).unwrap(),
            sent
        );
    }
}
