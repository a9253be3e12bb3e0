//! The storage of the modelled providers: items by key. Each write gets a revision that is never used
//! again.

use rand::seq::SliceRandom;
use rusqlite::{
    OptionalExtension, Row, ToSql, Transaction, named_params, params,
    types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    database::Database,
    store::{KeyStream, Result, StoreError, keys_within_limit},
};

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS imitated_items (
        revision INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        content NOT NULL,
        version INTEGER
    )";
const SELECT: &str = "SELECT content, version, revision FROM imitated_items WHERE key = ?1";
const REPLACE: &str = "INSERT OR REPLACE INTO imitated_items (key, content, version) VALUES (:key, :content, :version)";
const DELETE: &str = "DELETE FROM imitated_items WHERE key = ?1";
const SELECT_KEYS: &str = "SELECT key FROM imitated_items";

#[derive(Clone)]
pub(super) struct Items(pub(super) Database);

/// The content of an item: a value that was set or, on a provider that distinguishes the two, a
/// number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    Number(i64),
}

pub(super) struct Item {
    pub(super) content: Content,
    pub(super) version: Option<i64>,
    pub(super) revision: i64,
}

/// Exclusive access to the items.
pub(super) struct Locked<'a>(Transaction<'a>);

impl Items {
    pub(super) fn new(database: Database) -> Self {
        Self(database)
    }

    pub(super) fn prepare(&self) -> Result<()> {
        self.0.prepare(|connection| {
            connection.execute(CREATE, [])?;
            Ok(())
        })
    }

    /// Runs a transaction.
    pub(super) fn atomically<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Locked<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.with(|connection| {
            let locked = Locked(connection.transaction().map_err(StoreError::from)?);
            let result = work(&locked)?;
            locked.0.commit().map_err(StoreError::from)?;
            Ok(result)
        })
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Item>> {
        self.atomically(|items| items.get(key))
    }

    /// Returns all keys in random order.
    pub(super) fn keys(&self) -> Result<Vec<String>> {
        let mut keys = self.atomically(|items| {
            let mut statement = items.0.prepare_cached(SELECT_KEYS)?;
            let keys = statement.query_map([], |row| row.get(0))?;
            Ok::<_, StoreError>(keys.collect::<rusqlite::Result<Vec<_>>>()?)
        })?;
        keys.shuffle(&mut rand::rng());
        keys_within_limit(keys)
    }

    /// Returns all keys in random order as a stream.
    pub(super) fn stream_keys(&self) -> KeyStream {
        let (sender, receiver) = mpsc::channel(4);
        let (ended, end) = oneshot::channel();
        let keys = self.keys();
        tokio::spawn(async move {
            let result = send_all(keys, &sender).await;
            drop(sender);
            // It fails if the reader is gone.
            _ = ended.send(result);
        });
        KeyStream {
            keys: receiver,
            end,
        }
    }
}

async fn send_all(keys: Result<Vec<String>>, sender: &mpsc::Sender<String>) -> Result<()> {
    for key in keys? {
        sender.send(key).await.map_err(StoreError::other)?;
    }
    Ok(())
}

/// Returns the existing keys with their values in random order.
pub(super) fn select(
    items: &Locked<'_>,
    mut keys: Vec<String>,
    value: impl Fn(Item) -> Result<Vec<u8>>,
) -> Result<Vec<(String, Vec<u8>)>> {
    keys.sort();
    keys.dedup();
    keys.shuffle(&mut rand::rng());
    let found = keys.into_iter().map(|key| {
        let item = items.get(&key)?;
        Ok(item.map(&value).transpose()?.map(|value| (key, value)))
    });
    found.filter_map(Result::transpose).collect()
}

impl Locked<'_> {
    pub(super) fn get(&self, key: &str) -> Result<Option<Item>> {
        let item = |row: &Row<'_>| {
            Ok(Item {
                content: row.get(0)?,
                version: row.get(1)?,
                revision: row.get(2)?,
            })
        };
        let mut statement = self.0.prepare_cached(SELECT)?;
        Ok(statement.query_row(params![key], item).optional()?)
    }

    pub(super) fn put(&self, key: &str, content: &Content, version: Option<i64>) -> Result<()> {
        self.0
            .prepare_cached(REPLACE)?
            .execute(named_params! { ":key": key, ":content": content, ":version": version })?;
        Ok(())
    }

    pub(super) fn delete(&self, key: &str) -> Result<()> {
        self.0.prepare_cached(DELETE)?.execute(params![key])?;
        Ok(())
    }
}

impl ToSql for Content {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Bytes(bytes) => bytes.to_sql(),
            Self::Number(number) => number.to_sql(),
        }
    }
}

impl FromSql for Content {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(number) => Ok(Self::Number(number)),
            value => value.as_blob().map(|bytes| Self::Bytes(bytes.to_vec())),
        }
    }
}
