//! One SQLite database behind one lock, in a file or in memory.
//!
//! Settings are SQLite's defaults, as on Spin: a write that has returned is on
//! the disk.
//!
//! **The lock is Spin's** (`crates/key-value-spin`, Spin 4.1): one connection
//! behind one mutex serves every store of the process. A call, asynchronous or
//! not, waits for it in `block_in_place`. That hands the worker's other tasks
//! over, but not those of the calling instance, which are part of the same
//! task: all its requests wait. A call that waits for its own instance
//! therefore waits for ever, and every later call behind it.
//!
//! Unlike Spin's, the lock can be [closed](Database::close), so that a server
//! whose calls wait for ever can be ended.

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
    turns: Mutex<Turns>,
    changed: Condvar,
}

/// Who may use the connection.
#[derive(Default)]
struct Turns {
    /// Whether a call has its turn.
    taken: bool,
    ended: Option<Ended>,
}

/// Why no call gets a turn any more.
#[derive(Clone, Copy)]
enum Ended {
    /// A call panicked while it had the lock: on Spin the mutex is poisoned.
    Panic,
    /// The server ends.
    Closed,
}

impl Ended {
    fn reason(self) -> &'static str {
        match self {
            Self::Panic => "the store's lock is poisoned",
            Self::Closed => "the server ends",
        }
    }
}

impl Database {
    pub(crate) fn in_memory() -> Result<Self, OpenError> {
        Self::new(Connection::open_in_memory(), Path::new(":memory:"))
    }

    /// Opens the file, and makes it and its folder if need be.
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
            turns: Mutex::default(),
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

    /// Works on the database, alone. The calling instance does nothing else
    /// meanwhile.
    pub(crate) fn with<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        tokio::task::block_in_place(|| self.with_blocking(work))
    }

    /// The same, on a thread that may block.
    pub(crate) fn with_blocking<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let _turn = self.0.turn()?;
        let connection = self.0.connection.lock();
        work(&mut connection.unwrap_or_else(PoisonError::into_inner))
    }

    /// What Spin does where it panics while holding the lock: this call and
    /// all that follow come to nothing.
    pub(crate) fn panic(&self, message: &str) -> StoreError {
        self.0.end(Ended::Panic);
        StoreError::Panic(message.to_owned())
    }

    /// Ends every call that waits for its turn, or will. A call that has its
    /// turn goes on.
    pub(crate) fn close(&self) {
        self.0.end(Ended::Closed);
    }
}

impl Inner {
    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    fn turn(&self) -> Result<Turn<'_>> {
        let waits = |turns: &mut Turns| turns.taken && turns.ended.is_none();
        let mut turns = self
            .changed
            .wait_while(self.turns(), waits)
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(ended) = turns.ended {
            return Err(StoreError::Panic(ended.reason().to_owned()));
        }
        turns.taken = true;
        Ok(Turn(self))
    }

    fn end(&self, ended: Ended) {
        self.turns().ended.get_or_insert(ended);
        self.changed.notify_all();
    }
}

/// A call's turn; the next call has it when this is dropped.
struct Turn<'a>(&'a Inner);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.turns().taken = false;
        self.0.changed.notify_one();
    }
}
