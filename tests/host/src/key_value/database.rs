//! One SQLite database behind a lock, in a file or in memory.
//!
//! Settings are SQLite's defaults, as on Spin: a write that has returned is on
//! the disk. Work on it blocks the calling worker, which hands its other tasks
//! over first.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
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
    panicked: AtomicBool,
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
            panicked: AtomicBool::new(false),
        })))
    }

    /// Works on the database, alone.
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
        let mut connection = self
            .0
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // After a panic under the lock nothing on Spin gets past it any more.
        if self.0.panicked.load(Relaxed) {
            return Err(StoreError::Panic("the store's lock is poisoned".to_owned()).into());
        }
        work(&mut connection)
    }

    /// What Spin does where it panics while holding the lock: this call and
    /// all that follow come to nothing.
    pub(crate) fn panic(&self, message: &str) -> StoreError {
        self.0.panicked.store(true, Relaxed);
        StoreError::Panic(message.to_owned())
    }
}
