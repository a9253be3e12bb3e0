//! Simulated recipients: what becomes of an email, by the local part of its address.

use std::{fmt, str::FromStr, time::Duration};

use crate::bindings::exports::email_orders::sender::sender::{Failure, Progress};

/// How a recipient behaves. The local part of an address names it by what it begins with, in any
/// case: `bounced@example.no`, `Bounced-7@example.no`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulation {
    /// `accepted…`: taken, and never heard of again.
    Accepted,
    /// `bounced…`: no such mailbox.
    Bounced,
    /// `rejected…`: refused, for good.
    Rejected,
    /// `suppressed…`: on a suppression list.
    Suppressed,
    /// `invalid…`: no address.
    Invalid,
    /// `too-large…`: larger than this mailbox takes.
    TooLarge,
    /// `rate-limited…`: too many for now, always.
    RateLimited,
    /// `transient-twice…`: each email fails twice, then it is delivered.
    TransientTwice,
    /// `transient…`: fails, always.
    Transient,
    /// `slow…`: delivered after [`Simulation::delay`].
    Slow,
    /// `delivered…`, and everyone else.
    Delivered,
}

/// Which simulation a local part names; of two that fit, the first.
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
    /// How long the sender of a rate-limited email is told to wait.
    pub const RETRY_AFTER: Duration = Duration::from_secs(5);

    /// How the recipient of this address behaves.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let local = address.split('@').next().unwrap_or_default();
        let local = local.to_lowercase();
        NAMES
            .into_iter()
            .find(|(name, _)| local.starts_with(name))
            .map_or(Self::Delivered, |(_, simulation)| simulation)
    }

    /// How long it takes.
    #[must_use]
    pub fn delay(self) -> Duration {
        match self {
            Self::Slow => Duration::from_secs(3),
            _ => Duration::ZERO,
        }
    }

    /// Whether what becomes of an email depends on how often it was attempted.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::TransientTwice)
    }

    /// What becomes of an email at this attempt, counted from one if that matters.
    #[must_use]
    pub fn outcome(self, attempt: u64) -> Outcome {
        match self {
            Self::Accepted => Outcome::Accepted,
            Self::Bounced => Outcome::Bounced,
            Self::Rejected => Outcome::Rejected,
            Self::Suppressed => Outcome::Suppressed,
            Self::Invalid => Outcome::Invalid,
            Self::TooLarge => Outcome::TooLarge,
            Self::RateLimited => Outcome::RateLimited,
            Self::TransientTwice if attempt <= 2 => Outcome::Transient,
            Self::Transient => Outcome::Transient,
            Self::TransientTwice | Self::Slow | Self::Delivered => Outcome::Delivered,
        }
    }
}

/// What became of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "described by the simulations")]
pub enum Outcome {
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

impl Outcome {
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

    /// Whether the email left.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Delivered | Self::Accepted)
    }

    /// As the sender reports it.
    pub(crate) fn report(self) -> Result<Progress, Failure> {
        let simulated = || format!("simulated: {self}");
        Err(match self {
            Self::Delivered => return Ok(Progress::Delivered),
            Self::Accepted => return Ok(Progress::Accepted),
            Self::Bounced => Failure::Bounced(simulated()),
            Self::Rejected => Failure::Rejected(simulated()),
            Self::Suppressed => Failure::Suppressed(simulated()),
            Self::Invalid => Failure::InvalidAddress(simulated()),
            Self::TooLarge => Failure::TooLarge(simulated()),
            Self::RateLimited => {
                let seconds = u32::try_from(Simulation::RETRY_AFTER.as_secs());
                Failure::RateLimited(seconds.ok())
            }
            Self::Transient => Failure::Transient(simulated()),
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Self::ALL[*self as usize];
        f.write_str(name)
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |(_, name): &(Self, &str)| *name == text;
        let found = Self::ALL.into_iter().find(named);
        found.map(|(outcome, _)| outcome).ok_or(UnknownOutcome)
    }
}

/// A name that no outcome has.
#[derive(Debug, thiserror::Error)]
#[error("no outcome has this name")]
pub struct UnknownOutcome;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_part_decides() {
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
    fn transient_twice_is_delivered_at_the_third_attempt() {
        let outcomes = [1, 2, 3, 4].map(|n| Simulation::TransientTwice.outcome(n));
        assert_eq!(
            outcomes,
            [
                Outcome::Transient,
                Outcome::Transient,
                Outcome::Delivered,
                Outcome::Delivered
            ]
        );
        assert_eq!(Simulation::Transient.outcome(9), Outcome::Transient);
    }

    #[test]
    fn every_outcome_is_known_by_its_name() {
        for (outcome, name) in Outcome::ALL {
            assert_eq!(outcome.to_string(), name);
            assert_eq!(name.parse::<Outcome>().unwrap(), outcome);
            assert_eq!(outcome.report().is_ok(), outcome.is_sent());
        }
    }
}
