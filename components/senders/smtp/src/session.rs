//! The SMTP session with a relay (RFC 5321): one connection, one email.

use std::net::SocketAddr;

use sender_shared::Failure;

use crate::{
    classify::{self, Step},
    message::Message,
    reply::{Reply, ReplyBuffer},
};

/// A byte stream to and from a relay.
pub(crate) trait Connection {
    /// Sends all bytes.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ConnectionError>;

    /// Receives the next bytes, at least one.
    async fn read(&mut self) -> Result<Vec<u8>, ConnectionError>;

    /// Returns the local address, as the relay sees it.
    fn local_address(&self) -> Result<SocketAddr, ConnectionError>;
}

/// A connection that cannot be opened, or no longer be used.
#[derive(Debug, thiserror::Error)]
#[error("the connection to the relay: {0}")]
pub(crate) struct ConnectionError(pub(crate) String);

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        Self::Transient(error.to_string())
    }
}

/// The extensions that a relay offers (RFC 5321, section 4.1.1.1).
#[derive(Debug, Default, PartialEq, Eq)]
struct Extensions {
    utf8: bool,
    /// The maximum message size, if the relay offers SIZE (RFC 1870).
    max_size: Option<usize>,
}

/// An SMTP session.
pub(crate) struct Session<C> {
    connection: C,
    replies: ReplyBuffer,
}

impl<C: Connection> Session<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self {
            connection,
            replies: ReplyBuffer::default(),
        }
    }

    /// Sends the message. After success, the relay is responsible for it.
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
        self.connection.write(dot_stuffed(&message.text)).await?;
        let reply = self.reply().await?;
        expect(reply, Step::Message, 250)?;
        Ok(())
    }

    /// Ends the session, after success or failure.
    pub(crate) async fn quit(mut self) {
        if self.connection.write(b"QUIT\r\n".to_vec()).await.is_ok() {
            // Waits only so that the relay can close the connection first.
            let _ = self.reply().await;
        }
    }

    async fn hello(&mut self) -> Result<Extensions, Failure> {
        let name = address_literal(self.connection.local_address()?);
        self.write(&format!("EHLO {name}")).await?;
        let reply = self.reply().await?;
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            // The relay does not support EHLO (RFC 5321, section 3.2).
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

    async fn write(&mut self, command: &str) -> Result<(), ConnectionError> {
        self.connection
            .write(format!("{command}\r\n").into_bytes())
            .await
    }

    async fn reply(&mut self) -> Result<Reply, ConnectionError> {
        loop {
            let next = self.replies.next();
            if let Some(reply) = next.map_err(|error| ConnectionError(error.to_string()))? {
                return Ok(reply);
            }
            let bytes = self.connection.read().await?;
            let pushed = self.replies.push(&bytes);
            pushed.map_err(|error| ConnectionError(error.to_string()))?;
        }
    }
}

/// Returns the reply if it has the expected code, else the failure that it means.
fn expect(reply: Reply, step: Step, code: u16) -> Result<Reply, Failure> {
    // 251 is a success, too: the relay forwards the email.
    if reply.code == code || (step == Step::RcptTo && reply.code == 251) {
        Ok(reply)
    } else {
        Err(classify::reply(step, &reply))
    }
}

impl Extensions {
    fn of(reply: &Reply) -> Self {
        let mut extensions = Self::default();
        // The first line is the name of the relay.
        for line in reply.lines.iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                "SMTPUTF8" => extensions.utf8 = true,
                "SIZE" => {
                    let limit = words.next().and_then(|word| word.parse().ok());
                    // Zero means no limit (RFC 1870).
                    let limit = limit.filter(|limit| *limit > 0);
                    extensions.max_size = Some(limit.unwrap_or(usize::MAX));
                }
                _ => {}
            }
        }
        extensions
    }
}

/// Returns the parameters of MAIL FROM, or a failure if the relay cannot accept the message.
fn parameters(message: &Message, extensions: &Extensions) -> Result<String, Failure> {
    let mut parameters = Vec::new();
    if let Some(limit) = extensions.max_size {
        let size = message.text.len();
        if size > limit {
            let text = format!("{size} bytes, more than the relay accepts");
            return Err(Failure::TooLarge(text));
        }
        parameters.push(format!(" SIZE={size}"));
    }
    if message.needs_utf8() {
        if !extensions.utf8 {
            let text = "a non-ASCII address, and the relay does not support SMTPUTF8".to_owned();
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

/// Doubles the dot at the start of a line, and appends the end mark (RFC 5321, section 4.5.2).
fn dot_stuffed(text: &[u8]) -> Vec<u8> {
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

/// Returns an address literal for EHLO (RFC 5321, section 4.1.3).
fn address_literal(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => format!("[{}]", address.ip()),
        SocketAddr::V6(address) => format!("[IPv6:{}]", address.ip()),
    }
}

#[cfg(test)]
mod tests;
