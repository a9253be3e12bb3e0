//! How fast emails may leave: the rules, without a clock.
//!
//! - **Rate.** A token bucket with room for one email: each email takes the next free moment, and the
//!   moments are as far apart as the rate says. The rate is the configured one, or the one that
//!   remains of a limit if that is lower.
//! - **Limit.** When the provider takes no more emails, nothing leaves until the time that it names,
//!   and never earlier than a time that is already known. Then sending begins again gently: at the rate
//!   of the last second, spread over that second and the pause. The rate grows steadily until the next
//!   limit, which halves it (additive increase, multiplicative decrease).
//! - **In flight.** At most [`MAX_IN_FLIGHT`] emails are with the sender at the same time, whichever
//!   orders they are of.

use std::time::Duration;

use crate::{store::SenderLimit, timestamp::Timestamp};

/// The number of emails that an instance sends at the same time. A sender may need a connection for
/// each.
const MAX_IN_FLIGHT: u32 = 16;

/// The lowest rate after a limit, in emails per 1,000 seconds. Below that, the pauses that the provider
/// asks for set the pace.
const LOWEST: u32 = 1_000;

/// By how much the rate grows in each second after a limit.
const GROWTH: u64 = 250;

/// The state of an instance's sends.
#[derive(Debug, Default)]
pub(super) struct Rate {
    limit: Option<SenderLimit>,
    /// The first moment that no email has taken.
    next: Option<Timestamp>,
    in_flight: u32,
    /// A second, and the emails that were accepted in it and in the one before.
    second: i64,
    accepted: u32,
    accepted_before: u32,
}

/// Whether an email may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may leave now. It counts as in flight.
    Now,
    /// It has taken this moment.
    At(Timestamp),
    /// No email leaves before this time. It loses the moment that it may have taken.
    Paused(Timestamp),
    /// Too many emails are in flight. It keeps its moment.
    Busy,
    /// No moment before the deadline is free.
    Late,
}

impl Rate {
    /// Asks for an email, which may have taken a moment that has come by now. `send_rate` is the
    /// configured number of emails in 1,000 seconds; 0 stands for any.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        send_rate: u32,
        has_moment: bool,
        deadline: Timestamp,
    ) -> Admission {
        if let Some(limit) = self.limit.filter(|limit| limit.until > now) {
            return Admission::Paused(limit.until);
        }
        if !has_moment && let Some(interval) = self.interval(now, send_rate) {
            let at = self.next.filter(|next| *next > now).unwrap_or(now);
            if at > deadline {
                return Admission::Late;
            }
            self.next = Some(at.plus(interval));
            if at > now {
                return Admission::At(at);
            }
        }
        if self.in_flight >= MAX_IN_FLIGHT {
            return Admission::Busy;
        }
        self.in_flight += 1;
        Admission::Now
    }

    /// Ends the flight of an email.
    pub(super) fn land(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Counts an email that was accepted.
    pub(super) fn accept(&mut self, now: Timestamp) {
        self.turn_to(now);
        self.accepted += 1;
    }

    /// Takes over a limit that any instance has met.
    pub(super) fn learn(&mut self, limit: SenderLimit) {
        if self.limit.is_none_or(|known| known.until < limit.until) {
            self.limit = Some(limit);
        }
    }

    /// Takes in that the provider has refused an email, and takes none before `until`. Returns the
    /// limit for all instances.
    pub(super) fn refuse(&mut self, now: Timestamp, until: Timestamp) -> SenderLimit {
        let limit = match self.limit {
            // The email left before the limit was known.
            Some(known) if known.until > now => SenderLimit {
                until: until.max(known.until),
                ..known
            },
            known => {
                self.turn_to(now);
                let observed = self
                    .accepted
                    .max(self.accepted_before)
                    .saturating_mul(1_000);
                let pause = u32::try_from(until.seconds_apart(now)).unwrap_or(u32::MAX);
                let halved = known.map(|known| rate_at(known, now) / 2);
                let rate = halved
                    .filter(|halved| *halved <= observed)
                    .unwrap_or(observed / pause.saturating_add(1));
                SenderLimit {
                    until,
                    rate: rate.max(LOWEST),
                }
            }
        };
        self.limit = Some(limit);
        limit
    }

    /// Returns the time between two emails; None if they need none.
    fn interval(&self, now: Timestamp, send_rate: u32) -> Option<Duration> {
        let limited = self.limit.map(|limit| rate_at(limit, now));
        let configured = (send_rate > 0).then_some(send_rate);
        let rate = limited.into_iter().chain(configured).min()?;
        Some(Duration::from_micros(
            1_000_000_000 / u64::from(rate.max(1)),
        ))
    }

    /// Begins to count a second.
    fn turn_to(&mut self, now: Timestamp) {
        let second = now.unix_seconds();
        if second != self.second {
            let is_next = second == self.second + 1;
            self.accepted_before = if is_next { self.accepted } else { 0 };
            self.accepted = 0;
            self.second = second;
        }
    }
}

