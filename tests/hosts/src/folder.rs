//! A folder of state, in which a host keeps its key-value file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, params};
use tempfile::TempDir;
use test_support::State;

/// A folder that hosts keep their state in. It is removed when dropped.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }
}

impl Folder {
    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds rows to the store `default`, or replaces them.
    pub fn add(&self, rows: impl IntoIterator<Item = (String, Vec<u8>)>) {
        let mut connection = self.open();
        let transaction = connection.transaction().expect("a transaction");
        let insert = "INSERT OR REPLACE INTO spin_key_value (store, key, value) \
                      VALUES ('default', ?1, ?2)";
        {
            let mut insert = transaction.prepare(insert).expect("a statement");
            for (key, value) in rows {
                insert.execute(params![key, value]).expect("a row");
            }
        }
        transaction.commit().expect("a commit");
    }

    /// Removes all keys with this prefix.
    pub fn remove(&self, prefix: &str) {
        let delete = "DELETE FROM spin_key_value WHERE substr(key, 1, length(?1)) = ?1";
        let removed = self.open().execute(delete, params![prefix]);
        let removed = removed.expect("a deletion");
        assert!(removed > 0, "no key begins with {prefix}");
    }

    /// Returns how often the sandbox delivered each notification.
    pub fn deliveries(&self) -> BTreeMap<String, usize> {
        let mut deliveries = BTreeMap::new();
        for (key, page) in self.rows() {
            if !key.starts_with("eo:sandbox:page:") {
                continue;
            }
            let page = String::from_utf8(page).expect("text");
            for line in page.lines() {
                if let [_, id, "delivered"] = line.split(' ').collect::<Vec<_>>()[..] {
                    *deliveries.entry(id.to_owned()).or_default() += 1;
                }
            }
        }
        deliveries
    }

    fn open(&self) -> Connection {
        let connection = Connection::open(self.file()).expect("the key-value file");
        let patience = Duration::from_secs(30);
        connection.busy_timeout(patience).expect("a time-out");
        connection
    }

    fn file(&self) -> PathBuf {
        self.path().join("sqlite_key_value.db")
    }
}

impl State for Folder {
    fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        if !self.file().exists() {
            return BTreeMap::new();
        }
        let connection = self.open();
        let mut select = connection
            .prepare("SELECT key, value FROM spin_key_value")
            .expect("a table of keys");
        let rows = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }

    fn set(&self, key: &str, value: &[u8]) {
        self.add([(key.to_owned(), value.to_vec())]);
    }
}
