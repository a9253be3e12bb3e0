//! Retention: erases the content of orders, and later deletes everything of them.
//!
//! It walks the [`journal`] day by day, [`LOOK_DAYS`] behind the present. What it finds there is erased
//! or deleted if it has reached its age, or else is filed under a later day; then the entry is deleted.
//! So each order is looked at about three times in its life, whatever is stored beside it, and a walk
//! that was interrupted goes on where it has ended.

use std::{collections::HashMap, sync::Arc};

use super::{
    Key, KeyValue, Pace, Stopped, StoreError,
    batch_writer::BatchWriter,
    delivery_store::{PAGE, hashed_provider_key, note_key, page_key, providers_key, report_key},
    journal::{self, day},
    leases::keys_of_claims,
    order_store::{order_key, state_key},
    read,
    reference::Reference,
    stored::{self, StoredNotification, StoredOrder},
    write,
    writer::Entry,
    writer_tree::{Form, Walk},
};
use crate::{
    log,
    order::{Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// How many days after its day an entry of the journal is looked at: most orders are settled then.
const LOOK_DAYS: i64 = 3;

/// The number of days that the first walk looks back.
const FIRST_DAYS: i64 = 400;

/// The pause after a walk that has reached the present.
const PAUSE_SECONDS: i64 = 60 * 60;

/// The number of orders that are read at once.
const AT_ONCE: usize = 16;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// After how many days an order is looked at again that is kept for ever. The configuration may have
/// changed.
const FOR_EVER_DAYS: i64 = 30;

/// How many days after it is settled the content of an order is erased, and everything is deleted. 0
/// means never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionDays {
    /// The days until the content is erased.
    pub content: u32,
    /// The days until everything is deleted.
    pub order: u32,
}

/// The retention of orders.
#[derive(Debug)]
pub struct Retention<K>(pub(super) Arc<BatchWriter<K>>);

/// What is done with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is looked at again after this.
    Keep(Timestamp),
    /// Its content is erased, and it is looked at again after this.
    Erase(Timestamp),
    Delete,
}

impl RetentionDays {
    fn fate(self, order: &Order, state: &OrderState, now: Timestamp) -> Fate {
        if !state.status.is_final() {
            return Fate::Keep(order.requested_send_time.max(now));
        }
        let after = |days: u32| {
            let end = state.last_update.plus_seconds(i64::from(days) * DAY_SECONDS);
            (days > 0).then_some(end)
        };
        let for_ever = now.plus_seconds(FOR_EVER_DAYS * DAY_SECONDS);
        let deletion = after(self.order).unwrap_or(for_ever);
        let erasure = after(self.content).filter(|_| order.erased.is_none());
        match erasure {
            _ if deletion <= now => Fate::Delete,
            Some(erasure) if erasure <= now => Fate::Erase(deletion),
            Some(erasure) => Fate::Keep(erasure.min(deletion)),
            None => Fate::Keep(deletion),
        }
    }
}

