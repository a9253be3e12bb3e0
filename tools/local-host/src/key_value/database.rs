//! One SQLite database behind one lock, in a file or in memory.
//!
//! The settings are SQLite's defaults, as on Spin: a write returns once it is on the disk.
//!
//! **The lock models Spin's** (`crates/key-value-spin`, Spin 4.1): one connection behind one mutex
//! serves all stores of the process. Every call, asynchronous or not, waits for it in
//! `block_in_place`. That moves other tasks to other threads, but not those of the calling instance,
//! which belong to the same task, so all requests of the instance wait. A call that waits for its own
//! instance is therefore deadlocked, and so is every later call.
//!
//! Unlike Spin's, the lock can be [closed](Database::close), so that a server with deadlocked calls
//! can be ended.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

use rusqlite::Connection;

use super::store::{Result, StoreError};

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the key-value store {}: {reason}", .path.display())]
pub struct OpenError {
    path: PathBuf,
    reason: String,
}

#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    prepared: OnceLock<()>,
    lock: Mutex<Lock>,
    changed: Condvar,
}

/// The state of the lock.
#[derive(Default)]
struct Lock {
    held: bool,
    broken: Option<Broken>,
}

/// Why the lock cannot be taken any more.
#[derive(Clone, Copy)]
enum Broken {
    /// A call panicked while it held the lock: on Spin the mutex is poisoned.
    Poisoned,
    /// The server ends.
    Closed,
}

impl Broken {
    fn reason(self) -> &'static str {
        match self {
            Self::Poisoned => "the store's lock is poisoned",
            Self::Closed => "the server ends",
        }
    }
}

impl Database {
    pub(crate) fn in_memory() -> Result<Self, OpenError> {
        Self::new(Connection::open_in_memory(), Path::new(":memory:"))
    }

    /// Opens the file, and creates it and its folder if they are missing.
    pub(crate) fn at(path: &Path) -> Result<Self, OpenError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| OpenError {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        }
        Self::new(Connection::open(path), path)
    }

    fn new(connection: rusqlite::Result<Connection>, path: &Path) -> Result<Self, OpenError> {
        let prepare = |connection: Connection| {
            rusqlite::vtab::array::load_module(&connection)?;
            Ok(connection)
        };
        let connection = connection
            .and_then(prepare)
            .map_err(|error: rusqlite::Error| OpenError {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            prepared: OnceLock::new(),
            lock: Mutex::default(),
            changed: Condvar::new(),
        })))
    }

    /// Prepares the database, if no call has done so.
    pub(crate) fn prepare(&self, work: impl FnOnce(&mut Connection) -> Result<()>) -> Result<()> {
        if self.0.prepared.get().is_some() {
            return Ok(());
        }
        self.with(work)?;
        _ = self.0.prepared.set(());
        Ok(())
    }

    /// Runs `work` with the lock held. The calling instance does nothing else meanwhile.
    pub(crate) fn with<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        tokio::task::block_in_place(|| self.with_blocking(work))
    }

    /// Does the same on a thread that may block.
    pub(crate) fn with_blocking<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let _guard = self.0.lock()?;
        let connection = self.0.connection.lock();
        work(&mut connection.unwrap_or_else(PoisonError::into_inner))
    }

    /// Models a panic of Spin that holds the lock: this call fails, and so does every later one.
    pub(crate) fn panic(&self, message: &str) -> StoreError {
        self.0.break_lock(Broken::Poisoned);
        StoreError::Panic(message.to_owned())
    }

    /// Makes every call fail that waits for the lock, now or later. The call that holds it continues.
    pub(crate) fn close(&self) {
        self.0.break_lock(Broken::Closed);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Lock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the lock.
    fn lock(&self) -> Result<Guard<'_>> {
        let waits = |lock: &mut Lock| lock.held && lock.broken.is_none();
        let mut lock = self
            .changed
            .wait_while(self.state(), waits)
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(broken) = lock.broken {
            return Err(StoreError::Panic(broken.reason().to_owned()));
        }
        lock.held = true;
        Ok(Guard(self))
    }

    fn break_lock(&self, broken: Broken) {
        self.state().broken.get_or_insert(broken);
        self.changed.notify_all();
    }
}

/// Releases the lock when it is dropped.
struct Guard<'a>(&'a Inner);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.state().held = false;
        self.0.changed.notify_one();
    }
}
