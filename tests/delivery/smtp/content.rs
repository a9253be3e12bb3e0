//! The content of messages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use test_support::case;

use super::{NAME, accepted, message_id, relay};
use crate::{
    email::{Content, Email},
    servers::Features,
};

#[case]
async fn received_message_is_the_sent_email() {
    let (relay, host) = relay(Features::default()).await;
    let emails = emails();
    for email in &emails {
        assert_eq!(host.send(email).await, Ok(accepted(email)));
    }
    host.stop().await;
    let received = relay.stop();
    assert_eq!(received.len(), emails.len());
    for (email, received) in emails.iter().zip(received) {
        let subject = email.subject.replace(char::is_control, " ");
        assert_eq!(received.subject, subject);
        assert_eq!(
            received.body.trim_end_matches("\r\n"),
            lines(&email.body),
            "{subject}"
        );
        assert_eq!(received.from, "noreply@altinn.cloud");
        assert_eq!(received.from_name, NAME);
        assert_eq!(received.mail_from, "noreply@altinn.cloud");
        assert_eq!(received.to, [email.to.as_str()]);
        assert_eq!(received.rcpt_tos, [email.to.as_str()]);
        assert_eq!(received.message_id, message_id(email));
        assert_eq!(received.mime_version, "1.0");
        assert_eq!(received.charset.as_deref(), Some("utf-8"));
        let media_type = match email.content_type {
            Content::Plain => "text/plain",
            Content::Html => "text/html",
        };
        assert_eq!(received.media_type, media_type);
        assert_eq!(received.hello, "[127.0.0.1]");
        assert_eq!(received.defects, Vec::<String>::new(), "{subject}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let date = Duration::from_secs_f64(received.date);
        assert!(now.abs_diff(date) < Duration::from_mins(10), "{date:?}");
        let content = received.content();
        assert!(content.is_ascii(), "{subject}");
        // RFC 5322, section 2.1.1
        for line in std::str::from_utf8(&content).unwrap().lines() {
            assert!(line.len() <= 78, "{subject}: {line}");
        }
    }
}

/// Returns a body with the line ends of a message. The last line end is removed, since it is not preserved.
pub(super) fn lines(body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    body.trim_end_matches('\n').replace('\n', "\r\n")
}

pub(super) fn emails() -> Vec<Email> {
    let texts = [
        ("Hei på deg, Åse", "Kjære Åse,\n\nblåbærsyltetøy på Ærøy.\n"),
        ("Plain", "Plain text, no more."),
        ("Én ⚠ og to 😀", "😀 𝕳𝖊𝖎 ⚠\n"),
        ("  spaces  around ", "trailing spaces   \nand tabs\t\n\n\n"),
        ("=?utf-8?q?not_ours?=", "=20 = =? ?= =\n=\n"),
        ("Dots", ".\n..\n.a\nb\n.\n"),
        ("Line ends", "a\nb\r\nc\rd\n.\r.\r\n"),
        ("From here", "From here\nTo: there\n\nSubject: none\n"),
        ("$recipientName$", "Hei $recipientName$"),
        ("Empty", " "),
        ("Привет", "Привет, мир\n"),
        ("A bell\u{7}", "a NUL \0 and a bell \u{7} \u{b}\u{c}"),
    ];
    let mut emails: Vec<_> = texts
        .into_iter()
        .map(|(subject, body)| Email {
            subject: subject.to_owned(),
            body: body.to_owned(),
            ..Email::to("kari.o'nordmann+x@example.no")
        })
        .collect();
    emails.push(Email {
        subject: "Lang linje ".repeat(40),
        body: format!("{}\n{}", "x".repeat(20_000), "blåbær ".repeat(3_000)),
        ..Email::to("kari@example.no")
    });
    emails.push(Email {
        content_type: Content::Html,
        body: "<!doctype html>\n<p style=\"color: red\">Blåbær &amp; rødgrøt</p>\n".to_owned(),
        ..Email::to("kari@example.no")
    });
    emails
}

#[case]
async fn addresses_outside_ascii_use_punycode_and_smtputf8() {
    let (relay, host) = relay(Features::default()).await;
    let domain = Email::to("kari@blåbær.no");
    assert_eq!(host.send(&domain).await, Ok(accepted(&domain)));
    let local = Email::to("åse.ærlig@blåbær.no");
    assert_eq!(host.send(&local).await, Ok(accepted(&local)));
    host.stop().await;
    let [domain, local] = &relay.stop()[..] else {
        panic!("two messages")
    };
    assert_eq!(domain.rcpt_tos, ["kari@xn--blbr-roah.no"]);
    assert!(!domain.mail_options.contains(&"SMTPUTF8".to_owned()));
    assert_eq!(local.rcpt_tos, ["åse.ærlig@xn--blbr-roah.no"]);
    assert!(local.mail_options.contains(&"SMTPUTF8".to_owned()));
    let header = "To: åse.ærlig@xn--blbr-roah.no\r\n";
    assert!(String::from_utf8(local.content()).unwrap().contains(header));
}

#[case]
async fn line_breaks_inject_no_header_and_no_command() {
    let (relay, host) = relay(Features::default()).await;
    let injected = "\r\nBcc: eve@example.no";
    let email = || Email::to("kari@example.no");
    let with = [
        (
            "rejected",
            Email {
                from: format!("noreply@altinn.cloud{injected}"),
                ..email()
            },
        ),
        (
            "rejected",
            Email {
                notification_id: format!("1{injected}"),
                ..email()
            },
        ),
        (
            "invalid-address",
            Email::to(&format!("kari@example.no{injected}")),
        ),
        (
            "invalid-address",
            Email::to("kari@example.no>\r\nRCPT TO:<eve@example.no"),
        ),
        ("invalid-address", Email::to("\"kari\r\nDATA\"@example.no")),
    ];
    for (kind, email) in with {
        let failure = host.send(&email).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{failure:?}");
    }
    let end = Email {
        subject: format!("Hei\0{injected}"),
        body: "Hei\r\n.\r\nMAIL FROM:<eve@example.no>\r\n.\n.\r".to_owned(),
        ..email()
    };
    assert_eq!(host.send(&end).await, Ok(accepted(&end)));
    host.stop().await;
    let [received] = &relay.stop()[..] else {
        panic!("one message")
    };
    assert_eq!(received.body.trim_end_matches("\r\n"), lines(&end.body));
    assert_eq!(received.subject, "Hei   Bcc: eve@example.no");
    let mut headers = received.headers.clone();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            "Content-Transfer-Encoding",
            "Content-Type",
            "Date",
            "From",
            "MIME-Version",
            "Message-ID",
            "Subject",
            "To"
        ]
    );
}
