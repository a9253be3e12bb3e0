//! Classification of negative replies.
//!
//! Only a reply about the recipient or the message is final. A reply about this sender, its addresses
//! or its configuration is transient, so that no email is lost while the relay or the configuration
//! is wrong. The enhanced status code (RFC 3463 and IANA's registry) decides if there is one and it
//! is specific, else the reply code (RFC 5321, section 4.2.3) and the step that it answers:
//!
//! | reply | failure |
//! |---|---|
//! | 421 or 451 with 4.7.28, 4.4.5 or 4.3.2, or whose text mentions a rate or "too many"; not 4.1.x and 4.2.x, which are about one mailbox | rate-limited |
//! | any other 4xx; any 5xx to the connection or to EHLO | transient |
//! | to MAIL FROM and to DATA, any 5xx that is not about the size or the content | transient: configuration |
//! | 5.1.1, 5.1.2, 5.1.6, 5.1.10, 5.2.1, 5.2.2, 5.4.1, 5.4.4, 5.7.17, 5.7.18; to the recipient also 550, 551, 556 unless the text mentions relaying or authentication | bounced |
//! | 5.1.3; to the recipient also 501, 553 | invalid-address |
//! | 5.2.3, 5.3.4; 552, but not to the recipient | too-large |
//! | 5.6.x, 5.7.2, 5.7.3, 5.7.6, 5.7.7, 5.7.15, 5.7.16; to the message also 5.7.0, 5.7.1 and 5xx codes that do not concern the session | rejected |
//! | any other 5xx, such as 530, 554 5.7.1 to the recipient, 5.7.8, 5.7.23 to 5.7.27 | transient: configuration |
//!
//! A greylisted email (451 4.7.1) is transient, not rate-limited: the reply does not concern other
//! emails. The text of a failure begins with "configuration" where someone has to change something.

use sender_shared::Failure;

use crate::reply::{Enhanced, Reply};

/// The step that a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Connect,
    Hello,
    Reset,
    MailFrom,
    RcptTo,
    Data,
    Message,
}

impl Step {
    /// Returns the reply code of success.
    pub(crate) fn success(self) -> u16 {
        match self {
            Self::Connect => 220,
            Self::Data => 354,
            Self::Hello | Self::Reset | Self::MailFrom | Self::RcptTo | Self::Message => 250,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Hello => "EHLO",
            Self::Reset => "RSET",
            Self::MailFrom => "MAIL FROM",
            Self::RcptTo => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "the message",
        }
    }
}

/// Returns the failure that a negative reply means.
pub(crate) fn reply(step: Step, reply: &Reply) -> Failure {
    let text = format!("the relay answers {reply} to {}", step.name());
    if reply.is_transient() {
        return if is_rate_limit(reply) {
            Failure::RateLimited(None)
        } else {
            Failure::Transient(text)
        };
    }
    if reply.is_positive() {
        // The relay violates the protocol.
        return Failure::Transient(text);
    }
    let failure = match reply.enhanced.map(|enhanced| by_enhanced(step, enhanced)) {
        Some(Verdict::Final(failure)) => Some(failure),
        Some(Verdict::Configuration) => None,
        Some(Verdict::Unspecific) | None => by_code(step, reply),
    };
    match failure {
        Some(failure) => failure(text),
        None => Failure::Transient(format!("configuration: {text}")),
    }
}

/// The meaning of an enhanced status code.
enum Verdict {
    /// It is about the recipient or the message.
    Final(fn(String) -> Failure),
    /// It is about this sender or the relay.
    Configuration,
    /// The reply code decides.
    Unspecific,
}

fn by_enhanced(step: Step, enhanced: Enhanced) -> Verdict {
    use Verdict::{Configuration, Final, Unspecific};
    match (step, enhanced) {
        // The relay does not know the email yet.
        (Step::Connect | Step::Hello | Step::Reset, _) => Configuration,
        (_, (2, 3) | (3, 4)) => Final(Failure::TooLarge),
        (_, (6, _)) => Final(Failure::Rejected),
        // These replies are about the sender's address or the session.
        (Step::MailFrom | Step::Data, _) => Configuration,
        (_, (1, 1 | 2 | 6 | 10) | (2, 1 | 2) | (4, 1 | 4) | (7, 17 | 18)) => {
            Final(Failure::Bounced)
        }
        (_, (1, 3)) => Final(Failure::InvalidAddress),
        (_, (7, 2 | 3 | 6 | 7 | 15 | 16)) | (Step::Message, (7, 0 | 1)) => Final(Failure::Rejected),
        // Relays use these for the syntax of a recipient, too.
        (_, (3..=5, 0)) | (Step::RcptTo, (5, 2 | 4)) => Unspecific,
        (_, (1, 7 | 8) | (3 | 4 | 5 | 7, _)) => Configuration,
        _ => Unspecific,
    }
}

/// Returns the final failure that a reply without a specific enhanced code means, if any.
fn by_code(step: Step, reply: &Reply) -> Option<fn(String) -> Failure> {
    match (step, reply.code) {
        (Step::RcptTo, 550 | 551 | 556) if !is_about_relaying(reply) => Some(Failure::Bounced),
        (Step::RcptTo, 501 | 553) => Some(Failure::InvalidAddress),
        (Step::MailFrom | Step::Message, 552) => Some(Failure::TooLarge),
        // Syntax, sequence and authentication are about the session.
        (Step::Message, 500..=504 | 521 | 530 | 534 | 535 | 538) => None,
        (Step::Message, _) => Some(Failure::Rejected),
        _ => None,
    }
}

