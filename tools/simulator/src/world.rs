//! The simulated world: one clock, one queue of events, and what instances and clients share.

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    task::Waker,
};

use bytes::Bytes;
use email_orders::http::Api;
use fastrand::Rng;
use http::StatusCode;

use crate::{
    network::Network,
    orders::Expected,
    plan::{Plan, SECOND},
    store::Store,
    tasks::{Executor, Work},
};

pub(crate) type InstanceId = u32;
pub(crate) type RequestId = u64;

/// The number of lines of the trace that a failure prints at most.
const TRACE_LINES: usize = 100_000;

thread_local! {
    /// The world of this thread's run.
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Something that happens at a time.
pub(crate) enum Event {
    /// An instance goes on.
    Resume(InstanceId),
    /// An instance dies.
    Kill(InstanceId),
    /// An instance is dropped, if it has done nothing since.
    Expire(InstanceId, u64),
    /// A timer is over.
    Wake(Waker),
    /// The clients' tasks go on.
    Clients,
}

struct Entry {
    at: i64,
    /// The seed decides between events at the same time.
    tie: u32,
    number: u64,
    event: Event,
}

impl Entry {
    fn order(&self) -> (i64, u32, u64) {
        (self.at, self.tie, self.number)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// What an instance is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It waits for a timer or a request.
    Idle,
    /// It is about to go on.
    Scheduled,
    /// It is in a call of the host, and does nothing else.
    InCall,
}

/// An instance of the application.
pub(crate) struct Instance {
    pub(crate) host: usize,
    pub(crate) activity: Activity,
    /// How many requests it has taken, and how many of them are open.
    pub(crate) taken: usize,
    pub(crate) open: usize,
    /// Tasks that it is to begin, and requests that it is to drop.
    pub(crate) inbox: Vec<(Option<RequestId>, Work)>,
    pub(crate) dropped: Vec<RequestId>,
    /// Counts its activities.
    pub(crate) stamp: u64,
}

/// A request under way.
pub(crate) struct Request {
    pub(crate) instance: InstanceId,
    pub(crate) calls: u64,
    /// Whether a fault has happened in a call that it made.
    pub(crate) had_fault: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) waker: Option<Waker>,
}

/// What a client gets.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The connection broke, or nothing came in time.
    Lost,
    Response {
        status: StatusCode,
        body: Bytes,
    },
}

/// The end of a run that broke a rule.
#[derive(Debug, Clone)]
pub(crate) struct Violation(pub(crate) String);

pub(crate) struct World {
    pub(crate) plan: Plan,
    random: Rng,
    now: i64,
    events: BinaryHeap<Reverse<Entry>>,
    numbers: u64,
    pub(crate) instances: BTreeMap<InstanceId, Instance>,
    /// The application of each instance.
    pub(crate) apis: BTreeMap<InstanceId, Api>,
    /// The faults of each instance, dead ones too.
    pub(crate) faults: BTreeMap<InstanceId, Vec<i64>>,
    next_instance: InstanceId,
    pub(crate) requests: BTreeMap<RequestId, Request>,
    next_request: RequestId,
    /// The request whose task runs now.
    pub(crate) current_request: Option<RequestId>,
    /// The instance that runs now.
    pub(crate) running: InstanceId,
    pub(crate) store: Store,
    pub(crate) network: Network,
    pub(crate) orders: Vec<Expected>,
    pub(crate) violation: Option<Violation>,
    /// Whether everything was checked.
    pub(crate) is_complete: bool,
    is_traced: bool,
    trace: VecDeque<String>,
    /// A hash of everything that has happened.
    pub(crate) hash: u64,
    pub(crate) statistics: BTreeMap<&'static str, u64>,
}

/// Gives the world of this thread's run to a function, which must not run anything that may use it too.
pub(crate) fn with<T>(function: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(|world| match world {
        Some(world) => function(world),
        None => unreachable!("a run is under way"),
    })
}

