//! The key-value store: one for all instances, with a provider's behaviour and faults.
//!
//! A call takes time. Its effect comes within that time, the effects on several keys at different times
//! where the provider's batch is no transaction. A call may fail before its effect, after it, or after a
//! part of it; it may hang; and the instance may die in it.

mod claims;
mod items;

use std::{collections::BTreeSet, sync::Arc};

use email_orders::store::{Key, KeyValue, Refused, StoreError};
pub(crate) use items::{Item, Items};

use crate::{
    host::{self, OwnClaims},
    instance,
    plan::{Plant, Provider, SECOND},
    world::{self, InstanceId, World},
};

const MILLISECOND: i64 = 1000;

/// How long after its beginning a write that has failed or hangs has its effect at the latest. An
/// attempt stops writing 5 seconds before its lease ends.
const LATE: i64 = 4 * SECOND;

/// The most keys that DynamoDB writes and reads at once. Nothing may ask another provider for more,
/// since the application does not know its provider.
const MAX_WRITES: usize = 25;
const MAX_READS: usize = 100;

/// The largest value that every provider takes.
const MAX_VALUE: usize = 400 << 10;

/// The store.
pub(crate) struct Store {
    provider: Provider,
    pub(crate) items: Items,
    /// A bad time of the store: until then, more calls fail.
    bad_until: i64,
}

impl Store {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider,
            items: Items::default(),
            bad_until: 0,
        }
    }
}

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Succeeds,
    /// It fails, with so much of its effect.
    Fails(Effect),
    /// The instance dies in it.
    Dies(Effect),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    Part,
    Whole,
}

/// A call, decided before it begins.
#[derive(Debug, Clone, Copy)]
struct Call {
    fate: Fate,
    /// When it has its effect, and how long it takes.
    effect: i64,
    time: i64,
}

impl World {
    /// Begins a call of the store.
    fn begin_call(&mut self, id: InstanceId, name: &str, key: &str) -> Call {
        let now = self.now();
        if let Some(request) = self.current_request
            && let Some(request) = self.requests.get_mut(&request)
        {
            request.calls += 1;
        }
        self.count("calls");
        self.mix(u64::from(id));
        self.mix(key.len() as u64);
        let time = match self.random().u32(0..2000) {
            0 => self.random().i64(20 * MILLISECOND..SECOND),
            1..40 => self.random().i64(500..10 * MILLISECOND),
            _ => self.random().i64(50..500),
        };
        let effect = self.random().i64(0..=time);
        let mut call = Call {
            fate: Fate::Succeeds,
            effect,
            time,
        };
        if !self.is_faulty() {
            return call;
        }
        let (die, fail, hang) = (self.plan.die, self.plan.fail, self.plan.hang);
        if fail > 0.0 && self.chance(0.0005) {
            self.store.bad_until = now + self.random().i64(0..30 * SECOND);
        }
        let is_bad = now < self.store.bad_until;
        let effect_of = |world: &mut Self| match world.random().u32(0..3) {
            0 => Effect::None,
            1 => Effect::Part,
            _ => Effect::Whole,
        };
        if self.chance(die) {
            let effect = effect_of(self);
            call.fate = Fate::Dies(effect);
        } else if self.chance(if is_bad { 0.5 } else { fail }) {
            let effect = effect_of(self);
            call.fate = Fate::Fails(effect);
            // It may be applied after the answer.
            if self.chance(0.3) {
                call.effect = self.random().i64(0..LATE);
            }
            self.note_fault(id);
        }
        if self.chance(hang) {
            let longest = self.choose(&[SECOND, 20 * SECOND, 200 * SECOND]);
            call.time += self.random().i64(0..longest.unwrap_or(SECOND));
            call.effect = self.random().i64(0..=call.time.min(LATE));
            self.note_fault(id);
            self.trace(|| format!("[{id}] {name} {key} hangs for {} s", call.time / SECOND));
        }
        if call.fate != Fate::Succeeds {
            self.trace(|| format!("[{id}] {name} {key} {:?}", call.fate));
        }
        call
    }

    /// How late an instance sees the writes of others.
    fn lag(&mut self) -> i64 {
        let stale = self.plan.stale;
        if !self.chance(stale) {
            return 0;
        }
        let longest = match self.store.provider {
            Provider::Akamai => self.choose(&[80 * MILLISECOND, 80 * MILLISECOND, 2 * SECOND]),
            _ => Some(500 * MILLISECOND),
        };
        self.random().i64(0..longest.unwrap_or(SECOND))
    }

    /// Reads a key as an instance does.
    fn read(&mut self, id: InstanceId, key: &str, lag: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let now = self.now();
        self.store.items.advance(now);
        // On DynamoDB an instance may not even see its own writes.
        let reader = match self.store.provider {
            Provider::Akamai => id,
            _ => 0,
        };
        match self.store.items.seen(key, now, reader, lag) {
            Some(Item::Value(value)) => Ok(Some(value.clone())),
            Some(Item::Number(_)) => Err(refused("a number is not a value")),
            None => Ok(None),
        }
    }
}

