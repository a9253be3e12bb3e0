//! Models Spin's default provider: a table in SQLite.
//!
//! - A swap of an absent key is an upsert: if two race, both win.
//! - A swap of a present key compares the value, so it does not notice a change that was reverted.
//! - `increment` of a value that is not 8 bytes panics with the lock held. Every later call fails.
//! - A listing holds the lock until its last key is read, and reads four keys ahead of its reader. If
//!   the reader's instance makes another call meanwhile, the call waits for the listing, the listing
//!   for its reader, and the reader for the call. No call of any instance then ever returns.
//! - `get_many` leaves missing keys out, and guarantees no order. Here the order is random, so that no
//!   component can depend on one.

use std::{rc::Rc, sync::Mutex, sync::PoisonError};

use async_trait::async_trait;
use rand::seq::SliceRandom;
use rusqlite::{Connection, OptionalExtension, named_params, params, types::Value};
use tokio::sync::{mpsc, oneshot};

use super::{
    database::Database,
    store::{
        CompareAndSwap, KeyStream, Pair, Result, Store, StoreError, SwapError, keys_within_limit,
        pairs_within_limit, value_within_limit,
    },
};

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS spin_key_value (
        store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (store, key)
    )";
const SELECT: &str = "SELECT value FROM spin_key_value WHERE store = :store AND key = :key";
const UPSERT: &str = "
    INSERT INTO spin_key_value (store, key, value) VALUES (:store, :key, :value)
    ON CONFLICT (store, key) DO UPDATE SET value = :value";
const REPLACE: &str = "
    UPDATE spin_key_value SET value = :value
    WHERE store = :store AND key = :key AND value = :expected";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = :store AND key = :key";
const SELECT_KEYS: &str = "SELECT key FROM spin_key_value WHERE store = :store";
const SELECT_MANY: &str =
    "SELECT key, value FROM spin_key_value WHERE store = :store AND key IN rarray(:keys)";
const DELETE_MANY: &str =
    "DELETE FROM spin_key_value WHERE store = :store AND key IN rarray(:keys)";

pub(crate) struct SqliteStore {
    table: Table,
}

/// The rows of one store.
#[derive(Clone)]
struct Table {
    database: Database,
    store: String,
}

impl SqliteStore {
    /// Opens a store. As on Spin, only the first call of a server needs the lock for that.
    pub(crate) fn open(database: &Database, store: &str) -> Result<Self> {
        database.prepare(|connection| {
            connection.execute(CREATE, [])?;
            Ok(())
        })?;
        Ok(Self {
            table: Table {
                database: database.clone(),
                store: store.to_owned(),
            },
        })
    }
}

impl Table {
    fn select(&self, connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .prepare_cached(SELECT)?
            .query_row(named_params! { ":store": self.store, ":key": key }, |row| {
                row.get(0)
            })
            .optional()
    }

    fn upsert(&self, connection: &Connection, key: &str, value: &[u8]) -> rusqlite::Result<usize> {
        connection
            .prepare_cached(UPSERT)?
            .execute(named_params! { ":store": self.store, ":key": key, ":value": value })
    }

    fn stream(&self, keys: &mpsc::Sender<String>) -> Result<()> {
        self.database.with_blocking(|connection| {
            let mut statement = connection.prepare_cached(SELECT_KEYS)?;
            let mut rows = statement.query(params![self.store])?;
            while let Some(row) = rows.next()? {
                let key: String = row.get(0)?;
                super::store::within_limit((), key.len())?;
                keys.blocking_send(key).map_err(StoreError::other)?;
            }
            Ok(())
        })
    }
}