/// Begins a run in this thread.
pub(crate) fn enter(world: World) {
    WORLD.set(Some(world));
}

/// Ends the run, and returns its world.
pub(crate) fn leave() -> Option<World> {
    WORLD.take()
}

/// Adds a line to the trace, if there is a run.
pub(crate) fn log(line: &[u8]) {
    WORLD.with_borrow_mut(|world| {
        if let Some(world) = world {
            let running = world.running;
            // Without the real time, which is the first member.
            world.trace(|| {
                let text = String::from_utf8_lossy(line);
                let rest = text.split_once(',').map_or("", |(_, rest)| rest);
                format!("[{running}]  log {}", rest.trim_end())
            });
        }
    });
}

/// Lets an executor go on that has a task again.
pub(crate) fn wake(executor: Executor) {
    WORLD.with_borrow_mut(|world| {
        let Some(world) = world else { return };
        match executor {
            Executor::Instance(id) => world.rouse(id),
            Executor::Clients => world.after(0, Event::Clients),
        }
    });
}

impl World {
    pub(crate) fn new(plan: Plan, random: Rng, is_traced: bool) -> Self {
        let mut random = random;
        Self {
            now: plan.start,
            events: BinaryHeap::new(),
            numbers: 0,
            instances: BTreeMap::new(),
            apis: BTreeMap::new(),
            faults: BTreeMap::new(),
            next_instance: 0,
            requests: BTreeMap::new(),
            next_request: 0,
            current_request: None,
            running: 0,
            store: Store::new(plan.provider),
            network: Network::default(),
            orders: Expected::all(&plan, &mut random),
            violation: None,
            is_complete: false,
            is_traced,
            trace: VecDeque::new(),
            hash: 0xcbf2_9ce4_8422_2325,
            statistics: BTreeMap::new(),
            plan,
            random,
        }
    }

    /// Returns the time. It is true; the clocks of hosts are not.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// Returns the time by the clock of an instance. A microsecond passes with each look.
    pub(crate) fn clock(&mut self, id: InstanceId) -> i64 {
        self.now += 1;
        let skew = self.instances.get(&id).map(|one| self.plan.skews[one.host]);
        self.now + skew.unwrap_or_default()
    }

    /// Tells whether faults still happen.
    pub(crate) fn is_faulty(&self) -> bool {
        self.now < self.plan.heal
    }

    pub(crate) fn random(&mut self) -> &mut Rng {
        &mut self.random
    }

