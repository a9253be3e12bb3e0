//! The sessions and the experience with relays that an instance keeps.

use std::{
    cell::RefCell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::session::{Connection, Session};

/// How long an unused session is kept. Relays allow five minutes (RFC 5321, section 4.5.3.2.7).
const KEPT: Duration = Duration::from_secs(5);

/// How long other relays are preferred to one that was unavailable.
const AVOIDED: Duration = Duration::from_secs(30);

/// The maximum number of unused sessions.
const MAX_IDLE: usize = 16;

/// The unused sessions and the unavailable relays.
pub(crate) struct Pool<C> {
    idle: RefCell<Vec<Idle<C>>>,
    /// The relays that were unavailable, and when.
    unavailable: RefCell<Vec<(SocketAddr, Instant)>>,
}

struct Idle<C> {
    relay: SocketAddr,
    since: Instant,
    session: Session<C>,
}

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self {
            idle: RefCell::default(),
            unavailable: RefCell::default(),
        }
    }
}

impl<C: Connection> Pool<C> {
    /// Returns the relays in the order in which to try them.
    pub(crate) fn by_availability(&self, relays: &[SocketAddr], now: Instant) -> Vec<SocketAddr> {
        let mut unavailable = self.unavailable.borrow_mut();
        unavailable.retain(|(_, at)| now.duration_since(*at) < AVOIDED);
        let is_avoided = |relay: &&SocketAddr| unavailable.iter().any(|(other, _)| other == *relay);
        let (avoided, preferred): (Vec<_>, Vec<_>) = relays.iter().partition(is_avoided);
        preferred.into_iter().chain(avoided).copied().collect()
    }

    /// Notes that a relay is unavailable. The sessions with it are likely to be of no use.
    pub(crate) fn set_unavailable(&self, relay: SocketAddr, now: Instant) {
        self.idle.borrow_mut().retain(|idle| idle.relay != relay);
        self.unavailable.borrow_mut().push((relay, now));
    }

    /// Takes the session with a relay that was used last.
    pub(crate) fn take(&self, relay: SocketAddr) -> Option<Session<C>> {
        let mut idle = self.idle.borrow_mut();
        let position = idle.iter().rposition(|idle| idle.relay == relay)?;
        Some(idle.remove(position).session)
    }

    /// Keeps a session for other emails.
    pub(crate) fn put(&self, relay: SocketAddr, session: Session<C>, now: Instant) {
        self.idle.borrow_mut().push(Idle {
            relay,
            since: now,
            session,
        });
    }

    /// Takes the sessions that are to be ended: worn ones, too old ones, and those above the maximum.
    pub(crate) fn take_expired(&self, now: Instant) -> Vec<Session<C>> {
        let mut idle = self.idle.borrow_mut();
        let (expired, kept): (Vec<_>, Vec<_>) = idle
            .drain(..)
            .partition(|idle| idle.session.is_worn() || now.duration_since(idle.since) >= KEPT);
        *idle = kept;
        let surplus = idle.len().saturating_sub(MAX_IDLE);
        let expired = expired.into_iter().chain(idle.drain(..surplus));
        expired.map(|idle| idle.session).collect()
    }
}