fn values(keys: Vec<String>) -> Rc<Vec<Value>> {
    Rc::new(keys.into_iter().map(Value::from).collect())
}

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let table = &self.table;
        let value = table
            .database
            .with(|c| -> Result<_> { Ok(table.select(c, key)?) })?;
        value_within_limit(value)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        let table = &self.table;
        table.database.with(|connection| {
            table.upsert(connection, key, value)?;
            Ok(())
        })
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let table = &self.table;
        table.database.with(|connection| {
            connection
                .prepare_cached(DELETE)?
                .execute(named_params! { ":store": table.store, ":key": key })?;
            Ok(())
        })
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        let table = &self.table;
        table
            .database
            .with(|c| -> Result<_> { Ok(table.select(c, key)?.is_some()) })
    }

    async fn list_keys(&self) -> Result<Vec<String>> {
        let table = &self.table;
        let keys = table.database.with(|connection| -> Result<_> {
            let mut statement = connection.prepare_cached(SELECT_KEYS)?;
            let keys = statement.query_map(params![table.store], |row| row.get(0))?;
            Ok(keys.collect::<rusqlite::Result<_>>()?)
        })?;
        keys_within_limit(keys)
    }

    async fn stream_keys(&self) -> KeyStream {
        // As on Spin, four keys ahead of the reader, with the lock held.
        let (sender, keys) = mpsc::channel(4);
        let (ended, end) = oneshot::channel();
        let table = self.table.clone();
        tokio::task::spawn_blocking(move || {
            let result = table.stream(&sender);
            drop(sender);
            // It fails if the reader is gone.
            _ = ended.send(result);
        });
        KeyStream { keys, end }
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>> {
        let table = &self.table;
        let mut pairs = table.database.with(|connection| -> Result<Vec<Pair>> {
            let mut statement = connection.prepare_cached(SELECT_MANY)?;
            let pairs = statement.query_map(
                named_params! { ":store": table.store, ":keys": values(keys) },
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(pairs.collect::<rusqlite::Result<_>>()?)
        })?;
        pairs.shuffle(&mut rand::rng());
        pairs_within_limit(pairs)
    }

    async fn set_many(&self, pairs: Vec<Pair>) -> Result<()> {
        let table = &self.table;
        table.database.with(|connection| {
            let transaction = connection.transaction()?;
            for (key, value) in &pairs {
                table.upsert(&transaction, key, value)?;
            }
            Ok(transaction.commit()?)
        })
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<()> {
        let table = &self.table;
        table.database.with(|connection| {
            connection
                .prepare_cached(DELETE_MANY)?
                .execute(named_params! { ":store": table.store, ":keys": values(keys) })?;
            Ok(())
        })
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        let table = &self.table;
        table.database.with(|connection| {
            let transaction = connection.transaction()?;
            let old = match table.select(&transaction, key)? {
                Some(value) => match value.try_into() {
                    Ok(bytes) => i64::from_le_bytes(bytes),
                    Err(_) => return Err(table.database.panic("incorrect length")),
                },
                None => 0,
            };
            let new = old.wrapping_add(delta);
            table.upsert(&transaction, key, &new.to_le_bytes())?;
            transaction.commit()?;
            Ok(new)
        })
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn CompareAndSwap>> {
        Ok(Box::new(SqliteSwap {
            table: self.table.clone(),
            key: key.to_owned(),
            expected: Mutex::new(None),
        }))
    }
}

struct SqliteSwap {
    table: Table,
    key: String,
    expected: Mutex<Option<Vec<u8>>>,
}

#[async_trait]
impl CompareAndSwap for SqliteSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>> {
        let (table, key) = (&self.table, &self.key);
        let value = table
            .database
            .with(|c| -> Result<_> { Ok(table.select(c, key)?) })?;
        self.expected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&value);
        value_within_limit(value)
    }

    async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError> {
        let (table, key) = (&self.table, &self.key);
        let expected = self
            .expected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let changed = table.database.with(|connection| -> Result<_, SwapError> {
            Ok(match expected {
                Some(expected) => connection.prepare_cached(REPLACE)?.execute(named_params! {
                    ":store": table.store, ":key": key, ":value": value, ":expected": expected,
                })?,
                None => table.upsert(connection, key, &value)?,
            })
        })?;
        if changed == 1 {
            Ok(())
        } else {
            Err(SwapError::Failed)
        }
    }
}
