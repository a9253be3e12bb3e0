//! The key-value file of a host that keeps its state in a folder.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, params};

/// The rows of a host's key-value file.
pub(super) struct Stored(Connection);

impl Stored {
    /// Opens the file of a state folder.
    pub(super) fn open(state: &Path) -> Self {
        let file = state.join("sqlite_key_value.db");
        let connection = Connection::open(file).expect("the key-value file");
        let patience = std::time::Duration::from_secs(30);
        connection.busy_timeout(patience).expect("a time-out");
        Self(connection)
    }

    /// Every key with its value.
    pub(super) fn rows(&self) -> Vec<(String, Vec<u8>)> {
        let mut select = self
            .0
            .prepare("SELECT key, value FROM spin_key_value")
            .expect("a table of keys");
        let rows = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// Adds rows beside those of the store `default`.
    pub(super) fn add(&mut self, rows: impl Iterator<Item = (String, Vec<u8>)>) {
        let transaction = self.0.transaction().expect("a transaction");
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

    /// Removes all keys that begin so.
    pub(super) fn remove(&self, prefix: &str) {
        let delete = "DELETE FROM spin_key_value WHERE substr(key, 1, length(?1)) = ?1";
        let removed = self.0.execute(delete, params![prefix]);
        assert!(
            removed.expect("a deletion") > 0,
            "no key begins with {prefix}"
        );
    }

    /// How often the sandbox delivered each notification.
    pub(super) fn deliveries(&self) -> BTreeMap<String, usize> {
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
}
