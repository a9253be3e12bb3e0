//! Values that instances share to save work: keys of issuers, and verified tokens.
//!
//! Both are sealed by their caller, see [`Seal`](crate::auth::Seal).

use std::sync::Arc;

use super::{Key, KeyValue, StoreError, batch_writer::BatchWriter, write};

/// Values that instances share to save work.
#[derive(Debug)]
pub struct Cache<K>(pub(super) Arc<BatchWriter<K>>);

impl<K: KeyValue> Cache<K> {
    /// Returns the keys of an issuer, as another instance has stored them.
    pub fn issuer_keys(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.store.get(&issuer_key(name))
    }

    /// Stores the keys of an issuer for other instances.
    pub fn set_issuer_keys(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        write::set(&self.0.store, vec![(issuer_key(name), value)])
    }

    /// Returns a verified token, as another instance has shared it.
    pub fn shared_token(&self, slot: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.store.get(&token_key(slot))
    }

    /// Shares a verified token. It is written with the next batch, so that it costs no write of its
    /// own.
    pub fn share_token(&self, slot: &str, value: Vec<u8>) {
        self.0.piggyback(token_key(slot), value);
    }
}

fn issuer_key(name: &str) -> Key {
    Key::of(format_args!("jwks:{name}"))
}

fn token_key(slot: &str) -> Key {
    Key::of(format_args!("token:{slot}"))
}
