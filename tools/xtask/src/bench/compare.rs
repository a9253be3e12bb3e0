//! The comparison: each server in turn, round by round, so that what happens on the machine
//! meanwhile happens to all. Every round begins with empty stores, so that no round depends on how
//! much those before it have stored; how cost grows with that is what the sweep shows.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use serde::Serialize;

use super::{
    Effort, Storage,
    fixtures::Fixtures,
    load::{End, Load, Outcome},
    server::Server,
    statistics::median,
    subject::Subject,
};
use crate::progress::Step;

/// What came of all rounds on one kind of store.
#[derive(Serialize)]
pub(super) struct Comparison {
    pub(super) store: Storage,
    rounds: Vec<Round>,
    /// Of the rounds, for each server.
    pub(super) medians: BTreeMap<Subject, Medians>,
    pub(super) component_to_floor: Relation,
    pub(super) component_to_native: Relation,
}

/// Each server once.
type Round = BTreeMap<Subject, Outcome>;

#[derive(Serialize)]
pub(super) struct Medians {
    pub(super) rate: f64,
    pub(super) cpu_microseconds: f64,
    pub(super) p50_microseconds: f64,
    pub(super) p99_microseconds: f64,
}

/// The medians of what two servers are to each other in each round.
#[derive(Serialize)]
pub(super) struct Relation {
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
            let step = Step::start(format!(
                "Round {number} of {}, store {}, {subject}",
                effort.rounds,
                store.name()
            ));
            let server = Server::start(fixtures, subject, store, &[])?;
            round.insert(subject, load.run(fixtures, &server, &fixtures.order())?);
            step.done();
        }
        rounds.push(round);
        // Another one begins each time: who comes first may have an advantage.
        subjects.rotate_left(1);
    }
    Ok(Comparison::of(store, rounds))
}

impl Comparison {
    fn of(store: Storage, rounds: Vec<Round>) -> Self {
        let over = |subject: Subject, value: fn(&Outcome) -> f64| {
            median(rounds.iter().map(|round| value(&round[&subject])))
        };
        let medians = Subject::ALL.map(|subject| {
            let medians = Medians {
                rate: over(subject, |outcome| outcome.rate),
                cpu_microseconds: over(subject, |outcome| outcome.cpu_microseconds),
                p50_microseconds: over(subject, |outcome| number(outcome.microseconds.p50)),
                p99_microseconds: over(subject, |outcome| number(outcome.microseconds.p99)),
            };
            (subject, medians)
        });
        Self {
            store,
            medians: medians.into(),
            component_to_floor: Relation::of(&rounds, Subject::Component, Subject::Floor),
            component_to_native: Relation::of(&rounds, Subject::Component, Subject::Native),
            rounds,
        }
    }
}

impl Relation {
    fn of(rounds: &[Round], one: Subject, other: Subject) -> Self {
        let over = |relation: fn(&Outcome, &Outcome) -> f64| {
            let each = rounds.iter().map(|round| (&round[&one], &round[&other]));
            median(each.map(|(one, other)| relation(one, other)))
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
