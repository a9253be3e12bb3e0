//! Notifications of orders, and what providers report of them.

use std::sync::Arc;

use super::{
    Key, KeyValue, StoreError,
    batch_writer::{BatchWriter, Record},
    order_store::stored_state,
    read,
    stored::{self, StoredNotification, StoredReport},
    write,
};
use crate::{
    digest::half_sha256,
    order::{Notification, NotificationId, NotificationStatus, Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// The number of an order's recipients whose notifications share a page: few enough that a page and
/// everything that is written with it are one write.
pub const PAGE: usize = 20;

/// A page of an order's notifications, to be written.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The number of the page; the first is 0.
    pub number: usize,
    /// All notifications of the page.
    pub notifications: &'a [Notification],
    /// Whether the page was not written before.
    pub is_new: bool,
    /// The provider's own ids of the notifications that it has accepted.
    pub provider_ids: &'a [(NotificationId, String)],
}

/// Notifications of orders, delivery reports, and the pause of the sender.
#[derive(Debug)]
pub struct DeliveryStore<K>(pub(super) Arc<BatchWriter<K>>);

impl<K: KeyValue> DeliveryStore<K> {
    /// Writes a page of notifications and the state that goes with it: first the entries that lead to
    /// the page, then the page, then the state.
    pub async fn set_page(
        &self,
        id: OrderId,
        page: Page<'_>,
        state: &OrderState,
    ) -> Result<(), StoreError> {
        let mut entries = Vec::new();
        if page.is_new {
            let ids = page
                .notifications
                .iter()
                .map(|notification| notification.id);
            entries.extend(ids.map(|note| (note_key(note), id.as_bytes().to_vec())));
        }
        // The hashes, by which retention finds the entries.
        let mut hashes = Vec::new();
        for (note, provider_id) in page.provider_ids {
            // A provider that uses our own id needs no entry.
            if NotificationId::parse(provider_id) != Some(*note) {
                let hash = half_sha256(&[provider_id.as_bytes()]);
                hashes.extend(hash.to_be_bytes());
                entries.push((hashed_provider_key(hash), note.as_bytes().to_vec()));
            }
        }
        if !hashes.is_empty() {
            let key = providers_key(id, page.number, state.progress.attempts);
            entries.push((key, hashes));
        }
        let notifications = page.notifications.iter().map(StoredNotification::from);
        let notifications: Vec<_> = notifications.collect();
        entries.push(stored::entry(page_key(id, page.number), &notifications)?);
        entries.push(stored_state(id, state)?);
        let record = Record {
            filing: None,
            entries,
        };
        self.0.write(record).await
    }

    /// Returns a page of an order's notifications, with the reports applied; None if it was never
    /// written.
    pub fn page(
        &self,
        id: OrderId,
        number: usize,
    ) -> Result<Option<Vec<Notification>>, StoreError> {
        let key = page_key(id, number);
        let Some(json) = self.0.store.get(&key)? else {
            return Ok(None);
        };
        let mut notifications = stored::notifications(&key, &json)?;
        self.add_reports(&mut notifications)?;
        Ok(Some(notifications))
    }

    /// Returns all notifications of an order so far, with the reports applied.
    pub fn notifications(&self, order: &Order) -> Result<Vec<Notification>, StoreError> {
        let pages = 0..order.recipient_count().div_ceil(PAGE);
        let keys: Vec<Key> = pages.map(|number| page_key(order.id, number)).collect();
        let values = read::all(&self.0.store, &keys)?;
        let mut all: Vec<Notification> = Vec::new();
        for key in keys {
            if let Some(json) = values.get(key.as_str()) {
                all.extend(stored::notifications(&key, json)?);
            }
        }
        self.add_reports(&mut all)?;
        Ok(all)
    }

    fn add_reports(&self, notifications: &mut [Notification]) -> Result<(), StoreError> {
        let reportable = notifications
            .iter()
            .filter(|notification| notification.status.is_reportable());
        let keys = reportable.map(|notification| report_key(notification.id));
        let reports = read::all(&self.0.store, &keys.collect::<Vec<_>>())?;
        if reports.is_empty() {
            return Ok(());
        }
        for notification in notifications {
            let key = report_key(notification.id);
            if let Some(json) = reports.get(key.as_str()) {
                let report = stored::report(&key, json)?;
                if let Some(status) = notification.status.after_report(report.status) {
                    notification.set(status, report.at);
                }
            }
        }
        Ok(())
    }

    /// Returns the order of a notification.
    pub fn order_of(&self, id: NotificationId) -> Result<Option<OrderId>, StoreError> {
        let value = self.0.store.get(&note_key(id))?;
        Ok(bytes(value).map(OrderId::from_bytes))
    }

    /// Returns the notification with this id of the provider's.
    pub fn notification_of(&self, provider_id: &str) -> Result<Option<NotificationId>, StoreError> {
        if let Some(id) = NotificationId::parse(provider_id)
            && self.order_of(id)?.is_some()
        {
            return Ok(Some(id));
        }
        let value = self.0.store.get(&provider_key(provider_id))?;
        Ok(bytes(value).map(NotificationId::from_bytes))
    }

    /// Stores a report of a notification. Returns whether it changes what earlier reports said.
    pub fn report(
        &self,
        id: NotificationId,
        status: NotificationStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = report_key(id);
        let before = match self.0.store.get(&key)? {
            Some(json) => stored::report(&key, &json)?.status,
            None => NotificationStatus::Sending,
        };
        if before.after_report(status).is_none() {
            return Ok(false);
        }
        let entry = stored::entry(key, &StoredReport::new(status, at))?;
        write::set(&self.0.store, vec![entry])?;
        Ok(true)
    }

    /// Returns the end of the sender's pause, if it was paused.
    pub fn sender_pause(&self) -> Result<Option<Timestamp>, StoreError> {
        let value = self.0.store.get(&pause_key())?;
        let seconds = value.and_then(|text| String::from_utf8(text).ok()?.parse().ok());
        Ok(seconds.and_then(Timestamp::from_unix_seconds))
    }

    /// Pauses the sender until then.
    pub fn set_sender_pause(&self, until: Timestamp) -> Result<(), StoreError> {
        let seconds = until.unix_seconds().to_string().into_bytes();
        write::set(&self.0.store, vec![(pause_key(), seconds)])
    }
}

fn bytes(value: Option<Vec<u8>>) -> Option<[u8; 16]> {
    value?.try_into().ok()
}

/// Returns the key of the hashes of the provider's ids that an attempt has stored with a page.
pub(super) fn providers_key(id: OrderId, page: usize, attempt: u32) -> Key {
    Key::of(format_args!("providers:{id}:{page}:{attempt}"))
}

pub(super) fn hashed_provider_key(hash: u128) -> Key {
    Key::of(format_args!("provider:{hash:032x}"))
}

pub(super) fn page_key(id: OrderId, number: usize) -> Key {
    Key::of(format_args!("notes:{id}:{number}"))
}

pub(super) fn note_key(id: NotificationId) -> Key {
    Key::of(format_args!("note:{id}"))
}

pub(super) fn report_key(id: NotificationId) -> Key {
    Key::of(format_args!("report:{id}"))
}

/// Returns the key of a provider's id, hashed since the id is the provider's text.
fn provider_key(provider_id: &str) -> Key {
    hashed_provider_key(half_sha256(&[provider_id.as_bytes()]))
}

fn pause_key() -> Key {
    Key::of(format_args!("pause"))
}
