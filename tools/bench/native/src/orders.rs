//! Stores orders in SQLite with its default settings, which sync each transaction to the disk.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result};
use email_orders::{
    order::{ContentType, Creator, EmailAddress, Order, OrderId, Recipient},
    timestamp::Timestamp,
};
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::response::Refusal;

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        id BLOB PRIMARY KEY, creator TEXT NOT NULL, reference TEXT, due INTEGER NOT NULL,
        document BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS by_reference ON orders (creator, reference);
    CREATE INDEX IF NOT EXISTS by_due ON orders (due);";
const INSERT: &str =
    "INSERT INTO orders (id, creator, reference, due, document) VALUES (?1, ?2, ?3, ?4, ?5)";

/// A database of orders.
pub(crate) struct Orders(Mutex<Connection>);

impl Orders {
    /// Opens the database in a folder, which is created if it is missing; without one in memory.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self> {
        let connection = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("creating {}", folder.display()))?;
                Connection::open(folder.join("orders.db"))?
            }
            None => Connection::open_in_memory()?,
        };
        connection.execute_batch(CREATE)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Stores an order, with indexes on its reference and its time.
    pub(crate) fn insert(&self, order: &Order) -> Result<(), Refusal> {
        let document = serde_json::to_vec(&Document::from(order))?;
        // Other requests go on while this one waits for the disk.
        tokio::task::block_in_place(|| {
            let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            connection.prepare_cached(INSERT)?.execute(params![
                order.id.as_bytes(),
                order.creator.as_str(),
                order.senders_reference,
                order.requested_send_time.unix_seconds(),
                document,
            ])?;
            Ok(())
        })
    }
}

/// An order as it is stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    id: OrderId,
    creator: &'a Creator,
    created: Timestamp,
    requested_send_time: Timestamp,
    senders_reference: Option<&'a str>,
    recipients: &'a [Recipient],
    from_address: &'a EmailAddress,
    subject: &'a str,
    body: &'a str,
    content_type: ContentType,
}

impl<'a> From<&'a Order> for Document<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            id: order.id,
            creator: &order.creator,
            created: order.created,
            requested_send_time: order.requested_send_time,
            senders_reference: order.senders_reference.as_deref(),
            recipients: &order.recipients,
            from_address: &order.from_address,
            subject: &order.subject,
            body: &order.body,
            content_type: order.content_type,
        }
    }
}
