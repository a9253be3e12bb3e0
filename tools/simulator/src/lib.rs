//! Deterministic simulation of the application.
//!
//! Many instances of the application in this process share one simulated clock, one network and one
//! key-value store. One seed decides everything: what clients do, how long each call takes, which
//! instance goes on, and which faults happen. The same seed gives the same run.
//!
//! - `instance`: an instance is a thread of its own with an executor. It hands a baton over at every
//!   call of the host, and does nothing else while such a call lasts, as on Spin.
//! - `store`: the providers' behaviour and faults. Claims are decided by the real claims components.
//! - `network`: tokens, conditions, contacts and a sender.
//! - `clients`: what the clients do. `orders` and `checks`: what has to be true.
//!
//! The threads are coroutines (the crate corosensei), so that handing over costs nanoseconds. The crate
//! shuttle does such scheduling too, but it has no clock, and counts a thread that never ends, as that of
//! an instance that died, as a deadlock.

mod checks;
mod clients;
mod host;
mod instance;
mod network;
mod orders;
mod plan;
mod random;
mod store;
mod tasks;
mod world;

use std::{collections::BTreeMap, thread};

use fastrand::Rng;
pub use plan::{Plant, Provider};

use crate::{
    instance::Instances,
    plan::Plan,
    world::{Event, World},
};

/// What a run has shown.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The rule that it broke; None if none.
    pub violation: Option<String>,
    /// A hash of everything that has happened.
    pub hash: u64,
    /// How many seconds have passed in the simulation.
    pub simulated_seconds: u64,
    /// How often what has happened.
    pub statistics: BTreeMap<&'static str, u64>,
    /// What has happened, if that was asked for.
    pub trace: Vec<String>,
}

/// The stack of a run's own thread.
const STACK_BYTES: usize = 8 << 20;

/// Runs one seed, in a thread of its own: hash maps take their keys once in a thread's life.
#[must_use]
pub fn run(provider: Provider, plant: Option<Plant>, seed: u64, is_traced: bool) -> Outcome {
    network::prepare();
    email_orders::log::capture(world::log);
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    let spawned = thread.spawn(move || simulate(provider, plant, seed, is_traced));
    let joined = spawned.ok().and_then(|thread| thread.join().ok());
    joined.unwrap_or_else(|| Outcome {
        violation: Some("the simulator failed".to_owned()),
        hash: 0,
        simulated_seconds: 0,
        statistics: BTreeMap::new(),
        trace: Vec::new(),
    })
}

fn simulate(provider: Provider, plant: Option<Plant>, seed: u64, is_traced: bool) -> Outcome {
    random::seed_thread(seed);
    let mut random = Rng::with_seed(seed ^ 0x5eed);
    let plan = Plan::of(provider, plant, &mut random);
    let start = plan.start;
    let mut world = World::new(plan.clone(), random, is_traced);
    world.trace(|| format!("{plan:?}"));
    world::enter(world);
    let mut instances = Instances::default();
    let mut clients = clients::all();
    world::with(|world| world.after(0, Event::Clients));
    while let Some(event) = world::with(|world| {
        let is_over = world.violation.is_some() || world.is_complete;
        if is_over { None } else { world.next() }
    }) {
        match event {
            Event::Resume(id) => instances.resume(id),
            Event::Kill(id) => instances.kill(id),
            Event::Expire(id, stamp) => instances.expire(id, stamp),
            Event::Wake(waker) => waker.wake(),
            Event::Clients => while clients.step() {},
        }
    }
    instances.clear();
    drop(clients);
    let Some(mut world) = world::leave() else {
        unreachable!("the run has a world");
    };
    Outcome {
        violation: world.violation.as_ref().map(|one| one.0.clone()),
        hash: world.hash,
        simulated_seconds: (world.now() - start).unsigned_abs() / 1_000_000,
        trace: world.take_trace(),
        statistics: world.statistics,
    }
}
