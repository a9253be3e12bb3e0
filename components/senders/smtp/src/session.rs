//! The SMTP session with a relay (RFC 5321): one connection, any number of emails.

use std::net::SocketAddr;

use sender_shared::Failure;

use crate::{
    classify::{self, Step},
    message::Message,
    reply::{Reply, ReplyBuffer},
    settings::HelloName,
};

/// The reply code that closes the session.
const CLOSING: u16 = 421;

/// The most emails of one session. OpenSMTPD (6.8) refuses the 101st, and every one after it, with 452.
const MAX_EMAILS: u32 = 50;

/// How many negative replies in a row end a session. After ten, Postfix (3.7) waits a second before each
/// reply, and after twenty it closes the session. An email takes up to four replies.
const MAX_ERRORS: u32 = 6;

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
pub(crate) enum ConnectionError {
    /// The host does not let the component connect.
    #[error("configuration: allowed_outbound_hosts does not include the relay")]
    Denied,
    #[error("the connection to the relay: {0}")]
    Failed(String),
}

/// Why a relay has not taken an email.
#[derive(Debug, PartialEq)]
pub(crate) enum SendError {
    /// The relay cannot be used now and has not got the text, so another relay may get it.
    Unavailable(Failure),
    /// The relay has refused the email.
    Refused(Failure),
    /// The whole text may have reached the relay, but no reply came: the relay may deliver it.
    Unanswered(String),
}

impl From<ConnectionError> for SendError {
    fn from(error: ConnectionError) -> Self {
        Self::Unavailable(Failure::Transient(error.to_string()))
    }
}

/// The extensions that a relay offers (RFC 5321, section 4.1.1.1).
#[derive(Debug, Default, PartialEq, Eq)]
struct Extensions {
    pipelining: bool,
    utf8: bool,
    /// The maximum message size, if the relay offers SIZE (RFC 1870).
    max_size: Option<usize>,
}

/// What the next command may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A new transaction.
    Idle,
    /// RSET, because a transaction has failed.
    Failed,
    /// None: the relay has closed the session, or does not expect a command.
    Closed,
}

/// An SMTP session after EHLO.
pub(crate) struct Session<C> {
    connection: C,
    replies: ReplyBuffer,
    extensions: Extensions,
    state: State,
    /// The emails so far.
    emails: u32,
    /// The negative replies since the relay has last taken an email.
    errors: u32,
}

impl<C: Connection> Session<C> {
    /// Begins a session on a new connection. Without a name, the client is its local address.
    pub(crate) async fn begin(connection: C, name: Option<&HelloName>) -> Result<Self, SendError> {
        let mut session = Self {
            connection,
            replies: ReplyBuffer::default(),
            extensions: Extensions::default(),
            state: State::Closed,
            emails: 0,
            errors: 0,
        };
        let greeting = session.reply().await?;
        expect(&greeting, Step::Connect).map_err(SendError::Unavailable)?;
        let name = match name {
            Some(name) => name.clone(),
            None => HelloName::of(session.connection.local_address()?),
        };
        session.hello(&name).await?;
        session.state = State::Idle;
        Ok(session)
    }

    /// Begins the transaction of a message: the relay then waits for its text.
    pub(crate) async fn prepare(&mut self, message: &Message) -> Result<(), SendError> {
        let parameters = parameters(message, &self.extensions).map_err(SendError::Refused)?;
        let is_failed = self.state == State::Failed;
        self.emails += 1;
        // Until all replies have come, nothing else can be sent.
        self.state = State::Closed;
        let commands = [
            (Step::Reset, "RSET".to_owned()),
            (
                Step::MailFrom,
                format!("MAIL FROM:<{}>{parameters}", message.from),
            ),
            (Step::RcptTo, format!("RCPT TO:<{}>", message.to)),
            (Step::Data, "DATA".to_owned()),
        ];
        let commands = if is_failed { &commands } else { &commands[1..] };
        if self.extensions.pipelining {
            let lines: String = commands
                .iter()
                .map(|(_, line)| format!("{line}\r\n"))
                .collect();
            self.connection.write(lines.into_bytes()).await?;
        }
        let mut refusal = None;
        let mut waits_for_text = false;
        for (step, line) in commands {
            if !self.extensions.pipelining {
                self.write(line).await?;
            }
            let reply = match self.reply().await {
                Ok(reply) if reply.code != CLOSING => reply,
                // A relay may close the session after it has refused the email.
                closed => {
                    let unavailable = match closed {
                        Ok(reply) => SendError::Unavailable(classify::reply(*step, &reply)),
                        Err(error) => error.into(),
                    };
                    return Err(refusal.map_or(unavailable, SendError::Refused));
                }
            };
            waits_for_text = *step == Step::Data && reply.code == Step::Data.success();
            match expect(&reply, *step) {
                Ok(()) => {}
                Err(failure) if *step == Step::Reset => {
                    return Err(SendError::Unavailable(failure));
                }
                Err(failure) => {
                    self.errors += 1;
                    refusal.get_or_insert(failure);
                    if !self.extensions.pipelining {
                        break;
                    }
                }
            }
        }
        let Some(refusal) = refusal else {
            return Ok(());
        };
        // Only the end of the connection tells a relay that waits for a text although it has refused
        // a command that there is none (RFC 2920, section 3.1).
        if !waits_for_text {
            self.state = State::Failed;
        }
        Err(SendError::Refused(refusal))
    }

