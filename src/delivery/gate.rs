//! The gate that every email of an instance passes on its way to the sender.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::rate::{Admission, Rate};
use crate::{clock::Clock, store::SenderLimit, timestamp::Timestamp};

/// How often an email asks again while too many are in flight. No task of a component can wake another
/// one: wit-bindgen 0.57 can do that only with its feature `inter-task-wakeup`, which spin-sdk 7
/// leaves off. Once it is on, an email that lands can wake the next one.
const POLL: Duration = Duration::from_millis(50);

/// How long the same configuration fault is not reported again.
const REPORT_SECONDS: i64 = 60;

/// The gate that every email of an instance passes on its way to the sender: those that are sent right
/// after a 202, and those that a run of the trigger sends.
#[derive(Debug, Default)]
pub struct SendGate {
    rate: Mutex<Rate>,
    /// The configuration fault that was reported last, and when.
    fault: Mutex<Option<(Timestamp, String)>>,
}

/// Why an email did not pass the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// The sender takes none before the deadline.
    Paused,
    /// Its turn did not come before the deadline.
    OutOfTime,
}

/// The right to send one email. It counts as in flight until this is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a>(&'a SendGate);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.lock().land();
    }
}

impl SendGate {
    /// Waits until an email may leave, at most until the deadline.
    pub(super) async fn admit(
        &self,
        clock: &impl Clock,
        send_rate: u32,
        deadline: Timestamp,
    ) -> Result<Permit<'_>, Held> {
        let mut has_moment = false;
        loop {
            let now = clock.now();
            let admission = self.lock().admit(now, send_rate, has_moment, deadline);
            has_moment = matches!(admission, Admission::At(_) | Admission::Busy);
            let (until, held) = match admission {
                Admission::Now => return Ok(Permit(self)),
                Admission::At(at) => (at, None),
                Admission::Paused(until) if until > deadline => return Err(Held::Paused),
                Admission::Paused(until) => (until, None),
                Admission::Busy if now < deadline => (now.plus(POLL), None),
                // Waits even so: the order is taken up again at once.
                Admission::Busy | Admission::Late => (deadline, Some(Held::OutOfTime)),
            };
            clock.sleep(until.duration_since(now)).await;
            if let Some(held) = held {
                return Err(held);
            }
        }
    }

    /// Takes in that the provider has accepted an email.
    pub(super) fn accept(&self, now: Timestamp) {
        self.lock().accept(now);
    }

    /// Takes over a limit that any instance has met.
    pub(super) fn learn(&self, limit: SenderLimit) {
        self.lock().learn(limit);
    }

    /// Takes in that the provider has refused an email, and takes none before `until`. Returns the
    /// limit for all instances.
    pub(super) fn refuse(&self, now: Timestamp, until: Timestamp) -> SenderLimit {
        self.lock().refuse(now, until)
    }

    /// Tells whether a configuration fault is to be reported: it is another one than the last, or that
    /// was reported a while ago. While a sender is misconfigured, it fails for every email.
    pub(super) fn is_news(&self, now: Timestamp, reason: &str) -> bool {
        let mut last = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = last
            .as_ref()
            .is_some_and(|(at, known)| known == reason && now.seconds_apart(*at) < REPORT_SECONDS);
        if !is_known {
            *last = Some((now, reason.to_owned()));
        }
        !is_known
    }

    fn lock(&self) -> MutexGuard<'_, Rate> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
