//! The exchange with a relay (RFC 5321): one connection, one email.

use std::net::SocketAddr;

use crate::{
    bindings::exports::email_orders::sender::sender::Failure,
    message::Message,
    reply::{Reply, ReplyBuffer},
    verdict::{self, Step},
};

/// Bytes to and from a relay.
pub(crate) trait Connection {
    /// Sends all of these.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Broken>;

    /// The next bytes that arrive, at least one.
    async fn read(&mut self) -> Result<Vec<u8>, Broken>;

    /// The address that the relay sees.
    fn local_address(&self) -> Result<SocketAddr, Broken>;
}

/// A connection that cannot be used, any more or at all.
#[derive(Debug, thiserror::Error)]
#[error("the connection to the relay: {0}")]
pub(crate) struct Broken(pub(crate) String);

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Transient(broken.to_string())
    }
}

/// What a relay says it can do (RFC 5321, section 4.1.1.1).
#[derive(Debug, Default, PartialEq, Eq)]
struct Extensions {
    utf8: bool,
    /// The most it takes, where it takes the size in advance.
    size: Option<usize>,
}

/// A conversation.
pub(crate) struct Exchange<C> {
    connection: C,
    replies: ReplyBuffer,
}

impl<C: Connection> Exchange<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self {
            connection,
            replies: ReplyBuffer::default(),
        }
    }

    /// Hands the message over; when this returns well, it is the relay's.
    pub(crate) async fn send(&mut self, message: &Message) -> Result<(), Failure> {
        let greeting = self.reply().await?;
        expect(greeting, Step::Connect, 220)?;
        let extensions = self.hello().await?;
        let parameters = parameters(message, &extensions)?;
        let mail = format!("MAIL FROM:<{}>{parameters}", message.from);
        self.command(Step::MailFrom, &mail, 250).await?;
        let rcpt = format!("RCPT TO:<{}>", message.to);
        self.command(Step::RcptTo, &rcpt, 250).await?;
        self.command(Step::Data, "DATA", 354).await?;
        self.connection.write(transparent(&message.text)).await?;
        let taken = self.reply().await?;
        expect(taken, Step::Message, 250)?;
        Ok(())
    }

    /// Says goodbye, whatever has happened.
    pub(crate) async fn quit(mut self) {
        if self.connection.write(b"QUIT\r\n".to_vec()).await.is_ok() {
            // Only so that the relay can end the connection in order.
            let _ = self.reply().await;
        }
    }

    async fn hello(&mut self) -> Result<Extensions, Failure> {
        let name = literal(self.connection.local_address()?);
        self.write(&format!("EHLO {name}")).await?;
        let reply = self.reply().await?;
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            // A relay from before extensions (RFC 5321, section 3.2).
            self.command(Step::Hello, &format!("HELO {name}"), 250)
                .await?;
            return Ok(Extensions::default());
        }
        expect(reply, Step::Hello, 250).map(|reply| Extensions::of(&reply))
    }

    async fn command(&mut self, step: Step, command: &str, code: u16) -> Result<Reply, Failure> {
        self.write(command).await?;
        let reply = self.reply().await?;
        expect(reply, step, code)
    }

    async fn write(&mut self, command: &str) -> Result<(), Broken> {
        self.connection
            .write(format!("{command}\r\n").into_bytes())
            .await
    }

    async fn reply(&mut self) -> Result<Reply, Broken> {
        loop {
            let next = self.replies.next();
            if let Some(reply) = next.map_err(|bad| Broken(bad.to_string()))? {
                return Ok(reply);
            }
            let bytes = self.connection.read().await?;
            let pushed = self.replies.push(&bytes);
            pushed.map_err(|bad| Broken(bad.to_string()))?;
        }
    }
}

fn expect(reply: Reply, step: Step, code: u16) -> Result<Reply, Failure> {
    // 251 is 250 for a recipient that the relay forwards to.
    if reply.code == code || (step == Step::RcptTo && reply.code == 251) {
        Ok(reply)
    } else {
        Err(verdict::failure(step, &reply))
    }
}

impl Extensions {
    fn of(reply: &Reply) -> Self {
        let mut extensions = Self::default();
        // The first line is the relay's name.
        for line in reply.lines.iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                "SMTPUTF8" => extensions.utf8 = true,
                "SIZE" => {
                    let most = words.next().and_then(|word| word.parse().ok());
                    // Zero is no limit (RFC 1870).
                    let most = most.filter(|most| *most > 0);
                    extensions.size = Some(most.unwrap_or(usize::MAX));
                }
                _ => {}
            }
        }
        extensions
    }
}

/// The parameters of MAIL FROM; a failure where the relay cannot take the message.
fn parameters(message: &Message, extensions: &Extensions) -> Result<String, Failure> {
    let mut parameters = Vec::new();
    if let Some(most) = extensions.size {
        let size = message.text.len();
        if size > most {
            let text = format!("{size} bytes, more than the relay takes");
            return Err(Failure::TooLarge(text));
        }
        parameters.push(format!(" SIZE={size}"));
    }
    if message.needs_utf8() {
        if !extensions.utf8 {
            let text = "an address outside of ASCII, and the relay has no SMTPUTF8".to_owned();
            return Err(if message.to.needs_utf8() {
                Failure::InvalidAddress(text)
            } else {
                Failure::Rejected(text)
            });
        }
        parameters.push(" BODY=8BITMIME SMTPUTF8".to_owned());
    }
    Ok(parameters.concat())
}

/// The message so that no line of it ends it, and its end (RFC 5321, section 4.5.2).
fn transparent(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// An address as EHLO takes it (RFC 5321, section 4.1.3).
fn literal(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => format!("[{}]", address.ip()),
        SocketAddr::V6(address) => format!("[IPv6:{}]", address.ip()),
    }
}

#[cfg(test)]
mod tests;