    /// Sends the text of the prepared message. After success, the relay is responsible for it.
    pub(crate) async fn transmit(&mut self, message: &Message) -> Result<(), SendError> {
        // An incomplete text has no end mark, so the relay drops it.
        self.connection.write(dot_stuffed(&message.text)).await?;
        let unanswered = |error: ConnectionError| {
            SendError::Unanswered(format!("no answer to the text: {error}"))
        };
        let reply = self.reply().await.map_err(unanswered)?;
        let result = expect(&reply, Step::Message);
        match result {
            Ok(()) => self.errors = 0,
            Err(_) => self.errors += 1,
        }
        if reply.code != CLOSING {
            // The transaction is over, whatever the reply.
            self.state = State::Idle;
        }
        result.map_err(SendError::Refused)
    }

    /// Returns whether the session can send another email.
    pub(crate) fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    /// Returns whether the session has served its time: the relay may refuse or delay what comes next.
    pub(crate) fn is_worn(&self) -> bool {
        self.emails >= MAX_EMAILS || self.errors >= MAX_ERRORS
    }

    /// Ends the session. The reply does not matter, so nothing waits for it.
    pub(crate) async fn quit(mut self) {
        if self.is_open() {
            let _ = self.write("QUIT").await;
        }
    }

    async fn hello(&mut self, name: &HelloName) -> Result<(), SendError> {
        self.write(&format!("EHLO {name}")).await?;
        let mut reply = self.reply().await?;
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            // The relay does not support EHLO (RFC 5321, section 3.2).
            self.write(&format!("HELO {name}")).await?;
            reply = self.reply().await?;
            // The other lines of a reply to HELO do not list extensions.
            reply.lines.truncate(1);
        }
        expect(&reply, Step::Hello).map_err(SendError::Unavailable)?;
        self.extensions = Extensions::of(&reply);
        Ok(())
    }

    async fn write(&mut self, command: &str) -> Result<(), ConnectionError> {
        self.connection
            .write(format!("{command}\r\n").into_bytes())
            .await
    }

    async fn reply(&mut self) -> Result<Reply, ConnectionError> {
        loop {
            let next = self.replies.next();
            if let Some(reply) = next.map_err(|error| ConnectionError::Failed(error.to_string()))? {
                return Ok(reply);
            }
            let bytes = self.connection.read().await?;
            let pushed = self.replies.push(&bytes);
            pushed.map_err(|error| ConnectionError::Failed(error.to_string()))?;
        }
    }
}

/// Returns the failure that the reply means, unless it is the success of the step.
fn expect(reply: &Reply, step: Step) -> Result<(), Failure> {
    // 251 is a success, too: the relay forwards the email.
    if reply.code == step.success() || (step == Step::RcptTo && reply.code == 251) {
        Ok(())
    } else {
        Err(classify::reply(step, reply))
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
                "PIPELINING" => extensions.pipelining = true,
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
            let text = "a non-ASCII address, and the relay does not support SMTPUTF8";
            return Err(if message.to.needs_utf8() {
                Failure::InvalidAddress(text.to_owned())
            } else {
                Failure::Transient(format!("configuration: {text}"))
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

#[cfg(test)]
pub(crate) mod tests;
