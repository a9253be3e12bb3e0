//! Key-value storage: the providers, and the handles of components.
//!
//! Spin's own provider is SQLite, in a file or in memory. The models of Spin's other providers use the
//! same storage, and have the same defects as the originals, so that a component can be tested
//! against all of them.

mod cosmos;
mod database;
mod dynamo;
mod handles;
mod items;
mod open;
mod redis;
mod sqlite;
mod store;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use database::OpenError;
pub(crate) use handles::Handles;
#[expect(unreachable_pub, reason = "the bindings re-export them")]
pub use open::{OpenStore, OpenSwap};
pub(crate) use store::{KeyStream, StoreError, SwapError};

use crate::faults::Probe;
use database::Database;
use items::Items;
use store::Store;

/// The name of the file in the state directory, as on Spin.
const FILE_NAME: &str = "sqlite_key_value.db";

/// Where key-value pairs are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory, until the server ends.
    Memory,
    /// In a file in this directory.
    Directory(PathBuf),
}

impl Storage {
    fn file(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("a temporary in-memory store"),
            Self::Directory(directory) => write!(f, "\"{}\"", Self::file(directory).display()),
        }
    }
}

/// A key-value provider of Spin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// `type = "spin"`, the default.
    #[default]
    Sqlite,
    /// `type = "redis"`.
    Redis,
    /// `type = "azure_cosmos"`.
    Cosmos,
    /// `type = "aws_dynamo"`.
    Dynamo,
}

/// The stores of one application.
pub(crate) struct KeyValue {
    backend: Backend,
    probe: Arc<Probe>,
}

enum Backend {
    Sqlite(Database),
    Redis(Items),
    Cosmos(Items),
    Dynamo(Items),
}

impl KeyValue {
    pub(crate) fn new(
        provider: Provider,
        storage: &Storage,
        probe: Arc<Probe>,
    ) -> Result<Self, OpenError> {
        let database = match storage {
            Storage::Memory => Database::in_memory()?,
            Storage::Directory(directory) => Database::at(&Storage::file(directory))?,
        };
        let backend = match provider {
            Provider::Sqlite => Backend::Sqlite(database),
            Provider::Redis => Backend::Redis(Items::new(database)),
            Provider::Cosmos => Backend::Cosmos(Items::new(database)),
            Provider::Dynamo => Backend::Dynamo(Items::new(database)),
        };
        Ok(Self { backend, probe })
    }

    /// Ends all calls, including deadlocked ones.
    pub(crate) fn close(&self) {
        let (Backend::Sqlite(database)
        | Backend::Redis(Items(database))
        | Backend::Cosmos(Items(database))
        | Backend::Dynamo(Items(database))) = &self.backend;
        database.close();
    }

    fn store(&self, label: &str, component: &Arc<str>) -> store::Result<Arc<dyn Store>> {
        let steps = || open::Steps::new(Arc::clone(&self.probe), Arc::clone(component));
        Ok(match &self.backend {
            Backend::Sqlite(database) => Arc::new(sqlite::SqliteStore::open(database, label)?),
            // These providers ignore the label.
            Backend::Redis(items) => Arc::new(redis::RedisStore::open(items)?),
            Backend::Cosmos(items) => Arc::new(cosmos::CosmosStore::open(items, steps())?),
            Backend::Dynamo(items) => Arc::new(dynamo::DynamoStore::open(items, steps())?),
        })
    }
}

#[cfg(test)]
mod tests;
