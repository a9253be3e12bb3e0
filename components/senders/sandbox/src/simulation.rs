//! Simulated recipients: the local part of an address decides the result of an email.

use std::{fmt, str::FromStr, time::Duration};

use sender_shared::{Failure, Progress};

/// The behaviour of a recipient. The prefix of the local part selects it, in any case:
/// `bounced@example.no`, `Bounced-7@example.no`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulation {
    /// `accepted…`: accepted, without a later report.
    Accepted,
    /// `bounced…`: no such mailbox.
    Bounced,
    /// `rejected…`: refused permanently.
    Rejected,
    /// `suppressed…`: on a suppression list.
    Suppressed,
    /// `invalid…`: not a valid address.
    Invalid,
    /// `too-large…`: larger than the mailbox accepts.
    TooLarge,
    /// `rate-limited…`: always rate-limited.
    RateLimited,
    /// `transient-twice…`: delivered at the third attempt of each email.
    TransientTwice,
    /// `transient…`: always fails.
    Transient,
    /// `slow…`: delivered after [`Simulation::delay`].
    Slow,
    /// `delivered…`, and every other local part.
    Delivered,
}

/// The prefix of each simulation. The first match wins.
const NAMES: [(&str, Simulation); 11] = [
    ("accepted", Simulation::Accepted),
    ("bounced", Simulation::Bounced),
    ("rejected", Simulation::Rejected),
    ("suppressed", Simulation::Suppressed),
    ("invalid", Simulation::Invalid),
    ("too-large", Simulation::TooLarge),
    ("rate-limited", Simulation::RateLimited),
    ("transient-twice", Simulation::TransientTwice),
    ("transient", Simulation::Transient),
    ("slow", Simulation::Slow),
    ("delivered", Simulation::Delivered),
];

impl Simulation {
    /// The waiting time that a rate limit names.
    pub const RETRY_AFTER: Duration = Duration::from_secs(5);

    /// Returns the behaviour of the recipient with this address.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let local = address.split('@').next().unwrap_or_default();
        let local = local.to_lowercase();
        NAMES
            .into_iter()
            .find(|(name, _)| local.starts_with(name))
            .map_or(Self::Delivered, |(_, simulation)| simulation)
    }

    /// Returns how long sending takes.
    #[must_use]
    pub fn delay(self) -> Duration {
        match self {
            Self::Slow => Duration::from_secs(3),
            _ => Duration::ZERO,
        }
    }

    /// Returns whether the outcome depends on the number of the attempt.
    #[must_use]
    pub fn depends_on_attempt(self) -> bool {
        matches!(self, Self::TransientTwice)
    }

    /// Returns the outcome of an attempt. Attempts are counted from one.
    #[must_use]
    pub fn outcome(self, attempt: u64) -> SimulatedOutcome {
        match self {
            Self::Accepted => SimulatedOutcome::Accepted,
            Self::Bounced => SimulatedOutcome::Bounced,
            Self::Rejected => SimulatedOutcome::Rejected,
            Self::Suppressed => SimulatedOutcome::Suppressed,
            Self::Invalid => SimulatedOutcome::Invalid,
            Self::TooLarge => SimulatedOutcome::TooLarge,
            Self::RateLimited => SimulatedOutcome::RateLimited,
            Self::TransientTwice if attempt <= 2 => SimulatedOutcome::Transient,
            Self::Transient => SimulatedOutcome::Transient,
            Self::TransientTwice | Self::Slow | Self::Delivered => SimulatedOutcome::Delivered,
        }
    }
}

/// The outcome of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented by the simulations")]
pub enum SimulatedOutcome {
    Delivered,
    Accepted,
    Bounced,
    Rejected,
    Suppressed,
    Invalid,
    TooLarge,
    RateLimited,
    Transient,
}

impl SimulatedOutcome {
    const ALL: [(Self, &str); 9] = [
        (Self::Delivered, "delivered"),
        (Self::Accepted, "accepted"),
        (Self::Bounced, "bounced"),
        (Self::Rejected, "rejected"),
        (Self::Suppressed, "suppressed"),
        (Self::Invalid, "invalid"),
        (Self::TooLarge, "too-large"),
        (Self::RateLimited, "rate-limited"),
        (Self::Transient, "transient"),
    ];

    /// Returns whether the attempt counts as sent.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Delivered | Self::Accepted)
    }

    /// Returns the sender's result for this outcome.
    pub(crate) fn result(self) -> Result<Progress, Failure> {
        let text = || format!("simulated: {self}");
        Err(match self {
            Self::Delivered => return Ok(Progress::Delivered),
            Self::Accepted => return Ok(Progress::Accepted),
            Self::Bounced => Failure::Bounced(text()),
            Self::Rejected => Failure::Rejected(text()),
            Self::Suppressed => Failure::Suppressed(text()),
            Self::Invalid => Failure::InvalidAddress(text()),
            Self::TooLarge => Failure::TooLarge(text()),
            Self::RateLimited => {
                let seconds = u32::try_from(Simulation::RETRY_AFTER.as_secs());
                Failure::RateLimited(seconds.ok())
            }
            Self::Transient => Failure::Transient(text()),
        })
    }
}

impl fmt::Display for SimulatedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Self::ALL[*self as usize];
        f.write_str(name)
    }
}

impl FromStr for SimulatedOutcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let has_name = |(_, name): &(Self, &str)| *name == text;
        let found = Self::ALL.into_iter().find(has_name);
        found.map(|(outcome, _)| outcome).ok_or(UnknownOutcome)
    }
}

/// The error for an unknown name of an outcome.
#[derive(Debug, thiserror::Error)]
#[error("unknown outcome")]
pub struct UnknownOutcome;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_address_matches_prefix_of_local_part() {
        for (address, simulation) in [
            ("delivered@example.no", Simulation::Delivered),
            ("someone@bounced.example.no", Simulation::Delivered),
            ("Bounced-7@example.no", Simulation::Bounced),
            ("transient-twice.1@example.no", Simulation::TransientTwice),
            ("transient@example.no", Simulation::Transient),
            ("too-large@example.no", Simulation::TooLarge),
            ("åse@example.no", Simulation::Delivered),
            ("", Simulation::Delivered),
        ] {
            assert_eq!(Simulation::of(address), simulation, "{address}");
        }
    }

    #[test]
    fn outcome_of_transient_twice_is_delivered_at_third_attempt() {
        let outcomes = [1, 2, 3, 4].map(|n| Simulation::TransientTwice.outcome(n));
        assert_eq!(
            outcomes,
            [
                SimulatedOutcome::Transient,
                SimulatedOutcome::Transient,
                SimulatedOutcome::Delivered,
                SimulatedOutcome::Delivered
            ]
        );
        assert_eq!(
            Simulation::Transient.outcome(9),
            SimulatedOutcome::Transient
        );
    }

    #[test]
    fn from_str_of_each_name_returns_outcome() {
        for (outcome, name) in SimulatedOutcome::ALL {
            assert_eq!(outcome.to_string(), name);
            assert_eq!(name.parse::<SimulatedOutcome>().unwrap(), outcome);
            assert_eq!(outcome.result().is_ok(), outcome.is_sent());
        }
    }
}
