//! What a negative reply means for the email.
//!
//! The enhanced status code (RFC 3463 and IANA's register) counts where the relay gives one, then
//! the reply code (RFC 5321, section 4.2.3) at the step that it answers:
//!
//! | reply | failure |
//! |---|---|
//! | 421 or 451 with 4.7.28, 4.4.5 or 4.3.2, or whose text speaks of a rate or of too many | rate-limited |
//! | any other 4xx; 5xx before the email is known to the relay | transient |
//! | 5.1.1, 5.1.2, 5.1.6, 5.1.10, 5.2.1, 5.2.2, 5.4.1; to the recipient also 550, 551, 556 | bounced |
//! | 5.1.3; to the recipient also 501, 553 | invalid-address |
//! | 5.2.3, 5.3.4; 552 | too-large |
//! | any other 5xx | rejected |
//!
//! A greylisted email (451 4.7.1) is transient: it says nothing about the next one. A relay that
//! refuses everybody at the greeting is as good as none, and no email fails for that.

use crate::{
    bindings::exports::email_orders::sender::sender::Failure,
    reply::{Enhanced, Reply},
};

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
    fn described(self) -> &'static str {
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

/// The failure that a negative reply means.
pub(crate) fn failure(step: Step, reply: &Reply) -> Failure {
    let text = format!("the relay answers {reply} to {}", step.described());
    if reply.is_transient() {
        return if is_rate_limit(reply) {
            Failure::RateLimited(None)
        } else {
            Failure::Transient(text)
        };
    }
    if matches!(step, Step::Connect | Step::Hello) || reply.is_positive() {
        // Nothing of the email is known to the relay, or it does not keep to the protocol.
        return Failure::Transient(text);
    }
    match reply.enhanced.and_then(by_enhanced) {
        Some(known) => known(text),
        None => by_code(step, reply.code)(text),
    }
}

fn by_enhanced(enhanced: Enhanced) -> Option<fn(String) -> Failure> {
    Some(match enhanced {
        (1, 1 | 2 | 6 | 10) | (2, 1 | 2) | (4, 1) => Failure::Bounced,
        (1, 3) => Failure::InvalidAddress,
        (2, 3) | (3, 4) => Failure::TooLarge,
        // `x.0.0` and the like leave it to the reply code.
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
    let hint = |word: &str| word == "rate" || word.starts_with("throttl");
    let said = text.contains("too many") || text.split(|c: char| !c.is_alphanumeric()).any(hint);
    let coded = matches!(reply.enhanced, Some((7, 28) | (4, 5) | (3, 2)));
    matches!(reply.code, 421 | 451) && (said || coded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyBuffer;

    fn verdict(step: Step, line: &str) -> Failure {
        let mut buffer = ReplyBuffer::default();
        buffer.push(format!("{line}\r\n").as_bytes()).unwrap();
        failure(step, &buffer.next().unwrap().unwrap())
    }

    #[test]
    fn replies_become_failures() {
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
            let failure = verdict(*step, line);
            let same = std::mem::discriminant(&failure)
                == std::mem::discriminant(&expected(String::new()));
            assert!(same, "{line}: {failure:?}");
        }
    }

    #[test]
    fn rate_limits() {
        for line in [
            "421 4.7.28 our system has detected an unusual rate",
            "451 4.7.500 Server busy: too many messages",
            "421 4.4.5 congested",
            "421 Rate limit exceeded",
            "451 message throttled",
        ] {
            assert_eq!(
                verdict(Step::RcptTo, line),
                Failure::RateLimited(None),
                "{line}"
            );
        }
    }

    #[test]
    fn a_failure_does_not_repeat_what_the_relay_wrote() {
        let failure = verdict(Step::RcptTo, "550 5.1.1 <kari@example.no> unknown");
        assert_eq!(
            failure,
            Failure::Bounced("the relay answers 550 5.1.1 to RCPT TO".to_owned())
        );
    }
}
