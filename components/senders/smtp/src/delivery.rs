//! The delivery of one email: relays in order of preference, kept sessions, and the time of a call.
//!
//! RFC 5321 (section 4.5.3.2) lets a relay take minutes for each step, but a call of a sender ends
//! after 30 seconds. The text is sent only if enough of this time is left for the reply to it,
//! because a repeat after an unanswered text may reach the recipient twice. Such a repeat is late and
//! rare ([`unanswered`](crate::unanswered)).

use std::{
    cell::Cell,
    net::SocketAddr,
    pin::pin,
    time::{Duration, Instant, SystemTime},
};

use sender_shared::Failure;

use crate::{
    message::Message,
    pool::Pool,
    session::{Connection, ConnectionError, SendError, Session},
    settings::Settings,
    unanswered::{Store, Unanswered},
};

/// The time in which a relay must be ready for the text, from the beginning of a call.
const READY_LIMIT: Duration = Duration::from_secs(18);

/// The time in which the relay must answer to the text, from the beginning of a call.
const ANSWER_LIMIT: Duration = Duration::from_secs(28);

/// The time for an answer to the text without a record. A host may end the call later on.
const RECORD_LIMIT: Duration = Duration::from_secs(10);

/// The time for opening a session while there are more relays.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

/// The time for sending QUIT in all sessions that end with a call.
const QUIT_LIMIT: Duration = Duration::from_millis(200);

/// The outside world, as a delivery uses it.
pub(crate) trait Network {
    type Connection: Connection;

    /// Opens a connection.
    async fn connect(&self, relay: SocketAddr) -> Result<Self::Connection, ConnectionError>;

    /// Awaits a future for at most `limit`. Returns `None` if the time is up.
    async fn within<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T>;

    /// Returns the current time.
    fn now(&self) -> Instant;

    /// Returns the current time of day.
    fn wall_clock(&self) -> SystemTime;
}

/// Delivers one message to the first relay that can be used.
pub(crate) async fn deliver<N: Network, S: Store>(
    network: &N,
    pool: &Pool<N::Connection>,
    record: &Unanswered<S>,
    settings: &Settings,
    message: &Message,
) -> Result<(), SendError> {
    let known = record.find(message.notification);
    if let Some(pause) = known.and_then(|entry| entry.pause(network.wall_clock())) {
        let minutes = pause.as_secs().div_ceil(60);
        let text = format!("a text without an answer is repeated in {minutes} min at the earliest");
        return Err(SendError::Refused(Failure::Transient(text)));
    }
    let delivery = Delivery {
        network,
        pool,
        record,
        settings,
        message,
        begun: network.now(),
        doubt: Cell::new(match known {
            Some(_) => Doubt::Earlier,
            None => Doubt::None,
        }),
    };
    // The relay may soon close these, so no email uses them.
    let mut expired = pool.take_expired(delivery.begun);
    let result = delivery.run().await;
    expired.extend(pool.take_expired(network.now()));
    // The outcome is known. The time limit keeps the ends of sessions from delaying it.
    let quitting = async {
        for session in expired {
            session.quit().await;
        }
    };
    network.within(QUIT_LIMIT, quitting).await;
    result
}

struct Delivery<'a, N: Network, S> {
    network: &'a N,
    pool: &'a Pool<N::Connection>,
    record: &'a Unanswered<S>,
    settings: &'a Settings,
    message: &'a Message,
    begun: Instant,
    doubt: Cell<Doubt>,
}

/// Whether the email has a record, as one whose text was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    /// From an earlier call.
    Earlier,
    /// From this call.
    New,
}

impl<N: Network, S: Store> Delivery<'_, N, S> {
    async fn run(&self) -> Result<(), SendError> {
        let mut relays = self
            .pool
            .by_availability(&self.settings.relays, self.begun)
            .into_iter()
            .peekable();
        let mut result = Err(SendError::Unavailable(Failure::Transient(
            "there is no relay".to_owned(),
        )));
        while let Some(relay) = relays.next() {
            result = self.send_to(relay, relays.peek().is_none()).await;
            if !matches!(result, Err(SendError::Unavailable(_))) {
                break;
            }
            self.pool.set_unavailable(relay, self.network.now());
            if self.left(READY_LIMIT).is_zero() {
                break;
            }
        }
        result
    }

    /// Sends the message to one relay, over a kept session if there is one.
    async fn send_to(&self, relay: SocketAddr, is_last: bool) -> Result<(), SendError> {
        if let Some(session) = self.pool.take(relay) {
            let result = self.send_over(relay, session).await;
            // The relay may have closed the unused session. A new session may succeed.
            let is_closed = matches!(result, Err(SendError::Unavailable(_)));
            if !is_closed || self.left(READY_LIMIT).is_zero() {
                return result;
            }
        }
        let left = self.left(READY_LIMIT);
        let limit = if is_last { left } else { left.min(OPEN_LIMIT) };
        let opening = async {
            let connection = self.network.connect(relay).await?;
            Session::begin(connection, self.settings.hello_name.as_ref()).await
        };
        let opened = self.network.within(limit, opening).await;
        let session = opened.unwrap_or_else(|| Err(too_slow("the session", limit)))?;
        self.send_over(relay, session).await
    }

    async fn send_over(
        &self,
        relay: SocketAddr,
        mut session: Session<N::Connection>,
    ) -> Result<(), SendError> {
        let result = self.transaction(&mut session).await;
        if session.is_open() {
            self.pool.put(relay, session, self.network.now());
        }
        result
    }

    async fn transaction(&self, session: &mut Session<N::Connection>) -> Result<(), SendError> {
        let limit = self.left(READY_LIMIT);
        let preparing = session.prepare(self.message);
        let prepared = self.network.within(limit, preparing).await;
        prepared.unwrap_or_else(|| Err(too_slow("the envelope", limit)))?;
        let mut transmitting = pin!(session.transmit(self.message));
        let limit = self.left(ANSWER_LIMIT);
        let first = limit.min(RECORD_LIMIT);
        let mut transmitted = self.network.within(first, transmitting.as_mut()).await;
        if transmitted.is_none() {
            // Before the wait ends, because a host may end the call together with the wait.
            self.add_record();
            let rest = limit.saturating_sub(first);
            transmitted = self.network.within(rest, transmitting).await;
        }
        let result = transmitted.unwrap_or_else(|| {
            let seconds = limit.as_secs();
            let text = format!("the relay did not answer to the text within {seconds} s");
            Err(SendError::Unanswered(text))
        });
        match &result {
            Err(SendError::Unanswered(_)) => self.add_record(),
            // Only an answer to the text ends the doubt about the earlier ones.
            Ok(()) | Err(SendError::Refused(_)) => self.remove_record(),
            Err(SendError::Unavailable(_)) => {}
        }
        result
    }

    /// Records that the text may have reached the relay, once in a call.
    fn add_record(&self) {
        if self.doubt.get() != Doubt::New {
            let now = self.network.wall_clock();
            self.record.add(self.message.notification, now);
            self.doubt.set(Doubt::New);
        }
    }

    fn remove_record(&self) {
        if self.doubt.get() != Doubt::None {
            self.record.remove(self.message.notification);
        }
    }

    /// Returns the time until a limit.
    fn left(&self, limit: Duration) -> Duration {
        let spent = self.network.now().duration_since(self.begun);
        limit.saturating_sub(spent)
    }
}

fn too_slow(what: &str, limit: Duration) -> SendError {
    let seconds = limit.as_secs();
    let text = format!("the relay took longer than {seconds} s for {what}");
    SendError::Unavailable(Failure::Transient(text))
}

#[cfg(test)]
mod tests;
