//! The store with its atomic operations, as the claims components use it.

use claims_atomics::{KeyValue, StoreError};
use claims_registers::{Registers, VISIBILITY_DELAY};

use super::{Effect, Fate, Item, refused, write_call};
use crate::{
    host::{self, ClaimsStore},
    instance,
    plan::Provider,
    world::{self, World},
};

fn failed(error: email_orders::store::StoreError) -> StoreError {
    StoreError(error.to_string())
}

impl ClaimsStore {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let id = self.instance;
        let read = super::read_call(id, "get", key, |world| {
            let lag = world.lag();
            world.read(id, key, lag)
        });
        read.map_err(failed)
    }

    fn write(&self, key: &str, item: Option<Item>, name: &str) -> Result<(), StoreError> {
        write_call(self.instance, name, vec![(key.to_owned(), item)]).map_err(failed)
    }

    /// Performs a call that reads and writes at one moment.
    fn atomic<T>(
        &self,
        name: &str,
        key: &str,
        work: impl FnOnce(&mut World) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let id = self.instance;
        let call = world::with(|world| world.begin_call(id, name, key));
        let effect = call.effect.min(call.time);
        instance::wait(id, effect);
        let is_done = matches!(
            call.fate,
            Fate::Succeeds | Fate::Fails(Effect::Whole) | Fate::Dies(Effect::Whole)
        );
        let result = if is_done {
            world::with(|world| {
                let now = world.now();
                world.store.items.advance(now);
                work(world)
            })
        } else {
            Err(failed(refused("it failed")))
        };
        match call.fate {
            Fate::Dies(_) => instance::die(id, call.time - effect),
            Fate::Fails(_) => {
                instance::wait(id, call.time - effect);
                Err(failed(refused("it failed")))
            }
            Fate::Succeeds => {
                instance::wait(id, call.time - effect);
                result
            }
        }
    }
}

/// Adds to an item.
fn sum(provider: Provider, old: Option<&Item>, delta: i64) -> Result<(i64, Item), StoreError> {
    let not_a_number = || failed(refused("not a number"));
    let old = match old {
        None => 0,
        Some(Item::Number(number)) => *number,
        Some(Item::Value(_)) if provider == Provider::CosmosDb => return Err(not_a_number()),
        Some(Item::Value(value)) if provider == Provider::Sqlite => {
            i64::from_le_bytes(value.as_slice().try_into().map_err(|_| not_a_number())?)
        }
        Some(Item::Value(value)) => {
            let text = std::str::from_utf8(value).ok();
            text.and_then(|text| text.parse().ok())
                .ok_or_else(not_a_number)?
        }
    };
    let new = old.wrapping_add(delta);
    let item = match provider {
        Provider::Sqlite => Item::Value(new.to_le_bytes().to_vec()),
        Provider::CosmosDb => Item::Number(new),
        _ => Item::Value(new.to_string().into_bytes()),
    };
    Ok((new, item))
}

/// A started compare-and-swap.
pub(crate) struct Swap {
    key: String,
    item: Option<Item>,
    version: u64,
}

impl KeyValue for ClaimsStore {
    type Swap = Swap;

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(key)
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        let read = super::read_call(self.instance, "exists", key, |world| {
            let now = world.now();
            world.store.items.advance(now);
            Ok(world.store.items.newest(key).0.is_some())
        });
        read.map_err(failed)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.write(key, Some(Item::Value(value.to_vec())), "set")
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.write(key, None, "delete")
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError> {
        let id = self.instance;
        let provider = world::with(|world| world.plan.provider);
        let add = |world: &mut World| {
            let (new, item) = sum(provider, world.store.items.newest(key).0, delta)?;
            let now = world.now();
            world.store.items.put(now, id, key.to_owned(), Some(item));
            Ok(new)
        };
        match provider {
            // The loser of a race gets an error.
            Provider::DynamoDb => {
                let read = |world: &mut World| Ok(world.store.items.newest(key).1);
                let version = self.atomic("increment: read", key, read)?;
                self.atomic("increment: write", key, |world| {
                    if world.store.items.newest(key).1 != version {
                        return Err(failed(refused("conflict")));
                    }
                    add(world)
                })
            }
            // Two racers may read the same number.
            Provider::CosmosDb => {
                self.atomic("increment", key, add)?;
                self.atomic("increment: read", key, |world| {
                    match world.store.items.newest(key).0 {
                        Some(Item::Number(number)) => Ok(*number),
                        _ => Err(failed(refused("it is gone"))),
                    }
                })
            }
            _ => self.atomic("increment", key, add),
        }
    }

    fn start_swap(&self, key: &str) -> Result<(Swap, Option<Vec<u8>>), StoreError> {
        self.atomic("swap: current", key, |world| {
            let (item, version) = world.store.items.newest(key);
            let swap = Swap {
                key: key.to_owned(),
                item: item.cloned(),
                version,
            };
            match item {
                None => Ok((swap, None)),
                Some(Item::Value(value)) => {
                    let value = value.clone();
                    Ok((swap, Some(value)))
                }
                Some(Item::Number(_)) => Err(failed(refused("a number is not a value"))),
            }
        })
    }

    fn finish_swap(&self, swap: Swap, value: &[u8]) -> Result<bool, StoreError> {
        let id = self.instance;
        let key = swap.key.clone();
        self.atomic("swap", &key, |world| {
            let provider = world.plan.provider;
            let (item, version) = world.store.items.newest(&swap.key);
            let wins = match provider {
                Provider::Redis | Provider::Akamai => false,
                // It is an upsert if the key was absent.
                Provider::Sqlite => swap.item.is_none() || item == swap.item.as_ref(),
                Provider::DynamoDb | Provider::CosmosDb => version == swap.version,
            };
            if wins {
                let now = world.now();
                let item = Some(Item::Value(value.to_vec()));
                world.store.items.put(now, id, swap.key, item);
            }
            Ok(wins)
        })
    }
}

impl Registers for ClaimsStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(key)
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let item = Item::Value(value.as_bytes().to_vec());
        self.write(key, Some(item), "set")
    }

    fn wait_until_visible(&self) -> impl Future<Output = ()> {
        let delay = i64::try_from(VISIBILITY_DELAY.as_micros()).unwrap_or_default();
        host::sleep(delay)
    }
}
