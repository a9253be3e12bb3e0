use std::{
    cell::RefCell,
    collections::VecDeque,
    net::{Ipv4Addr, Ipv6Addr},
    rc::Rc,
    time::UNIX_EPOCH,
};

use futures_executor::block_on;

use super::*;
use crate::{bindings::exports::email_orders::sender::sender::Email, message::tests::email};

/// A relay that says these lines, one at each read, and keeps what it hears.
struct Script {
    replies: VecDeque<&'static str>,
    heard: Rc<RefCell<Vec<u8>>>,
}

impl Connection for Script {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Broken> {
        self.heard.borrow_mut().extend(bytes);
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, Broken> {
        let next = self.replies.pop_front();
        next.map(|reply| reply.as_bytes().to_vec())
            .ok_or_else(|| Broken("closed".to_owned()))
    }

    fn local_address(&self) -> Result<SocketAddr, Broken> {
        Ok((Ipv4Addr::LOCALHOST, 50_000).into())
    }
}

/// What comes of sending this email to a relay that says these lines, and what it heard.
fn send(email: Email, replies: &[&'static str]) -> (Result<(), Failure>, String) {
    let heard = Rc::default();
    let script = Script {
        replies: replies.iter().copied().collect(),
        heard: Rc::clone(&heard),
    };
    let message = Message::new(email, None, UNIX_EPOCH).unwrap();
    let outcome = block_on(async {
        let mut exchange = Exchange::new(script);
        let outcome = exchange.send(&message).await;
        exchange.quit().await;
        outcome
    });
    let heard = String::from_utf8(heard.borrow().clone()).unwrap();
    (outcome, heard)
}

const WELL: [&str; 7] = [
    "220 relay\r\n",
    "250-relay\r\n250-SIZE 1000000\r\n250 SMTPUTF8\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "354 go on\r\n",
    "250 queued\r\n",
    "221 bye\r\n",
];

#[test]
fn an_email_is_handed_over() {
    let (outcome, heard) = send(email(), &WELL);
    assert_eq!(outcome, Ok(()));
    let mut lines = heard.split("\r\n");
    assert_eq!(lines.next(), Some("EHLO [127.0.0.1]"));
    let mail = lines.next().unwrap();
    assert!(
        mail.starts_with("MAIL FROM:<noreply@altinn.cloud> SIZE="),
        "{mail}"
    );
    assert!(!mail.contains("SMTPUTF8"), "{mail}");
    assert_eq!(lines.next(), Some("RCPT TO:<kari@xn--blbr-roah.no>"));
    assert_eq!(lines.next(), Some("DATA"));
    assert!(heard.ends_with("\r\n.\r\nQUIT\r\n"), "{heard}");
}

#[test]
fn a_local_part_outside_of_ascii_needs_smtputf8() {
    let to_ase = || Email {
        to: "åse@example.no".to_owned(),
        ..email()
    };
    let (outcome, heard) = send(to_ase(), &WELL);
    assert_eq!(outcome, Ok(()));
    assert!(heard.contains(" BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<åse@example.no>\r\n"));

    let (outcome, heard) = send(to_ase(), &["220 relay\r\n", "250 relay\r\n", "221 bye\r\n"]);
    assert!(
        matches!(outcome, Err(Failure::InvalidAddress(_))),
        "{outcome:?}"
    );
    assert!(!heard.contains("MAIL FROM"), "{heard}");
}

#[test]
fn an_email_that_is_too_large_is_not_even_offered() {
    let (outcome, heard) = send(
        email(),
        &[
            "220 relay\r\n",
            "250-relay\r\n250 SIZE 100\r\n",
            "221 bye\r\n",
        ],
    );
    assert!(matches!(outcome, Err(Failure::TooLarge(_))), "{outcome:?}");
    assert!(!heard.contains("MAIL FROM"), "{heard}");
    for unlimited in ["250-relay\r\n250 SIZE 0\r\n", "250-relay\r\n250 size\r\n"] {
        let mut replies = WELL;
        replies[1] = unlimited;
        assert_eq!(send(email(), &replies).0, Ok(()), "{unlimited}");
    }
}

#[test]
fn a_relay_without_ehlo() {
    let (outcome, heard) = send(
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
    assert_eq!(outcome, Ok(()));
    assert!(heard.contains("HELO [127.0.0.1]\r\nMAIL FROM:<noreply@altinn.cloud>\r\n"));
}

#[test]
fn refused_at_any_step() {
    for step in 0..6 {
        let mut replies = WELL;
        replies[step] = "451 4.3.0 not now\r\n";
        let (outcome, heard) = send(email(), &replies[..=step]);
        assert!(
            matches!(outcome, Err(Failure::Transient(_))),
            "{step}: {outcome:?}"
        );
        assert!(heard.ends_with("QUIT\r\n"));
    }
    let mut replies = WELL;
    replies[3] = "550 5.1.1 no such user\r\n";
    let (outcome, heard) = send(email(), &replies[..=3]);
    assert!(matches!(outcome, Err(Failure::Bounced(_))), "{outcome:?}");
    assert!(!heard.contains("DATA"));
}

#[test]
fn a_connection_that_breaks_at_any_step_is_transient() {
    for step in 0..6 {
        let (outcome, _) = send(email(), &WELL[..step]);
        assert!(
            matches!(outcome, Err(Failure::Transient(_))),
            "{step}: {outcome:?}"
        );
    }
    let (outcome, _) = send(email(), &["SSH-2.0-OpenSSH\r\n"]);
    assert!(matches!(outcome, Err(Failure::Transient(_))), "{outcome:?}");
}

#[test]
fn no_line_ends_the_message() {
    for (text, sent) in [
        ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
        (".a\r\n..\r\n", "..a\r\n...\r\n.\r\n"),
        ("a.", "a.\r\n.\r\n"),
        ("", "\r\n.\r\n"),
    ] {
        assert_eq!(
            String::from_utf8(transparent(text.as_bytes())).unwrap(),
            sent
        );
    }
}

#[test]
fn addresses_as_ehlo_takes_them() {
    assert_eq!(
        literal((Ipv4Addr::new(10, 0, 0, 1), 1).into()),
        "[10.0.0.1]"
    );
    assert_eq!(literal((Ipv6Addr::LOCALHOST, 1).into()), "[IPv6:::1]");
}
