//! Which issuers hold which keys.
//!
//! A token proves its issuer by a key. If two issuers hold one key, each can sign tokens that name
//! the other; a bearer's issuer could then prove what only a platform's may. Such a key serves
//! neither of them until their sets differ. What is configured is checked when it is read; what an
//! issuer serves at a URL is known only once it has been fetched.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use super::key::Fingerprint;
use crate::log;

/// The keys of all issuers, of both kinds.
#[derive(Debug, Default)]
pub(super) struct KeyHolders(Mutex<Holders>);

#[derive(Debug, Default)]
struct Holders {
    issuers: Vec<Keys>,
    shared: HashSet<Fingerprint>,
}

#[derive(Debug)]
struct Keys {
    issuer: String,
    keys: BTreeSet<Fingerprint>,
}

/// One issuer among the holders.
#[derive(Debug)]
pub(super) struct Holder {
    all: Arc<KeyHolders>,
    place: usize,
    issuer: String,
}

impl KeyHolders {
    /// Adds an issuer, which has no keys yet.
    pub(super) fn add(self: &Arc<Self>, issuer: &str) -> Holder {
        let mut holders = self.lock();
        holders.issuers.push(Keys {
            issuer: issuer.to_owned(),
            keys: BTreeSet::new(),
        });
        Holder {
            all: Arc::clone(self),
            place: holders.issuers.len() - 1,
            issuer: issuer.to_owned(),
        }
    }

    /// Tells whether more than one issuer holds a key.
    pub(super) fn is_shared(&self, key: Fingerprint) -> bool {
        self.lock().shared.contains(&key)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Holders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    /// Returns the name of the issuer.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Replaces the keys that the issuer holds, and logs keys that are newly shared.
    pub(super) fn holds(&self, keys: impl Iterator<Item = Fingerprint>) {
        let keys: BTreeSet<_> = keys.collect();
        let mut holders = self.all.lock();
        let Some(own) = holders.issuers.get_mut(self.place) else {
            return;
        };
        if own.keys == keys {
            return;
        }
        own.keys = keys;
        holders.find_shared();
    }
}

impl Holders {
    fn find_shared(&mut self) {
        let mut holder_of: HashMap<Fingerprint, &str> = HashMap::new();
        let mut shared = HashSet::new();
        for Keys { issuer, keys } in &self.issuers {
            for key in keys {
                let Some(other) = holder_of.insert(*key, issuer) else {
                    continue;
                };
                if shared.insert(*key) && !self.shared.contains(key) {
                    let who = format!("issuer {other} and issuer {issuer}");
                    log::error("two issuers have one key, which serves neither of them")
                        .reason(&who)
                        .write();
                }
            }
        }
        self.shared = shared;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Fingerprint = Fingerprint::from_bytes([1; 32]);
    const TWO: Fingerprint = Fingerprint::from_bytes([2; 32]);
    const THREE: Fingerprint = Fingerprint::from_bytes([3; 32]);

    #[test]
    fn a_key_is_shared_while_two_issuers_hold_it() {
        let holders = Arc::new(KeyHolders::default());
        let [a, b, c] = ["a", "b", "c"].map(|name| holders.add(name));
        let shared = || [ONE, TWO, THREE].map(|key| holders.is_shared(key));
        a.holds([ONE, TWO].into_iter());
        assert_eq!(shared(), [false, false, false]);
        b.holds([TWO, THREE].into_iter());
        assert_eq!(shared(), [false, true, false]);
        c.holds([ONE, THREE].into_iter());
        assert_eq!(shared(), [true, true, true]);
        a.holds(std::iter::empty());
        assert_eq!(shared(), [false, false, true]);
        c.holds([ONE].into_iter());
        assert_eq!(shared(), [false, false, false]);
    }
}