fn refused(why: &str) -> StoreError {
    StoreError::Host(format!("simulated: {why}"))
}

/// Performs a call that reads.
fn read_call<T>(
    id: InstanceId,
    name: &str,
    key: &str,
    read: impl FnOnce(&mut World) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let call = world::with(|world| world.begin_call(id, name, key));
    match call.fate {
        Fate::Dies(_) => instance::die(id, call.time),
        Fate::Fails(_) => {
            instance::wait(id, call.time);
            Err(refused("it failed"))
        }
        Fate::Succeeds => {
            let effect = call.effect.min(call.time);
            instance::wait(id, effect);
            let result = world::with(read);
            instance::wait(id, call.time - effect);
            result
        }
    }
}

/// Performs a call that writes keys.
fn write_call(
    id: InstanceId,
    name: &str,
    mut entries: Vec<(String, Option<Item>)>,
) -> Result<(), StoreError> {
    let first = entries.first().map_or("", |(key, _)| key).to_owned();
    let call = world::with(|world| {
        check_batch(world, name, &entries);
        let call = world.begin_call(id, name, &first);
        world.trace(|| {
            let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
            format!("[{id}] {name} {}", keys.join(" "))
        });
        let applied = match call.fate {
            Fate::Succeeds => Effect::Whole,
            Fate::Fails(effect) | Fate::Dies(effect) => effect,
        };
        let is_transaction = world.store.provider.is_transactional();
        if !is_transaction && world.store.provider != Provider::CosmosDb {
            world.random().shuffle(&mut entries);
        }
        let count = match applied {
            Effect::None => 0,
            Effect::Whole => entries.len(),
            Effect::Part if is_transaction => 0,
            Effect::Part => world.random().usize(0..=entries.len()),
        };
        entries.truncate(count);
        if world.plan.plant == Some(Plant::LostWrites) && world.chance(0.01) {
            entries.clear();
        }
        let now = world.now();
        let mut times: Vec<i64> = (0..entries.len())
            .map(|_| {
                if is_transaction {
                    call.effect
                } else {
                    world.random().i64(0..=call.effect)
                }
            })
            .collect();
        times.sort_unstable();
        for ((key, item), time) in entries.into_iter().zip(times) {
            world.store.items.write_at(now + time, id, key, item);
        }
        call
    });
    match call.fate {
        Fate::Dies(_) => instance::die(id, call.time),
        Fate::Fails(_) => {
            instance::wait(id, call.time);
            Err(refused("it failed"))
        }
        Fate::Succeeds => {
            instance::wait(id, call.time);
            Ok(())
        }
    }
}

/// Checks what every provider refuses.
fn check_batch(world: &mut World, name: &str, entries: &[(String, Option<Item>)]) {
    let keys: BTreeSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    if entries.is_empty() || entries.len() > MAX_WRITES || keys.len() < entries.len() {
        let all: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
        world.violate(format!(
            "{name} of {} keys, {} distinct: {}",
            entries.len(),
            keys.len(),
            all.join(" ")
        ));
    }
    for (key, item) in entries {
        if let Some(Item::Value(value)) = item
            && value.len() > MAX_VALUE
        {
            let length = value.len();
            world.violate(format!("a value of {length} bytes under {key}"));
        }
    }
}

/// The store, as an instance has opened it.
pub(crate) struct OpenStore {
    pub(crate) instance: InstanceId,
    pub(crate) claims: Arc<OwnClaims>,
}

impl KeyValue for OpenStore {
    async fn gather(&self) {
        host::sleep(MILLISECOND).await;
    }

    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let (id, key) = (self.instance, key.as_str());
        read_call(id, "get", key, |world| {
            let lag = world.lag();
            world.read(id, key, lag)
        })
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let id = self.instance;
        let first = keys.first().map_or("", Key::as_str);
        let distinct: BTreeSet<&str> = keys.iter().map(Key::as_str).collect();
        read_call(id, "get-many", first, |world| {
            if world.store.provider == Provider::Redis {
                return Err(refused("KEYS is not allowed"));
            }
            let is_strict = world.store.provider == Provider::DynamoDb;
            if is_strict && (keys.len() > MAX_READS || distinct.len() < keys.len()) {
                // The application then reads them one by one.
                return Err(refused("too many keys, or one twice"));
            }
            let mut found = Vec::new();
            for key in keys {
                let lag = world.lag();
                if let Some(value) = world.read(id, key.as_str(), lag)? {
                    found.push((key.as_str().to_owned(), value));
                }
            }
            world.random().shuffle(&mut found);
            Ok(found)
        })
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), Refused> {
        let items = entries
            .iter()
            .map(|(key, value)| (key.as_str().to_owned(), Some(Item::Value(value.clone()))));
        let written = write_call(self.instance, "set-many", items.collect());
        written.map_err(|error| Refused { error, entries })
    }

    async fn next_writer(&self) -> Option<u64> {
        self.claims.next_writer()
    }

    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError> {
        let items = keys.iter().map(|key| (key.as_str().to_owned(), None));
        write_call(self.instance, "delete-many", items.collect())
    }
}