    /// Returns true with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.f64() < probability
    }

    /// Returns true with this probability, as long as faults happen.
    pub(crate) fn fault(&mut self, probability: f64) -> bool {
        self.is_faulty() && self.chance(probability)
    }

    pub(crate) fn choose<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        match all {
            [] => None,
            [one] => Some(*one),
            _ => Some(all[self.random.usize(0..all.len())]),
        }
    }

    /// Lets something happen after this time.
    pub(crate) fn after(&mut self, time: i64, event: Event) {
        self.numbers += 1;
        self.events.push(Reverse(Entry {
            at: self.now + time.max(0),
            tie: self.random.u32(..),
            number: self.numbers,
            event,
        }));
    }

    /// Takes the next event, and lets its time come.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let Reverse(Entry { at, event, .. }) = self.events.pop()?;
        self.now = self.now.max(at);
        self.mix(u64::from_ne_bytes(self.now.to_ne_bytes()));
        Some(event)
    }

    /// Mixes a number into the hash of the run (FNV-1a).
    pub(crate) fn mix(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(0x100_0000_01b3);
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.statistics.entry(what).or_default() += 1;
    }

    /// Starts an instance on a host.
    pub(crate) fn start(&mut self, host: usize) -> InstanceId {
        self.next_instance += 1;
        let id = self.next_instance;
        let instance = Instance {
            host,
            activity: Activity::Scheduled,
            taken: 0,
            open: 0,
            inbox: Vec::new(),
            dropped: Vec::new(),
            stamp: 0,
        };
        self.instances.insert(id, instance);
        self.after(0, Event::Resume(id));
        self.trace(|| format!("instance {id} starts on host {host}"));
        id
    }

    /// Lets an instance go on, if it waits.
    pub(crate) fn rouse(&mut self, id: InstanceId) {
        if let Some(instance) = self.instances.get_mut(&id)
            && instance.activity == Activity::Idle
        {
            instance.activity = Activity::Scheduled;
            instance.stamp += 1;
            self.after(0, Event::Resume(id));
        }
    }

    /// Notes that an instance has met a fault.
    pub(crate) fn note_fault(&mut self, id: InstanceId) {
        self.faults.entry(id).or_default().push(self.now);
        if let Some(request) = self.current_request
            && let Some(request) = self.requests.get_mut(&request)
        {
            request.had_fault = true;
        }
    }

    /// Tells whether an instance has met a fault since then.
    pub(crate) fn had_fault_since(&self, id: InstanceId, time: i64) -> bool {
        let last = self.faults.get(&id).and_then(|faults| faults.last());
        last.is_some_and(|last| *last >= time)
    }

    /// Takes in a request; the instance is yet to be told.
    pub(crate) fn open_request(&mut self, host: usize) -> (RequestId, InstanceId) {
        let reuse = self.plan.reuse;
        let takes = |one: &Instance| {
            one.host == host
                && one.activity != Activity::InCall
                && one.open < 16
                && one.taken < reuse
        };
        let free = self.instances.iter().filter(|(_, one)| takes(one));
        let free: Vec<InstanceId> = free.map(|(id, _)| *id).collect();
        let instance = match self.choose(&free) {
            Some(id) if !self.chance(0.1) => id,
            _ => self.start(host),
        };
        self.next_request += 1;
        let id = self.next_request;
        if let Some(one) = self.instances.get_mut(&instance) {
            one.taken += 1;
            one.open += 1;
        }
        self.requests.insert(
            id,
            Request {
                instance,
                calls: 0,
                had_fault: false,
                answer: None,
                waker: None,
            },
        );
        (id, instance)
    }

    /// Answers a request; returns who waits for it.
    pub(crate) fn answer(&mut self, id: RequestId, answer: Answer) -> Option<Waker> {
        let request = self.requests.get_mut(&id)?;
        if request.answer.is_some() {
            return None;
        }
        request.answer = Some(answer);
        let (waker, instance) = (request.waker.take(), request.instance);
        if let Some(instance) = self.instances.get_mut(&instance) {
            instance.open = instance.open.saturating_sub(1);
        }
        waker
    }

    /// Ends the run with a violation.
    pub(crate) fn violate(&mut self, what: String) {
        self.trace(|| format!("VIOLATION: {what}"));
        self.violation.get_or_insert(Violation(what));
    }

    /// Adds a line to the trace.
    pub(crate) fn trace(&mut self, line: impl FnOnce() -> String) {
        if self.is_traced {
            if self.trace.len() == TRACE_LINES {
                self.trace.pop_front();
            }
            let line = format!("{} {}", text(self.now), line());
            self.trace.push_back(line);
        }
    }

    /// Returns the level of the application's log.
    pub(crate) fn log_level(&self) -> &'static str {
        if self.is_traced { "debug" } else { "error" }
    }

    pub(crate) fn take_trace(&mut self) -> Vec<String> {
        std::mem::take(&mut self.trace).into()
    }
}

/// Returns a time as text.
pub(crate) fn text(micros: i64) -> String {
    let instant = email_orders::timestamp::Timestamp::from_unix_seconds(micros.div_euclid(SECOND));
    let rest = micros.rem_euclid(SECOND).unsigned_abs();
    instant.map_or_else(String::new, |instant| {
        instant
            .plus(std::time::Duration::from_micros(rest))
            .to_string()
    })
}