impl<K: KeyValue> Retention<K> {
    /// Returns whether a walk is due.
    pub fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let (_, last) = self.cursor()?;
        Ok(now.unix_seconds() - last >= PAUSE_SECONDS)
    }

    /// Walks on until the present, or until the time is over.
    pub async fn run(
        &self,
        days: RetentionDays,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<(), Stopped> {
        let end = day(now) - LOOK_DAYS;
        let (first, _) = self.cursor()?;
        let mut at = first.max(end - FIRST_DAYS);
        let mut result = Ok(());
        while at <= end {
            result = self.walk(at, days, now, pace).await;
            if result.is_err() {
                break;
            }
            at += 1;
        }
        let last = if result.is_ok() { now.unix_seconds() } else { 0 };
        let cursor = format!("{at}:{last}").into_bytes();
        write::set(&self.0.store, vec![(cursor_key(), cursor)])?;
        result
    }

    /// Returns the first day that is not finished, and when a walk has reached the present.
    fn cursor(&self) -> Result<(i64, i64), StoreError> {
        let value = self.0.store.get(&cursor_key())?.unwrap_or_default();
        let text = std::str::from_utf8(&value).unwrap_or_default();
        let number = |text: &str| text.parse().unwrap_or_default();
        Ok(match text.split_once(':') {
            Some((day, last)) => (number(day), number(last)),
            None => (0, 0),
        })
    }

    async fn walk(
        &self,
        at: i64,
        days: RetentionDays,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<(), Stopped> {
        let store = &self.0.store;
        let mut walk = Walk::new(journal::root(at), Form::Pages(journal::ITEM));
        while let Some(lists) = walk.next(store, pace).await? {
            let pages = lists.iter().flat_map(|list| &list.pages);
            let items: Vec<_> = pages.flat_map(|page| page.as_chunks().0).collect();
            for items in items.chunks(AT_ONCE) {
                self.look_at(items, days, now, pace).await?;
            }
            walk.delete(&lists, store, pace).await?;
        }
        walk.delete(&[], store, pace).await
    }

    async fn look_at(
        &self,
        items: &[&[u8; journal::ITEM]],
        days: RetentionDays,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<(), Stopped> {
        let ids = || items.iter().map(|item| journal::parts(item).0);
        let keys: Vec<Key> = ids().map(state_key).chain(ids().map(order_key)).collect();
        let values = read::all_at(pace, &self.0.store, &keys).await?;
        let mut kept = Vec::new();
        let mut entries = Vec::new();
        let mut deleted = Vec::new();
        for item in items {
            let (id, writer) = journal::parts(item);
            let fate = match read_order(id, &values) {
                Ok(Some((order, state))) => match days.fate(&order, &state, now) {
                    Fate::Delete => {
                        deleted.push((order, state, writer));
                        continue;
                    }
                    Fate::Erase(until) => {
                        entries.extend(self.erased(order, now, pace).await?);
                        until
                    }
                    Fate::Keep(until) => until,
                },
                // The entry of a write that was cut off.
                Ok(None) => continue,
                Err(error) => {
                    log::error("order cannot be looked at").order(id).reason(&error).write();
                    now.plus_seconds(FOR_EVER_DAYS * DAY_SECONDS)
                }
            };
            // On the day after, at the earliest tomorrow.
            kept.push((day(fate) + 1 - LOOK_DAYS, *item));
        }
        self.delete(deleted, pace).await?;
        if kept.is_empty() {
            return Ok(());
        }
        self.0.ensure_writer().await;
        Ok(self.0.write_as_writer(|writer| {
            for (day, item) in kept {
                journal::append(day, item, writer, &mut entries);
            }
            entries
        })?)
    }

    /// Returns the entries of an order and its notifications without their content.
    async fn erased(
        &self,
        order: Order,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<Vec<Entry>, Stopped> {
        let mut entries = Vec::new();
        for (key, json) in self.pages(&order, pace).await? {
            let mut notifications = stored::notifications(&key, &json)?;
            for notification in &mut notifications {
                notification.address = None;
                notification.name = None;
            }
            let page: Vec<_> = notifications.iter().map(StoredNotification::from).collect();
            entries.push(stored::entry(key, &page)?);
        }
        // The order last: it says that its content is erased.
        let order = order.without_content(now);
        entries.push(stored::entry(order_key(order.id), &StoredOrder::from(&order))?);
        Ok(entries)
    }

    /// Returns the pages of an order's notifications.
    async fn pages(&self, order: &Order, pace: &Pace<'_>) -> Result<Vec<Entry>, Stopped> {
        let pages = 0..order.recipient_count().div_ceil(PAGE);
        let keys: Vec<Key> = pages.map(|page| page_key(order.id, page)).collect();
        let mut values = read::all_at(pace, &self.0.store, &keys).await?;
        let page = |key: Key| Some((key.clone(), values.remove(key.as_str())?));
        Ok(keys.into_iter().filter_map(page).collect())
    }

    /// Deletes everything of these orders, the orders themselves last: an interrupted deletion is
    /// repeated as long as the order is there.
    async fn delete(
        &self,
        orders: Vec<(Order, OrderState, &str)>,
        pace: &Pace<'_>,
    ) -> Result<(), Stopped> {
        let store = &self.0.store;
        let gone: Vec<OrderId> = orders.iter().map(|(order, ..)| order.id).collect();
        let (mut first, mut pages, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (order, state, writer) in orders {
            let id = order.id;
            let attempts = state.progress.attempts;
            first.extend(keys_of_claims(id, order.fingerprint.is_some(), attempts));
            for (key, json) in self.pages(&order, pace).await? {
                for notification in stored::notifications(&key, &json)? {
                    first.extend([note_key(notification.id), report_key(notification.id)]);
                }
                pages.push(key);
            }
            let page_count = order.recipient_count().div_ceil(PAGE);
            let lists = (0..page_count)
                .flat_map(|page| (0..=attempts).map(move |attempt| providers_key(id, page, attempt)));
            let lists: Vec<Key> = lists.collect();
            for (list, hashes) in read::all_at(pace, store, &lists).await? {
                let hashes = hashes.as_chunks().0.iter().copied();
                first.extend(hashes.map(u128::from_be_bytes).map(hashed_provider_key));
                pages.push(Key::from_string(list));
            }
            if let Some(reference) = Reference::of_order(&order) {
                reference.remove(writer, &gone, store, pace).await?;
            }
            pages.push(state_key(id));
            last.push(order_key(id));
        }
        for keys in [first, pages, last] {
            write::delete_at(pace, store, keys).await?;
        }
        Ok(())
    }
}

fn cursor_key() -> Key {
    Key::of(format_args!("retention"))
}

fn read_order(
    id: OrderId,
    values: &HashMap<String, Vec<u8>>,
) -> Result<Option<(Order, OrderState)>, StoreError> {
    let (order_key, state_key) = (order_key(id), state_key(id));
    let Some(json) = values.get(order_key.as_str()) else {
        return Ok(None);
    };
    let order = stored::order(&order_key, json)?;
    let state = match values.get(state_key.as_str()) {
        Some(json) => stored::state(&state_key, json)?,
        None => OrderState::registered(&order),
    };
    Ok(Some((order, state)))
}
