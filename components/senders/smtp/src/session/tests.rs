use std::{
    cell::RefCell,
    collections::VecDeque,
    net::{Ipv4Addr, Ipv6Addr},
    rc::Rc,
    time::UNIX_EPOCH,
};

use futures_executor::block_on;
use sender_shared::Email;

use super::*;
use crate::message::tests::email;

/// A relay that sends scripted replies, one per read, and records the commands.
struct FakeRelay {
    replies: VecDeque<&'static str>,
    received: Rc<RefCell<Vec<u8>>>,
}

impl Connection for FakeRelay {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        self.received.borrow_mut().extend(bytes);
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, ConnectionError> {
        let next = self.replies.pop_front();
        next.map(|reply| reply.as_bytes().to_vec())
            .ok_or_else(|| ConnectionError("closed".to_owned()))
    }

    fn local_address(&self) -> Result<SocketAddr, ConnectionError> {
        Ok((Ipv4Addr::LOCALHOST, 50_000).into())
    }
}

/// Sends an email to a relay with scripted replies. Returns the result and the received commands.
fn send(email: Email, replies: &[&'static str]) -> (Result<(), Failure>, String) {
    let received = Rc::default();
    let relay = FakeRelay {
        replies: replies.iter().copied().collect(),
        received: Rc::clone(&received),
    };
    let message = Message::new(email, None, UNIX_EPOCH).unwrap();
    let result = block_on(async {
        let mut session = Session::new(relay);
        let result = session.send(&message).await;
        session.quit().await;
        result
    });
    let received = String::from_utf8(received.borrow().clone()).unwrap();
    (result, received)
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
    assert!(
        matches!(result, Err(Failure::InvalidAddress(_))),
        "{result:?}"
    );
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
    assert!(matches!(result, Err(Failure::TooLarge(_))), "{result:?}");
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
fn send_refused_at_any_step_fails() {
    for step in 0..6 {
        let mut replies = SUCCESS;
        replies[step] = "451 4.3.0 not now\r\n";
        let (result, received) = send(email(), &replies[..=step]);
        assert!(
            matches!(result, Err(Failure::Transient(_))),
            "{step}: {result:?}"
        );
        assert!(received.ends_with("QUIT\r\n"));
    }
    let mut replies = SUCCESS;
    replies[3] = "550 5.1.1 no such user\r\n";
    let (result, received) = send(email(), &replies[..=3]);
    assert!(matches!(result, Err(Failure::Bounced(_))), "{result:?}");
    assert!(!received.contains("DATA"));
}

#[test]
fn send_connection_lost_at_any_step_is_transient() {
    for step in 0..6 {
        let (result, _) = send(email(), &SUCCESS[..step]);
        assert!(
            matches!(result, Err(Failure::Transient(_))),
            "{step}: {result:?}"
        );
    }
    let (result, _) = send(email(), &["SSH-2.0-OpenSSH\r\n"]);
    assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
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

#[test]
fn address_literal_of_each_family_has_its_form() {
    assert_eq!(
        address_literal((Ipv4Addr::new(10, 0, 0, 1), 1).into()),
        "[10.0.0.1]"
    );
    assert_eq!(
        address_literal((Ipv6Addr::LOCALHOST, 1).into()),
        "[IPv6:::1]"
    );
}