/// Returns the rate that remains of a limit.
fn rate_at(limit: SenderLimit, now: Timestamp) -> u32 {
    let since = now.duration_since(limit.until);
    let millis = since
        .as_secs()
        .saturating_mul(1_000)
        .saturating_add(since.subsec_millis().into());
    let grown = millis.saturating_mul(GROWTH) / 1_000;
    let grown = u32::try_from(grown).unwrap_or(u32::MAX);
    limit.rate.max(LOWEST).saturating_add(grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the time so many milliseconds after the beginning.
    fn at(milliseconds: u64) -> Timestamp {
        let start = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        start.plus(Duration::from_millis(milliseconds))
    }

    const FAR: u64 = 1_000_000;

    /// Lets an email leave.
    fn admit(rate: &mut Rate, now: u64, send_rate: u32) -> Admission {
        let admission = rate.admit(at(now), send_rate, false, at(FAR));
        if admission == Admission::Now {
            rate.land();
        }
        admission
    }

    #[test]
    fn emails_without_a_rate_leave_at_once() {
        let mut rate = Rate::default();
        for _ in 0..1_000 {
            assert_eq!(admit(&mut rate, 0, 0), Admission::Now);
        }
    }

    #[test]
    fn emails_take_moments_at_the_configured_rate() {
        let mut rate = Rate::default();
        assert_eq!(admit(&mut rate, 0, 2_000), Admission::Now);
        assert_eq!(admit(&mut rate, 0, 2_000), Admission::At(at(500)));
        assert_eq!(admit(&mut rate, 100, 2_000), Admission::At(at(1_000)));
        // An email that has its moment takes no other one.
        let its = rate.admit(at(500), 2_000, true, at(FAR));
        assert_eq!(its, Admission::Now);
        // Moments that no email has taken are lost.
        assert_eq!(admit(&mut rate, 60_000, 2_000), Admission::Now);
        assert_eq!(admit(&mut rate, 60_000, 2_000), Admission::At(at(60_500)));
    }

    #[test]
    fn email_takes_no_moment_after_the_deadline() {
        let mut rate = Rate::default();
        assert_eq!(admit(&mut rate, 0, 100), Admission::Now);
        let late = rate.admit(at(0), 100, false, at(9_999));
        assert_eq!(late, Admission::Late);
        assert_eq!(admit(&mut rate, 0, 100), Admission::At(at(10_000)));
    }

    #[test]
    fn emails_in_flight_are_limited() {
        let mut rate = Rate::default();
        let ask = |rate: &mut Rate| rate.admit(at(0), 0, false, at(FAR));
        for _ in 0..16 {
            assert_eq!(ask(&mut rate), Admission::Now);
        }
        assert_eq!(ask(&mut rate), Admission::Busy);
        rate.land();
        assert_eq!(ask(&mut rate), Admission::Now);
        assert_eq!(ask(&mut rate), Admission::Busy);
    }

    #[test]
    fn limit_pauses_and_a_shorter_one_changes_nothing() {
        let mut rate = Rate::default();
        rate.refuse(at(0), at(10_000));
        rate.refuse(at(100), at(2_000));
        rate.learn(SenderLimit {
            until: at(5_000),
            rate: 1_000,
        });
        assert_eq!(admit(&mut rate, 9_999, 0), Admission::Paused(at(10_000)));
        assert_eq!(rate.refuse(at(200), at(20_000)).until, at(20_000));
        assert_eq!(admit(&mut rate, 19_999, 0), Admission::Paused(at(20_000)));
        assert_eq!(admit(&mut rate, 20_000, 0), Admission::Now);
    }

    /// Accepts emails at this time.
    fn accept(rate: &mut Rate, now: u64, emails: usize) {
        for _ in 0..emails {
            rate.accept(at(now));
        }
    }

    #[test]
    fn first_limit_spreads_the_last_second_over_the_pause() {
        for (pause, expected) in [(1_000, 6_000), (2_000, 4_000), (60_000, 1_000)] {
            let mut rate = Rate::default();
            accept(&mut rate, 900, 12);
            let limit = rate.refuse(at(1_100), at(1_100 + pause));
            assert_eq!(limit.rate, expected);
            // Refusals of emails that had left before are the same limit.
            let same = rate.refuse(at(1_200), at(1_200 + pause));
            assert_eq!((same.rate, same.until), (expected, at(1_200 + pause)));
        }
    }

    #[test]
    fn rate_grows_until_the_next_limit_halves_it() {
        let mut rate = Rate::default();
        let limit = SenderLimit {
            until: at(3_000),
            rate: 5_000,
        };
        rate.learn(limit);
        assert_eq!(rate_at(limit, at(3_000)), 5_000);
        assert_eq!(rate_at(limit, at(3_500)), 5_125);
        assert_eq!(rate_at(limit, at(7_000)), 6_000);
        assert_eq!(admit(&mut rate, 7_000, 0), Admission::Now);
        assert_eq!(
            admit(&mut rate, 7_000, 0),
            Admission::At(at(7_000).plus(Duration::from_micros(166_666)))
        );
        accept(&mut rate, 7_000, 6);
        assert_eq!(rate.refuse(at(7_000), at(9_000)).rate, 3_000);
    }

    #[test]
    fn limit_of_long_ago_counts_as_none() {
        let mut rate = Rate::default();
        rate.refuse(at(0), at(1_000));
        accept(&mut rate, 900_000, 12);
        assert_eq!(rate.refuse(at(900_000), at(902_000)).rate, 4_000);
    }

    #[test]
    fn rate_after_limits_is_not_lower_than_one_a_second() {
        let mut rate = Rate::default();
        for second in 0..5 {
            let now = second * 10_000;
            assert_eq!(rate.refuse(at(now), at(now + 1_000)).rate, 1_000);
        }
        let learnt = SenderLimit {
            until: at(100_000),
            rate: 0,
        };
        assert_eq!(rate_at(learnt, at(100_000)), 1_000);
    }

    #[test]
    fn lower_one_of_the_configured_and_the_remaining_rate_applies() {
        for (configured, moment) in [(1_000, 1_000), (100_000, 200)] {
            let mut rate = Rate::default();
            rate.learn(SenderLimit {
                until: at(0),
                rate: 5_000,
            });
            assert_eq!(admit(&mut rate, 0, configured), Admission::Now);
            let second = admit(&mut rate, 0, configured);
            assert_eq!(second, Admission::At(at(moment)), "{configured}");
        }
    }
}
