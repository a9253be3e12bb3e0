//! What is stored of the delivery of orders.

use sha2::{Digest, Sha256};

use super::{
    Key, KeyValue, Orders, Pace, Stopped, StoreError,
    due::{self, Period},
    orders::stored_state,
    read,
    record::Record,
    stored::{self, StoredNotification, StoredReport},
};
use crate::{
    order::{Notification, NotificationId, NotificationStatus, Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// How many of an order's recipients have their notifications in one page: few enough that a page
/// and all that is written with it are one write.
pub const PAGE: usize = 20;

/// A page of an order's notifications that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Which one; the first is 0.
    pub number: usize,
    /// All its notifications.
    pub notifications: &'a [Notification],
    /// Whether it was not written before.
    pub is_new: bool,
    /// What the provider calls those that it has taken.
    pub provider_ids: &'a [(NotificationId, String)],
}

/// A minute in which some order may be due.
#[derive(Debug)]
pub struct DueMinute(Period);

impl<K: KeyValue> Orders<K> {
    /// The minutes in which some order may be due, the oldest first.
    pub async fn due_minutes(
        &self,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<Vec<DueMinute>, Stopped> {
        let minutes = due::minutes(&self.store, now, pace).await?;
        Ok(minutes.into_iter().map(DueMinute).collect())
    }

    /// Adds the orders in a minute that an attempt may begin at, if they are due, until there are
    /// about `room` of all. What was found before the time is over counts.
    pub async fn look_into(
        &self,
        DueMinute(minute): &DueMinute,
        now: Timestamp,
        room: usize,
        pace: &Pace<'_>,
        ready: &mut Vec<OrderId>,
    ) -> Result<(), Stopped> {
        due::look_into(&self.store, minute, now, room, pace, ready).await
    }

    /// Notes the state of an order and files it under the time when it is due again.
    pub async fn postpone(
        &self,
        id: OrderId,
        state: &OrderState,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.keep(Record {
            id,
            reference: None,
            due: Some((due, now)),
            entries: vec![stored_state(id, state)?],
        })
        .await
    }

    /// Writes a page of notifications and the state that goes with it. The page comes before the
    /// state, and what leads to it before both.
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
        for (note, provider_id) in page.provider_ids {
            // Where the provider goes by our own id, there is nothing to find.
            if NotificationId::parse(provider_id) != Some(*note) {
                entries.push((provider_key(provider_id), note.as_bytes().to_vec()));
            }
        }
        let notifications = page.notifications.iter().map(StoredNotification::from);
        let notifications: Vec<_> = notifications.collect();
        entries.push(stored::entry(page_key(id, page.number), &notifications)?);
        entries.push(stored_state(id, state)?);
        self.keep(Record {
            id,
            reference: None,
            due: None,
            entries,
        })
        .await
    }

    /// A page of an order's notifications, with what was reported of them; None if it was never
    /// written.
    pub fn page(
        &self,
        id: OrderId,
        number: usize,
    ) -> Result<Option<Vec<Notification>>, StoreError> {
        let key = page_key(id, number);
        let Some(json) = self.store.get(&key)? else {
            return Ok(None);
        };
        let mut notifications = read_page(&key, &json)?;
        self.add_reports(&mut notifications)?;
        Ok(Some(notifications))
    }

    /// All notifications of an order so far, with what was reported of them.
    pub fn notifications(&self, order: &Order) -> Result<Vec<Notification>, StoreError> {
        let pages = 0..order.recipients.len().div_ceil(PAGE);
        let keys: Vec<Key> = pages.map(|number| page_key(order.id, number)).collect();
        let values = read::all(&self.store, &keys)?;
        let mut all: Vec<Notification> = Vec::new();
        for key in keys {
            if let Some(json) = values.get(key.as_str()) {
                all.extend(read_page(&key, json)?);
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
        let reports = read::all(&self.store, &keys.collect::<Vec<_>>())?;
        if reports.is_empty() {
            return Ok(());
        }
        for notification in notifications {
            let key = report_key(notification.id);
            if let Some(json) = reports.get(key.as_str()) {
                let report: StoredReport = stored::read(&key, json)?;
                if let Some(status) = notification.status.after_report(report.status) {
                    notification.set(status, report.at);
                }
            }
        }
        Ok(())
    }

    /// The order that a notification belongs to.
    pub fn order_of(&self, id: NotificationId) -> Result<Option<OrderId>, StoreError> {
        let value = self.store.get(&note_key(id))?;
        Ok(bytes(value).map(OrderId::from_bytes))
    }

    /// The notification that a provider calls by this name.
    pub fn notification_of(&self, provider_id: &str) -> Result<Option<NotificationId>, StoreError> {
        if let Some(id) = NotificationId::parse(provider_id)
            && self.order_of(id)?.is_some()
        {
            return Ok(Some(id));
        }
        let value = self.store.get(&provider_key(provider_id))?;
        Ok(bytes(value).map(NotificationId::from_bytes))
    }

    /// Stores what was reported of an order's notification; whether that is news after what was
    /// reported before.
    pub fn report(
        &self,
        id: NotificationId,
        status: NotificationStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = report_key(id);
        let before = match self.store.get(&key)? {
            Some(json) => stored::read::<StoredReport>(&key, &json)?.status,
            None => NotificationStatus::Sending,
        };
        if before.after_report(status).is_none() {
            return Ok(false);
        }
        let entry = stored::entry(key, &StoredReport::new(status, at))?;
        self.store.set_many(vec![entry])?;
        Ok(true)
    }

    /// Until when the sender takes nothing.
    pub fn sender_pause(&self) -> Result<Option<Timestamp>, StoreError> {
        let value = self.store.get(&pause_key())?;
        let seconds = value.and_then(|text| String::from_utf8(text).ok()?.parse().ok());
        Ok(seconds.and_then(Timestamp::from_unix_seconds))
    }

    /// Notes until when the sender takes nothing.
    pub fn set_sender_pause(&self, until: Timestamp) -> Result<(), StoreError> {
        let seconds = until.unix_seconds().to_string().into_bytes();
        self.store.set_many(vec![(pause_key(), seconds)])
    }
}

/// Reads a page of notifications.
fn read_page(key: &Key, json: &[u8]) -> Result<Vec<Notification>, StoreError> {
    let stored: Vec<StoredNotification<'_>> = stored::read(key, json)?;
    Ok(stored.into_iter().map(Notification::from).collect())
}

fn bytes(value: Option<Vec<u8>>) -> Option<[u8; 16]> {
    value?.try_into().ok()
}

fn page_key(id: OrderId, number: usize) -> Key {
    Key::of(format_args!("notes:{id}:{number}"))
}

fn note_key(id: NotificationId) -> Key {
    Key::of(format_args!("note:{id}"))
}

fn report_key(id: NotificationId) -> Key {
    Key::of(format_args!("report:{id}"))
}

/// The name is the provider's text, so it goes in hashed.
fn provider_key(provider_id: &str) -> Key {
    let hash = Sha256::digest(provider_id);
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Key::of(format_args!("provider:{:032x}", u128::from_be_bytes(half)))
}

fn pause_key() -> Key {
    Key::of(format_args!("pause"))
}
