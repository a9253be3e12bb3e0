//! Many instances over one store, with faults that a seed decides. The same seed gives the same run.
//!
//! Instances take turns at whole requests, on one clock. A fault is a write that fails after some of its
//! entries, in any order where the provider applies a batch so; or an instance that dies at a write,
//! so that its request gets no answer. Afterwards every order that was accepted must have been
//! delivered, be found by its id and by its reference, and leave nothing in the index of due times.

use std::collections::BTreeMap;

use futures_executor::block_on;

use super::fixture::{Fixture, run, to};
use crate::{
    clock::Clock as _,
    order::{Order, ProcessingStatus, Recipient},
    store::{MemoryStore, Provider, Selection},
};

const SEEDS: u64 = 15;
const STEPS: usize = 60;

/// A generator of random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn is_one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

struct Simulation {
    provider: Provider,
    fixture: Fixture,
    random: Random,
    /// The orders that were accepted.
    accepted: Vec<Order>,
    /// The orders whose requests got no 202, and may be repeated.
    refused: Vec<Order>,
    placed: u64,
    trace: Vec<String>,
}

impl Simulation {
    fn new(provider: Provider, seed: u64) -> Self {
        let fixture = Fixture::on(MemoryStore::like(provider));
        fixture.store.state().seed = seed;
        fixture.store.state().is_strict = true;
        Self {
            provider,
            fixture,
            random: Random(seed),
            accepted: Vec::new(),
            refused: Vec::new(),
            placed: 0,
            trace: Vec::new(),
        }
    }

    fn note(&mut self, what: &str) {
        self.trace.push(what.to_owned());
    }

    /// Lets some of the next writes fail.
    fn break_writes(&mut self) {
        let mut memory = self.fixture.store.state();
        memory.writes_before_cut = usize::try_from(self.random.below(4)).unwrap();
        memory.cut_next_write_after = Some(usize::try_from(self.random.below(20)).unwrap());
        // One write fails, or the instance dies.
        memory.cuts = if self.random.is_one_in(2) { 1 } else { 1000 };
    }

    fn heal_writes(&mut self) {
        let mut memory = self.fixture.store.state();
        memory.cut_next_write_after = None;
        memory.cuts = 1;
    }

    fn step(&mut self) {
        if self.random.is_one_in(3) {
            // Another instance takes the next requests.
            self.fixture.stores = self.fixture.other_instance();
            self.fixture.store.state().has_no_sequence = self.random.is_one_in(8);
        }
        let is_broken = self.random.is_one_in(4);
        if is_broken {
            self.break_writes();
            self.note("writes fail");
        }
        match self.random.below(6) {
            0..3 => self.place(),
            3 => self.repeat(),
            4 => {
                // Fails if the store does.
                let outcome = block_on(run(self.fixture.context()));
                self.note(&format!("run: {outcome:?}"));
            }
            _ => {
                let seconds = i64::try_from(self.random.below(400)).unwrap();
                self.fixture.advance(seconds);
                self.note(&format!("{seconds} seconds pass"));
            }
        }
        if is_broken {
            self.heal_writes();
            // An instance whose write has failed may be dead.
            self.fixture.stores = self.fixture.other_instance();
        }
    }

    fn place(&mut self) {
        self.placed += 1;
        let address = format!("{}@example.no", self.placed);
        let reference = self.random.below(5);
        let members = format!(r#","sendersReference":"{reference}""#);
        let mut order = self.fixture.new_order(&to(&[&address]), &members);
        if self.random.is_one_in(2) {
            let ahead = i64::try_from(self.random.below(1800)).unwrap();
            order.requested_send_time = order.created.plus_seconds(ahead);
        }
        let stored = block_on(self.fixture.stores.orders.insert(&order, order.created));
        self.note(&format!("place {}: {stored:?}", order.id));
        match stored {
            Ok(()) => self.accepted.push(order),
            Err(_) => self.refused.push(order),
        }
    }

    /// Repeats a request under its idempotency key.
    fn repeat(&mut self) {
        let Some(order) = self.refused.pop() else {
            return;
        };
        let orders = &self.fixture.stores.orders;
        let now = self.fixture.ports.now();
        let stored = match orders.get(order.id) {
            Ok(Some(placed)) => block_on(orders.file_again(&placed, now)),
            Ok(None) => block_on(orders.insert(&order, now)),
            Err(error) => Err(error),
        };
        self.note(&format!("repeat {}: {stored:?}", order.id));
        match stored {
            Ok(()) => self.accepted.push(order),
            Err(_) => self.refused.push(order),
        }
    }

    /// Calls the trigger every minute for a while, without faults, and checks what has to be true.
    fn finish(&mut self) {
        self.fixture.store.state().has_no_sequence = false;
        for _ in 0..60 {
            self.fixture.advance(60);
            self.fixture.stores = self.fixture.other_instance();
            block_on(run(self.fixture.context())).unwrap();
        }
        for order in &self.accepted {
            assert_eq!(
                self.fixture.status(order),
                ProcessingStatus::Completed,
                "{}",
                order.id
            );
            let Recipient::Address(address) = &order.recipients[0] else {
                panic!("an address was ordered");
            };
            assert!(
                self.fixture.sent_count_to(address.as_str()) >= 1,
                "{}",
                order.id
            );
            let reference = order.senders_reference.as_deref().unwrap();
            let selection = Selection {
                limit: Some(100),
                after: None,
            };
            let orders = &self.fixture.stores.orders;
            let found = orders.find(&order.creator, reference, selection);
            let found = found.unwrap().orders;
            assert!(
                found.iter().any(|one| one.id == order.id),
                "{} by reference",
                order.id
            );
        }
        for _ in 0..6 {
            self.fixture.advance(40 * 24 * 60 * 60);
            block_on(run(self.fixture.context())).unwrap();
        }
        let memory = self.fixture.store.state();
        let mut left: BTreeMap<_, _> = memory.values.iter().collect();
        // Where a batch is done in part, a marker may stay that nothing leads to; where it is done in any
        // order, a page.
        left.retain(|key, value| key.starts_with("eo:due:") && value.len() > 1);
        assert!(
            left.is_empty() || self.provider == Provider::Dynamo,
            "{left:?}"
        );
    }
}

fn simulate(provider: Provider) {
    let given = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds = given.map_or(0..SEEDS, |seed| seed..seed + 1);
    for seed in seeds {
        let mut simulation = Simulation::new(provider, seed);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..STEPS {
                simulation.step();
            }
            simulation.finish();
        }));
        if outcome.is_err() {
            let trace = simulation.trace.join("\n");
            panic!("{provider:?}, seed {seed}:\n{trace}");
        }
    }
}

#[test]
fn simulation_on_sqlite_keeps_every_promise() {
    simulate(Provider::Sqlite);
}

#[test]
fn simulation_on_redis_keeps_every_promise() {
    simulate(Provider::Redis);
}

#[test]
fn simulation_on_dynamo_keeps_every_promise() {
    simulate(Provider::Dynamo);
}

#[test]
fn simulation_on_cosmos_keeps_every_promise() {
    simulate(Provider::Cosmos);
}
