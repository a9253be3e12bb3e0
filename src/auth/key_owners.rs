//! The keys of all issuers, to find shared keys.
//!
//! A token proves its issuer by a key. If two issuers have the same key, each can sign tokens that
//! name the other, so an issuer of bearer tokens could issue platform tokens. A shared key is used
//! for neither issuer until their sets differ. Configured keys are checked when the configuration
//! is read; the keys at a URL are known only after they have been fetched.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::key::Fingerprint;
use crate::log;

/// The keys of all issuers, of both kinds. They are few, so lists do.
#[derive(Debug, Default)]
pub(super) struct KeyOwners(Mutex<Owners>);

#[derive(Debug, Default)]
struct Owners {
    issuers: Vec<IssuerKeys>,
    shared: Vec<Fingerprint>,
}

#[derive(Debug)]
struct IssuerKeys {
    issuer: Arc<str>,
    keys: Vec<Fingerprint>,
}

/// One issuer among the owners.
#[derive(Debug)]
pub(super) struct KeyOwner {
    all: Arc<KeyOwners>,
    index: usize,
    issuer: Arc<str>,
}

impl KeyOwners {
    /// Adds an issuer, without keys.
    pub(super) fn add(self: &Arc<Self>, issuer: &Arc<str>) -> KeyOwner {
        let mut owners = self.lock();
        owners.issuers.push(IssuerKeys {
            issuer: Arc::clone(issuer),
            keys: Vec::new(),
        });
        KeyOwner {
            all: Arc::clone(self),
            index: owners.issuers.len() - 1,
            issuer: Arc::clone(issuer),
        }
    }

    /// Returns whether more than one issuer has a key.
    pub(super) fn is_shared(&self, key: Fingerprint) -> bool {
        self.lock().shared.contains(&key)
    }

    fn lock(&self) -> MutexGuard<'_, Owners> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyOwner {
    /// Returns the name of the issuer.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Replaces the keys of the issuer, and logs keys that are newly shared.
    pub(super) fn set_keys(&self, keys: impl Iterator<Item = Fingerprint>) {
        let keys: Vec<_> = keys.collect();
        let mut owners = self.all.lock();
        let Some(own) = owners.issuers.get_mut(self.index) else {
            return;
        };
        if own.keys == keys {
            return;
        }
        own.keys = keys;
        owners.find_shared();
    }
}

impl Owners {
    fn find_shared(&mut self) {
        let mut shared = Vec::new();
        for (index, IssuerKeys { issuer, keys }) in self.issuers.iter().enumerate() {
            for key in keys {
                let mut others = self.issuers[..index].iter();
                let Some(other) = others.find(|other| other.keys.contains(key)) else {
                    continue;
                };
                if shared.contains(key) {
                    continue;
                }
                if !self.shared.contains(key) {
                    log::error("two issuers have the same key; it is not used")
                        .issuer(issuer)
                        .reason(&format_args!("issuer {} has it too", other.issuer))
                        .write();
                }
                shared.push(*key);
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
    fn key_is_shared_while_two_issuers_have_it() {
        let owners = Arc::new(KeyOwners::default());
        let [a, b, c] = ["a", "b", "c"].map(|name| owners.add(&name.into()));
        let shared = || [ONE, TWO, THREE].map(|key| owners.is_shared(key));
        a.set_keys([ONE, TWO].into_iter());
        assert_eq!(shared(), [false, false, false]);
        b.set_keys([TWO, THREE].into_iter());
        assert_eq!(shared(), [false, true, false]);
        c.set_keys([ONE, THREE].into_iter());
        assert_eq!(shared(), [true, true, true]);
        a.set_keys(std::iter::empty());
        assert_eq!(shared(), [false, false, true]);
        c.set_keys([ONE].into_iter());
        assert_eq!(shared(), [false, false, false]);
    }
}