/// Returns whether the relay refuses to relay for this sender. Some relays say so in the text only
/// ("550 relay not permitted").
fn is_about_relaying(reply: &Reply) -> bool {
    has_word(reply, |word| {
        word.starts_with("relay") || word.starts_with("authenticat")
    })
}

/// Returns whether the text has a word like this, in lower case and outside addresses.
fn has_word(reply: &Reply, is_like: impl Fn(&str) -> bool) -> bool {
    let text = reply.lines.join(" ").to_ascii_lowercase();
    let outside_addresses = text
        .split_whitespace()
        .filter(|part| !part.contains('@'))
        .flat_map(|part| part.split(|c: char| !c.is_alphanumeric()));
    outside_addresses.into_iter().any(is_like)
}

fn is_rate_limit(reply: &Reply) -> bool {
    match reply.enhanced {
        _ if !matches!(reply.code, 421 | 451) => false,
        // About one address or mailbox, so other emails need not wait.
        Some((1 | 2, _)) => false,
        Some((7, 28) | (4, 5) | (3, 2)) => true,
        _ => {
            let text = reply.lines.join(" ").to_ascii_lowercase();
            text.contains("too many")
                || has_word(reply, |word| word == "rate" || word.starts_with("throttl"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyBuffer;

    fn classify(step: Step, line: &str) -> Failure {
        let mut buffer = ReplyBuffer::default();
        buffer.push(format!("{line}\r\n").as_bytes()).unwrap();
        reply(step, &buffer.next().unwrap().unwrap())
    }

    #[test]
    fn reply_of_each_code_returns_its_failure() {
        use Failure::{Bounced, InvalidAddress, Rejected, TooLarge, Transient};
        use Step::{Data, MailFrom, Message, RcptTo};
        type Row = (Step, &'static str, fn(String) -> Failure);
        let table: &[Row] = &[
            (RcptTo, "550 5.1.1 no such user", Bounced),
            (RcptTo, "550 no such user", Bounced),
            (RcptTo, "550 <relay@example.no> unknown", Bounced),
            (RcptTo, "550 5.0.0 no such user", Bounced),
            (RcptTo, "550 5.1.10 null MX", Bounced),
            (RcptTo, "552 5.2.2 mailbox full", Bounced),
            (RcptTo, "550 5.4.1 access denied", Bounced),
            (RcptTo, "501 5.1.3 bad syntax", InvalidAddress),
            (RcptTo, "501 5.5.4 bad syntax", InvalidAddress),
            (RcptTo, "553 no such name", InvalidAddress),
            (MailFrom, "552 too large", TooLarge),
            (MailFrom, "552 5.3.4 too large", TooLarge),
            (Message, "552 5.3.4 too large", TooLarge),
            (Message, "554 5.7.1 spam", Rejected),
            (Message, "550 no", Rejected),
            (Message, "554 5.6.0 bad", Rejected),
            (RcptTo, "450 4.2.0 greylisted", Transient),
            (RcptTo, "451 4.7.1 greylisted, try again", Transient),
            (RcptTo, "452 4.2.2 mailbox full", Transient),
            (RcptTo, "451 4.2.1 receives mail at a high rate", Transient),
            (Message, "451 4.3.0 local error in operation", Transient),
            (Data, "250 what", Transient),
        ];
        for (step, line, expected) in table {
            let failure = classify(*step, line);
            let same = std::mem::discriminant(&failure)
                == std::mem::discriminant(&expected(String::new()));
            assert!(same, "{line}: {failure:?}");
        }
    }

    #[test]
    fn reply_about_this_sender_is_transient_and_names_the_configuration() {
        use Step::{Connect, Data, Hello, MailFrom, Message, RcptTo};
        for (step, line) in [
            (Connect, "554 5.7.1 go away"),
            (Hello, "550 5.7.1 who are you"),
            (Hello, "550 5.1.1 who are you"),
            (MailFrom, "530 5.7.0 must issue a STARTTLS command first"),
            (MailFrom, "530 authentication required"),
            (MailFrom, "553 5.1.8 bad sender"),
            (MailFrom, "550 5.1.1 no such sender"),
            (MailFrom, "550 not you"),
            (MailFrom, "501 5.1.7 bad sender"),
            (RcptTo, "530 5.7.1 authentication required"),
            (RcptTo, "554 5.7.1 <kari@example.no>: Relay access denied"),
            (RcptTo, "550 5.7.1 relaying denied"),
            (RcptTo, "550 relay not permitted"),
            (RcptTo, "554 no"),
            (RcptTo, "503 5.5.1 bad sequence"),
            (Data, "554 no valid recipients"),
            (Message, "550 5.7.26 unauthenticated sender"),
            (Message, "535 5.7.8 bad credentials"),
            (Message, "503 bad sequence"),
        ] {
            let failure = classify(step, line);
            let Failure::Transient(text) = &failure else {
                panic!("{line}: {failure:?}")
            };
            assert!(text.starts_with("configuration: "), "{text}");
        }
    }

    #[test]
    fn reply_about_rate_is_rate_limited() {
        for line in [
            "421 4.7.28 our system has detected an unusual rate",
            "451 4.7.500 Server busy: too many messages",
            "421 4.4.5 congested",
            "421 Rate limit exceeded",
            "451 message throttled",
        ] {
            assert_eq!(
                classify(Step::RcptTo, line),
                Failure::RateLimited(None),
                "{line}"
            );
        }
    }

    #[test]
    fn reply_failure_text_omits_the_text_of_the_relay() {
        let failure = classify(Step::RcptTo, "550 5.1.1 <kari@example.no> unknown");
        assert_eq!(
            failure,
            Failure::Bounced("the relay answers 550 5.1.1 to RCPT TO".to_owned())
        );
    }
}
