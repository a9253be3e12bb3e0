//! Compares the servers: each in turn, round by round, so that other work on the machine affects
//! all alike. Each measurement begins with an empty store, so that it does not depend on the orders
//! of earlier ones. The sweep shows how cost grows with stored orders.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use serde::Serialize;

use super::{
    Effort, Storage,
    fixtures::Fixtures,
    load::{End, Load, Performance},
    server::MeasuredServer,
    statistics::median,
    subject::Subject,
};
use crate::progress::Progress;

/// All rounds on one kind of store.
#[derive(Serialize)]
pub(super) struct Comparison {
    pub(super) store: Storage,
    rounds: Vec<Round>,
    /// The medians over the rounds.
    pub(super) medians: BTreeMap<Subject, Medians>,
    pub(super) component_to_floor: Ratios,
    pub(super) component_to_native: Ratios,
}

/// One measurement of each server.
type Round = BTreeMap<Subject, Performance>;

#[derive(Serialize)]
pub(super) struct Medians {
    pub(super) rate: f64,
    pub(super) cpu_microseconds: f64,
    pub(super) p50_microseconds: f64,
    pub(super) p99_microseconds: f64,
}

/// The medians of the ratios of two servers in each round.
#[derive(Serialize)]
pub(super) struct Ratios {
    pub(super) rate_ratio: f64,
    pub(super) cpu_ratio: f64,
    pub(super) cpu_difference_microseconds: f64,
}

pub(super) fn run(fixtures: &Fixtures, store: Storage, effort: Effort) -> Result<Comparison> {
    let mut subjects = Subject::ALL;
    let load = Load {
        connections: effort.connections,
        warm_up: effort.warm_up,
        end: End::After(effort.duration),
        pause: Duration::ZERO,
    };
    let mut rounds = Vec::new();
    for number in 1..=effort.rounds {
        let mut round = Round::new();
        for subject in subjects {
            let step = Progress::start(format!(
                "Round {number} of {}, store {}, {subject}",
                effort.rounds,
                store.name()
            ));
            let server = MeasuredServer::start(fixtures, subject, store, &[])?;
            round.insert(subject, load.run(fixtures, &server, &fixtures.order())?);
            step.done();
        }
        rounds.push(round);
        // Each round begins with another server: the first may have an advantage.
        subjects.rotate_left(1);
    }
    Ok(Comparison::of(store, rounds))
}

impl Comparison {
    fn of(store: Storage, rounds: Vec<Round>) -> Self {
        let over = |subject: Subject, value: fn(&Performance) -> f64| {
            median(rounds.iter().map(|round| value(&round[&subject])))
        };
        let medians = Subject::ALL.map(|subject| {
            let medians = Medians {
                rate: over(subject, |performance| performance.rate),
                cpu_microseconds: over(subject, |performance| performance.cpu_microseconds),
                p50_microseconds: over(subject, |performance| number(performance.microseconds.p50)),
                p99_microseconds: over(subject, |performance| number(performance.microseconds.p99)),
            };
            (subject, medians)
        });
        Self {
            store,
            medians: medians.into(),
            component_to_floor: Ratios::of(&rounds, Subject::Component, Subject::Floor),
            component_to_native: Ratios::of(&rounds, Subject::Component, Subject::Native),
            rounds,
        }
    }
}

impl Ratios {
    fn of(rounds: &[Round], one: Subject, other: Subject) -> Self {
        let over = |ratio: fn(&Performance, &Performance) -> f64| {
            let each = rounds.iter().map(|round| (&round[&one], &round[&other]));
            median(each.map(|(one, other)| ratio(one, other)))
        };
        Self {
            rate_ratio: over(|one, other| one.rate / other.rate),
            cpu_ratio: over(|one, other| one.cpu_microseconds / other.cpu_microseconds),
            cpu_difference_microseconds: over(|one, other| {
                one.cpu_microseconds - other.cpu_microseconds
            }),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}
