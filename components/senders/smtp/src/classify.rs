//! Classification of negative replies.
//!
//! The enhanced status code (RFC 3463 and IANA's registry) decides if there is one, else the reply
//! code (RFC 5321, section 4.2.3) and the step that it answers:
//!
//! | reply | failure |
//! |---|---|
//! | 421 or 451 with 4.7.28, 4.4.5 or 4.3.2, or whose text mentions a rate or "too many" | rate-limited |
//! | any other 4xx; 5xx to the connection or to EHLO | transient |
//! | 5.1.1, 5.1.2, 5.1.6, 5.1.10, 5.2.1, 5.2.2, 5.4.1; to the recipient also 550, 551, 556 | bounced |
//! | 5.1.3; to the recipient also 501, 553 | invalid-address |
//! | 5.2.3, 5.3.4; 552 | too-large |
//! | any other 5xx | rejected |
//!
//! A greylisted email (451 4.7.1) is transient, not rate-limited: the reply does not concern other
//! emails. A 5xx before MAIL FROM is about the relay's configuration, so no email fails for it.

use sender_shared::Failure;

use crate::reply::{Enhanced, Reply};

/// The step that a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Connect,
    Hello,
    MailFrom,
    RcptTo,
    Data,
    Message,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Hello => "EHLO",
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
    if matches!(step, Step::Connect | Step::Hello) || reply.is_positive() {
        // The relay does not know the email yet, or it violates the protocol.
        return Failure::Transient(text);
    }
    match reply.enhanced.and_then(by_enhanced) {
        Some(failure) => failure(text),
        None => by_code(step, reply.code)(text),
    }
}

fn by_enhanced(enhanced: Enhanced) -> Option<fn(String) -> Failure> {
    Some(match enhanced {
        (1, 1 | 2 | 6 | 10) | (2, 1 | 2) | (4, 1) => Failure::Bounced,
        (1, 3) => Failure::InvalidAddress,
        (2, 3) | (3, 4) => Failure::TooLarge,
        // These details are unspecific: the reply code decides.
        (0, _) | (1 | 2, 0) => return None,
        _ => Failure::Rejected,
    })
}

fn by_code(step: Step, code: u16) -> fn(String) -> Failure {
    match (step, code) {
        (Step::RcptTo, 550 | 551 | 556) => Failure::Bounced,
        (Step::RcptTo, 501 | 553) => Failure::InvalidAddress,
        (_, 552) => Failure::TooLarge,
        _ => Failure::Rejected,
    }
}

fn is_rate_limit(reply: &Reply) -> bool {
    let text = reply.lines.join(" ").to_ascii_lowercase();
    let is_hint = |word: &str| word == "rate" || word.starts_with("throttl");
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let by_text = text.contains("too many") || words.any(is_hint);
    let by_enhanced = matches!(reply.enhanced, Some((7, 28) | (4, 5) | (3, 2)));
    matches!(reply.code, 421 | 451) && (by_text || by_enhanced)
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
        use Step::{Connect, Data, Hello, MailFrom, Message, RcptTo};
        type Row = (Step, &'static str, fn(String) -> Failure);
        let table: &[Row] = &[
            (RcptTo, "550 5.1.1 no such user", Bounced),
            (RcptTo, "550 no such user", Bounced),
            (RcptTo, "550 5.0.0 no such user", Bounced),
            (RcptTo, "550 5.1.10 null MX", Bounced),
            (RcptTo, "552 5.2.2 mailbox full", Bounced),
            (RcptTo, "550 5.4.1 access denied", Bounced),
            (RcptTo, "550 5.7.1 relaying denied", Rejected),
            (RcptTo, "501 5.1.3 bad syntax", InvalidAddress),
            (RcptTo, "553 no such name", InvalidAddress),
            (MailFrom, "553 5.1.8 bad sender", Rejected),
            (MailFrom, "550 not you", Rejected),
            (MailFrom, "552 too large", TooLarge),
            (MailFrom, "552 5.3.4 too large", TooLarge),
            (Message, "552 5.3.4 too large", TooLarge),
            (Message, "554 5.7.1 spam", Rejected),
            (Message, "554 5.6.0 bad", Rejected),
            (Data, "554 no valid recipients", Rejected),
            (RcptTo, "450 4.2.0 greylisted", Transient),
            (RcptTo, "451 4.7.1 greylisted, try again", Transient),
            (RcptTo, "452 4.2.2 mailbox full", Transient),
            (Message, "451 4.3.0 local error in operation", Transient),
            (Connect, "554 5.7.1 go away", Transient),
            (Hello, "550 5.7.1 who are you", Transient),
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
