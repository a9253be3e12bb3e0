//! Notifications of orders, and what providers report of them.

use std::sync::Arc;

use super::{
    Key, KeyValue, StoreError,
    batch_writer::{BatchWriter, Record},
    order_store::stored_state,
    read,
    stored::{self, StoredNotification, StoredReport},
    write,
    writer::Entry,
};
use crate::{
    digest::half_sha256,
    order::{Notification, NotificationId, NotificationStatus, Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// The number of an order's recipients whose notifications share a page, and the most notifications
/// of a part of a page: few enough that a part and everything that is written with it are one write.
pub const PAGE: usize = 20;

/// The place of notifications in an order. A page holds the notifications to [`PAGE`] recipients. It
/// has several parts if its recipients have more addresses than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartId {
    /// The number of the page; the first is 0.
    pub page: usize,
    /// The number of the part; the first is 0.
    pub part: usize,
}

/// A part of a page as it is stored.
#[derive(Debug)]
pub struct StoredPart {
    /// Its place.
    pub id: PartId,
    /// The notifications of the part.
    pub notifications: Vec<Notification>,
    /// The number of parts of the page, if this is the first.
    pub parts: usize,
}

/// A part of a page, to be written. The first part completes the page, so it is written last.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The place of the part.
    pub part: PartId,
    /// The number of parts of the page. Only the first part says it.
    pub parts: usize,
    /// All notifications of the part.
    pub notifications: &'a [Notification],
    /// Whether the part was not written before.
    pub is_new: bool,
    /// The notifications that are to be sent again: what was reported of them is forgotten.
    pub renewed: &'a [NotificationId],
    /// Whether the attempt may have stored provider's ids of the part before.
    pub is_repeated: bool,
    /// The provider's own ids of the notifications that it has accepted.
    pub provider_ids: &'a [(NotificationId, String)],
}

/// Notifications of orders, delivery reports, and the limit of the sender.
#[derive(Debug)]
pub struct DeliveryStore<K>(pub(super) Arc<BatchWriter<K>>);

impl<K: KeyValue> DeliveryStore<K> {
    /// Writes a part of a page and the state that goes with it: first the entries that lead to the
    /// part, then the part, then the state.
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
        // The hashes, by which retention finds the entries, before these.
        let mut hashes = Vec::new();
        let first = entries.len();
        for (note, provider_id) in page.provider_ids {
            // A provider that uses our own id needs no entry.
            if NotificationId::parse(provider_id) != Some(*note) {
                let hash = half_sha256(&[provider_id.as_bytes()]);
                hashes.extend(hash.to_be_bytes());
                entries.push((hashed_provider_key(hash), note.as_bytes().to_vec()));
            }
        }
        if !hashes.is_empty() {
            let list = providers_key(id, page.part, state.progress.attempts);
            if page.is_repeated {
                hashes.extend(self.0.store.get(&list)?.unwrap_or_default());
            }
            entries.insert(first, (list, hashes));
        }
        entries.push(part_entry(id, page.part, page.parts, page.notifications)?);
        for note in page.renewed {
            // This status is not news for any notification, and a later report replaces it.
            let nothing = StoredReport::new(NotificationStatus::Sending, state.last_update);
            entries.push(stored::entry(report_key(*note), &nothing)?);
        }
        entries.push(stored_state(id, state)?);
        let record = Record {
            filing: None,
            entries,
        };
        self.0.write(record).await
    }

    /// Returns a part of a page, with the reports applied; None if it was never written.
    pub fn part(&self, id: OrderId, part: PartId) -> Result<Option<StoredPart>, StoreError> {
        let key = part_key(id, part);
        let Some(json) = self.0.store.get(&key)? else {
            return Ok(None);
        };
        let mut stored = stored_part(&key, part, &json)?;
        self.add_reports(&mut stored.notifications)?;
        Ok(Some(stored))
    }

    /// Returns all parts of an order's pages so far, in their order, without reports.
    pub fn parts(&self, order: &Order) -> Result<Vec<StoredPart>, StoreError> {
        let pages = 0..order.recipient_count().div_ceil(PAGE);
        let first = pages.map(|page| PartId { page, part: 0 });
        let mut all = Vec::new();
        for first in self.read_parts(order.id, first.collect())? {
            let page = first.id.page;
            let further: Vec<_> = (1..first.parts).map(|part| PartId { page, part }).collect();
            all.push(first);
            if !further.is_empty() {
                all.extend(self.read_parts(order.id, further)?);
            }
        }
        Ok(all)
    }

    fn read_parts(&self, id: OrderId, parts: Vec<PartId>) -> Result<Vec<StoredPart>, StoreError> {
        let keys: Vec<Key> = parts.iter().map(|part| part_key(id, *part)).collect();
        let values = read::all(&self.0.store, &keys)?;
        let mut all = Vec::new();
        for (part, key) in parts.into_iter().zip(keys) {
            if let Some(json) = values.get(key.as_str()) {
                all.push(stored_part(&key, part, json)?);
            }
        }
        Ok(all)
    }

    /// Returns all notifications of an order so far, with the reports applied.
    pub fn notifications(&self, order: &Order) -> Result<Vec<Notification>, StoreError> {
        let mut all: Vec<Notification> = Vec::new();
        for part in self.parts(order)? {
            all.extend(part.notifications);
        }
        self.add_reports(&mut all)?;
        Ok(all)
    }

    /// Applies the reports of notifications.
    pub fn add_reports(&self, notifications: &mut [Notification]) -> Result<(), StoreError> {
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
}

fn bytes(value: Option<Vec<u8>>) -> Option<[u8; 16]> {
    value?.try_into().ok()
}

/// Returns the key of the hashes of the provider's ids that an attempt has stored with a part of a
/// page.
pub(super) fn providers_key(id: OrderId, PartId { page, part }: PartId, attempt: u32) -> Key {
    Key::of(format_args!("providers:{id}:{page}:{part}:{attempt}"))
}

pub(super) fn hashed_provider_key(hash: u128) -> Key {
    Key::of(format_args!("provider:{hash:032x}"))
}

fn stored_part(key: &Key, id: PartId, json: &[u8]) -> Result<StoredPart, StoreError> {
    let (notifications, parts) = stored::notifications(key, json)?;
    Ok(StoredPart {
        id,
        notifications,
        parts,
    })
}

/// Returns a part of a page as it is stored, with its key. Only the first part says how many parts
/// the page has.
pub(super) fn part_entry(
    order: OrderId,
    id: PartId,
    parts: usize,
    notifications: &[Notification],
) -> Result<Entry, StoreError> {
    let mut stored: Vec<_> = notifications.iter().map(StoredNotification::from).collect();
    if id.part == 0
        && parts > 1
        && let Some(first) = stored.first_mut()
    {
        first.set_parts(parts);
    }
    stored::entry(part_key(order, id), &stored)
}

pub(super) fn part_key(id: OrderId, PartId { page, part }: PartId) -> Key {
    let page = Key::of(format_args!("notes:{id}:{page}"));
    match u32::try_from(part) {
        Ok(0) | Err(_) => page,
        Ok(part) => page.number(part),
    }
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
