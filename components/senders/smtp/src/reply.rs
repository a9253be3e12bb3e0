//! Replies of a relay (RFC 5321, section 4.2), with enhanced status codes (RFC 3463).

use std::fmt;

/// How much a relay may say in one reply.
const LARGEST: usize = 64 * 1024;

/// One reply, of one line or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) enhanced: Option<Enhanced>,
    /// What each line says after the code.
    pub(crate) lines: Vec<String>,
}

/// What an enhanced status code says beyond its class: the `x.y` of `5.x.y`.
pub(crate) type Enhanced = (u16, u16);

/// Bytes that are no reply.
#[derive(Debug, thiserror::Error)]
#[error("the relay's answer is no SMTP reply")]
pub(crate) struct BadReply;

impl Reply {
    /// Whether the command is done, or to be continued.
    pub(crate) fn is_positive(&self) -> bool {
        matches!(self.code, 200..=399)
    }

    /// Whether the same may work later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.code, 400..=499)
    }
}

/// Only the codes: the text of a reply often holds an address.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((subject, detail)) = self.enhanced {
            write!(f, " {}.{subject}.{detail}", self.code / 100)?;
        }
        Ok(())
    }
}

/// What has been received and is not yet a reply.
#[derive(Debug, Default)]
pub(crate) struct ReplyBuffer {
    received: Vec<u8>,
    /// The lines of a reply that goes on.
    begun: Vec<(u16, String)>,
}

impl ReplyBuffer {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), BadReply> {
        self.received.extend_from_slice(bytes);
        let begun: usize = self.begun.iter().map(|(_, line)| line.len()).sum();
        if self.received.len() + begun > LARGEST {
            return Err(BadReply);
        }
        Ok(())
    }

    /// The next reply, once it is there as a whole.
    pub(crate) fn next(&mut self) -> Result<Option<Reply>, BadReply> {
        while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.received.drain(..=end).collect();
            let (code, last, text) = line_of(&line).ok_or(BadReply)?;
            if self.begun.iter().any(|(begun, _)| *begun != code) {
                return Err(BadReply);
            }
            self.begun.push((code, text));
            if last {
                let lines: Vec<_> = self.begun.drain(..).map(|(_, text)| text).collect();
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

/// Code, whether it is the last, and text of one line.
fn line_of(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\r', '\n']);
    let (code, rest) = line.split_at_checked(3)?;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| digits && *code >= 200)?;
    let last = match rest.bytes().next() {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    Some((code, last, rest.get(1..).unwrap_or_default().to_owned()))
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
    fn a_reply_is_whole_however_it_arrives() {
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
    fn enhanced_codes_agree_with_the_code() {
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
    fn several_at_once_are_several() {
        let codes: Vec<_> = replies(&["250 a\r\n354 b\r\n"])
            .unwrap()
            .iter()
            .map(|reply| reply.code)
            .collect();
        assert_eq!(codes, [250, 354]);
    }

    #[test]
    fn what_is_no_reply() {
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
        assert!(replies(&[&"2".repeat(LARGEST + 1)]).is_err());
        let endless = "250-a\r\n".repeat(LARGEST);
        assert!(replies(&[&endless]).is_err());
    }
}
