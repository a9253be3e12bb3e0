//! Replies of a relay (RFC 5321, section 4.2), with enhanced status codes (RFC 3463).
//!
//! This parser is our own because that of smtp-proto 0.2.5 reads a reply by its first line alone:
//! `250-a`, `550 b` is a success there, and a refused email would count as sent. It also accepts
//! codes below 200 and replies of any length, and reads the detail 500 of `4.7.500` as
//! 255. Replace this module once smtp-proto refuses such replies.

use std::fmt;

/// The maximum size of one reply, in bytes.
const MAX_REPLY: usize = 64 * 1024;

/// One reply, of one or more lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) enhanced: Option<Enhanced>,
    /// The text of each line after the code.
    pub(crate) lines: Vec<String>,
}

/// The subject and detail of an enhanced status code: the `x.y` of `5.x.y`.
pub(crate) type Enhanced = (u16, u16);

/// The error for bytes that are not a reply.
#[derive(Debug, thiserror::Error)]
#[error("the relay's answer is not an SMTP reply")]
pub(crate) struct BadReply;

impl Reply {
    /// Returns whether the command succeeded, or is to be continued.
    pub(crate) fn is_positive(&self) -> bool {
        matches!(self.code, 200..=399)
    }

    /// Returns whether a retry may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.code, 400..=499)
    }
}

/// Shows the codes only: the text of a reply often contains an address.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((subject, detail)) = self.enhanced {
            write!(f, " {}.{subject}.{detail}", self.code / 100)?;
        }
        Ok(())
    }
}

/// The received bytes that do not yet form a reply.
#[derive(Debug, Default)]
pub(crate) struct ReplyBuffer {
    received: Vec<u8>,
    /// The lines of an incomplete reply.
    partial: Vec<(u16, String)>,
}

impl ReplyBuffer {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), BadReply> {
        self.received.extend_from_slice(bytes);
        let partial: usize = self.partial.iter().map(|(_, line)| line.len()).sum();
        if self.received.len() + partial > MAX_REPLY {
            return Err(BadReply);
        }
        Ok(())
    }

    /// Returns the next reply, once it is complete.
    pub(crate) fn next(&mut self) -> Result<Option<Reply>, BadReply> {
        while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.received.drain(..=end).collect();
            let (code, is_last, text) = parse_line(&line).ok_or(BadReply)?;
            if self.partial.iter().any(|(other, _)| *other != code) {
                return Err(BadReply);
            }
            self.partial.push((code, text));
            if is_last {
                let lines: Vec<_> = self.partial.drain(..).map(|(_, text)| text).collect();
                return Ok(Some(Reply {
                    code,
                    enhanced: lines.first().and_then(|line| enhanced(code, line)),
                    lines,
                }));
            }
        }
        Ok(None)
    }
}

/// Parses one line: its code, whether it is the last line of the reply, and its text.
fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\r', '\n']);
    let (code, rest) = line.split_at_checked(3)?;
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| is_number && *code >= 200)?;
    let is_last = match rest.bytes().next() {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    Some((code, is_last, rest.get(1..).unwrap_or_default().to_owned()))
}

fn enhanced(code: u16, line: &str) -> Option<Enhanced> {
    let mut parts = line.split(' ').next()?.split('.');
    let class: u16 = parts.next()?.parse().ok()?;
    let subject = parts.next()?.parse().ok()?;
    let detail = parts.next()?.parse().ok()?;
    (class == code / 100 && parts.next().is_none()).then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(chunks: &[&str]) -> Result<Vec<Reply>, BadReply> {
        let mut buffer = ReplyBuffer::default();
        let mut all = Vec::new();
        for chunk in chunks {
            buffer.push(chunk.as_bytes())?;
            while let Some(reply) = buffer.next()? {
                all.push(reply);
            }
        }
        Ok(all)
    }

    #[test]
    fn next_reply_in_any_chunks_is_complete() {
        for chunks in [
            &["250-relay\r\n250-SIZE 10\r\n250 SMTPUTF8\r\n"][..],
            &["250-re", "lay\r\n250-SIZE 10\r", "\n250 SMTP", "UTF8\r\n"],
        ] {
            let [reply] = &replies(chunks).unwrap()[..] else {
                panic!("one reply")
            };
            assert_eq!((reply.code, reply.enhanced), (250, None));
            assert_eq!(reply.lines, ["relay", "SIZE 10", "SMTPUTF8"]);
        }
    }

    #[test]
    fn next_enhanced_code_of_other_class_is_ignored() {
        for (line, enhanced, shown) in [
            ("550 5.1.1 <a@b.no> no such\r\n", Some((1, 1)), "550 5.1.1"),
            ("451 4.7.28 slow\n", Some((7, 28)), "451 4.7.28"),
            ("550 4.1.1 odd\r\n", None, "550"),
            ("550 5.1 odd\r\n", None, "550"),
            ("250\r\n", None, "250"),
        ] {
            let reply = &replies(&[line]).unwrap()[0];
            assert_eq!(reply.enhanced, enhanced, "{line}");
            assert_eq!(reply.to_string(), shown);
        }
    }

    #[test]
    fn next_two_replies_in_one_chunk_returns_both() {
        let codes: Vec<_> = replies(&["250 a\r\n354 b\r\n"])
            .unwrap()
            .iter()
            .map(|reply| reply.code)
            .collect();
        assert_eq!(codes, [250, 354]);
    }

    #[test]
    fn next_malformed_or_oversized_reply_fails() {
        for bytes in [
            "hello\r\n",
            "25\r\n",
            "+50 a\r\n",
            "199 a\r\n",
            "250_a\r\n",
            "250-a\r\n550 b\r\n",
        ] {
            assert!(replies(&[bytes]).is_err(), "{bytes}");
        }
        assert!(replies(&[&"2".repeat(MAX_REPLY + 1)]).is_err());
        let endless = "250-a\r\n".repeat(MAX_REPLY);
        assert!(replies(&[&endless]).is_err());
    }
}
