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
    delivery_store::{
        DeliveryStore, PartId, StoredPart, hashed_provider_key, note_key, part_entry, part_key,
        providers_key, report_key,
    },
    journal::{self, day},
    leases::keys_of_claims,
    order_store::{order_key, state_key},
    read,
    reference::Reference,
    stored::{self, StoredOrder},
    write,
    writer::{Entry, MAX_LENGTH, Writer},
    writer_tree::{Form, Walk, Walked},
};
use crate::{
    log,
    order::{Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// How many days after its day an entry of the journal is looked at: most orders are settled then.
const LOOK_DAYS: i64 = 3;

/// The number of orders that are read at once.
const AT_ONCE: usize = 8;

/// How many days the first run of the trigger looks back for orders that were stored before it: their
/// keys are one batch read.
const BEGIN_DAYS: i64 = 11;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How many days later an order is deleted by the entry of a repeated filing.
const AGAIN_DAYS: i64 = LOOK_DAYS;

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

/// What is done with an order, and what that needs.
#[allow(clippy::large_enum_variant, reason = "it lives for a moment")]
enum Decision<'a> {
    Keep(Timestamp),
    Erase(Vec<Entry>, Timestamp),
    Delete(Deleted<'a>),
}

/// An order that is to be deleted.
struct Deleted<'a> {
    order: Order,
    /// The name of the writer that has filed it.
    writer: &'a str,
    parts: Vec<StoredPart>,
    attempts: u32,
}

impl RetentionDays {
    fn fate(self, order: &Order, state: &OrderState, now: Timestamp) -> Fate {
        if !state.status.is_final() {
            return Fate::Keep(order.requested_send_time.max(now));
        }
        let after = |days: u32| {
            let end = state
                .last_update
                .plus_seconds(i64::from(days) * DAY_SECONDS);
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
    /// Returns whether a walk is due: once a day. The first call writes down where the walks begin.
    ///
    /// No writer of orders does: one that knows of no other may be the second all the same, and would
    /// then hide what the first has stored on the day before.
    pub fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        match self.first_day()? {
            Some(first) => Ok(first <= last_day(now)),
            None => {
                let first = self.oldest_day(now)?.min(last_day(now) + 1);
                write::set(&self.0.store, vec![cursor(first)])?;
                Ok(first <= last_day(now))
            }
        }
    }

    /// Returns the oldest day of the last ones that has a journal, or the present one.
    fn oldest_day(&self, now: Timestamp) -> Result<i64, StoreError> {
        let today = day(now);
        let mut keys = Vec::new();
        for day in today - BEGIN_DAYS + 1..=today {
            // The lengths of writers' names.
            for length in 0..=MAX_LENGTH {
                keys.push((day, journal::root(day).child(&length.to_string())));
            }
        }
        let asked: Vec<Key> = keys.iter().map(|(_, key)| key.clone()).collect();
        let found = read::all(&self.0.store, &asked)?;
        let has_journal = |(_, key): &&(i64, Key)| found.contains_key(key.as_str());
        Ok(keys.iter().find(has_journal).map_or(today, |(day, _)| *day))
    }

    /// Walks on until the present, or until the time is over.
    pub async fn run(
        &self,
        days: RetentionDays,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<(), Stopped> {
        let Some(first) = self.first_day()? else {
            return Ok(());
        };
        if days.content == 0 && days.order == 0 {
            return Ok(());
        }
        let mut at = first;
        let mut result = Ok(());
        while at <= last_day(now) {
            result = self.walk(at, days, now, pace).await;
            if result.is_err() {
                break;
            }
            at += 1;
        }
        if at > first {
            write::set(&self.0.store, vec![cursor(at)])?;
        }
        result
    }

    /// Returns the first day that is not finished; None if that was never written down.
    fn first_day(&self) -> Result<Option<i64>, StoreError> {
        let value = self.0.store.get(&cursor_key())?;
        Ok(value.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok()))
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
        loop {
            pace.step().await?;
            let lists = match walk.next(store)? {
                Walked::On => continue,
                Walked::To(lists) => lists,
                Walked::End => break,
            };
            let pages = lists.iter().flat_map(|list| &list.pages);
            let items: Vec<_> = pages.flat_map(|page| page.as_chunks().0).collect();
            for items in items.chunks(AT_ONCE) {
                self.0.ensure_writer().await;
                pace.step().await?;
                self.look_at(items, days, now)?;
            }
            walk.delete(&lists, store)?;
        }
        Ok(walk.delete(&[], store)?)
    }

    fn look_at(
        &self,
        items: &[&[u8; journal::ITEM]],
        days: RetentionDays,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids = || items.iter().map(|item| journal::parts(item).0);
        let keys: Vec<Key> = ids().map(state_key).chain(ids().map(order_key)).collect();
        let values = read::all(&self.0.store, &keys)?;
        let mut kept = Vec::new();
        let mut entries = Vec::new();
        let mut deleted = Vec::new();
        for item in items {
            let (id, writer) = journal::parts(item);
            let until = match self.decide(id, writer, &values, days, now) {
                Ok(Some(Decision::Keep(until))) => until,
                Ok(Some(Decision::Erase(erased, until))) => {
                    entries.extend(erased);
                    until
                }
                Ok(Some(Decision::Delete(order))) => {
                    deleted.push(order);
                    continue;
                }
                // The entry of a write that was cut off.
                Ok(None) => continue,
                Err(error @ StoreError::Unreadable { .. }) => {
                    log::error("order cannot be looked at")
                        .order(id)
                        .reason(&error)
                        .write();
                    now.plus_seconds(FOR_EVER_DAYS * DAY_SECONDS)
                }
                Err(error) => return Err(error),
            };
            // On the day after, at the earliest tomorrow.
            kept.push((day(until.max(now)) + 1 - LOOK_DAYS, *item));
        }
        self.delete(deleted)?;
        if kept.is_empty() {
            return Ok(());
        }
        self.0.write_as_writer(|writer, all| {
            all.append(&mut entries);
            for (day, item) in kept {
                journal::append(day, item, writer, all);
            }
        })
    }

    /// Decides about an order; None if there is no such order.
    fn decide<'w>(
        &self,
        id: OrderId,
        writer: &'w str,
        values: &HashMap<String, Vec<u8>>,
        days: RetentionDays,
        now: Timestamp,
    ) -> Result<Option<Decision<'w>>, StoreError> {
        let Some((order, state)) = read_order(id, values)? else {
            return Ok(None);
        };
        let parts = || DeliveryStore(Arc::clone(&self.0)).parts(&order);
        // An order that was filed again has two entries, seldom one. The first one leads to everything
        // that has to be deleted, so it goes before.
        let is_again = writer == Writer::of_order(id).name();
        let known = now.plus_seconds(if is_again {
            -AGAIN_DAYS * DAY_SECONDS
        } else {
            0
        });
        Ok(Some(match days.fate(&order, &state, known) {
            Fate::Keep(until) => Decision::Keep(until),
            Fate::Erase(until) => {
                let parts = parts()?;
                Decision::Erase(erased(order, parts, now)?, until)
            }
            Fate::Delete => Decision::Delete(Deleted {
                parts: parts()?,
                attempts: state.progress.attempts,
                order,
                writer,
            }),
        }))
    }

    /// Deletes everything of these orders, the orders themselves last: an interrupted deletion is
    /// repeated as long as the order is there.
    fn delete(&self, orders: Vec<Deleted<'_>>) -> Result<(), StoreError> {
        let store = &self.0.store;
        let gone: Vec<OrderId> = orders.iter().map(|deleted| deleted.order.id).collect();
        let (mut first, mut further) = (Vec::new(), Vec::new());
        let (mut pages, mut last) = (Vec::new(), Vec::new());
        for (number, deleted) in orders.into_iter().enumerate() {
            let Deleted {
                order,
                writer,
                parts,
                attempts,
            } = deleted;
            let id = order.id;
            if let Some(reference) = Reference::of_order(&order) {
                reference.remove(writer, &gone, store)?;
                reference.remove_again(id, store)?;
            }
            // An order that was filed again may be here twice. DynamoDB refuses a batch with a key twice.
            if gone[..number].contains(&id) {
                continue;
            }
            let mut lists = Vec::new();
            for part in parts {
                for notification in part.notifications {
                    first.extend([note_key(notification.id), report_key(notification.id)]);
                }
                lists.extend((0..=attempts).map(|attempt| providers_key(id, part.id, attempt)));
                // The first part of a page leads to the others.
                let keys = if part.id.part > 0 {
                    &mut further
                } else {
                    &mut pages
                };
                keys.push(part_key(id, part.id));
                if part.id.part == 0 {
                    // A page that was generated again may have had one more part.
                    let page = part.id.page;
                    let part = part.parts.max(1);
                    further.push(part_key(id, PartId { page, part }));
                }
            }
            for (list, hashes) in read::all(store, &lists)? {
                let hashes = hashes.as_chunks().0.iter().copied();
                first.extend(hashes.map(u128::from_be_bytes).map(hashed_provider_key));
                further.push(Key::from_string(list));
            }
            first.extend(keys_of_claims(id, order.fingerprint.is_some(), attempts));
            pages.push(state_key(id));
            last.push(order_key(id));
        }
        for keys in [first, further, pages, last] {
            write::delete(store, &keys)?;
        }
        Ok(())
    }
}

/// Returns the entries of an order and its notifications without their content.
fn erased(order: Order, parts: Vec<StoredPart>, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for mut part in parts {
        for notification in &mut part.notifications {
            notification.address = None;
            notification.name = None;
        }
        entries.push(part_entry(
            order.id,
            part.id,
            part.parts,
            &part.notifications,
        )?);
    }
    // The order last: it says that its content is erased.
    let order = order.without_content(now);
    entries.push(stored::entry(
        order_key(order.id),
        &StoredOrder::from(&order),
    )?);
    Ok(entries)
}

/// Returns the last day of the journal that is looked at now.
fn last_day(now: Timestamp) -> i64 {
    day(now) - LOOK_DAYS
}

/// Returns the key of the first day that is not finished.
fn cursor_key() -> Key {
    Key::of(format_args!("retention"))
}

/// Returns the entry that says which day is the first that is not finished.
fn cursor(day: i64) -> Entry {
    (cursor_key(), day.to_string().into_bytes())
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

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use uuid::Uuid;

    use super::*;
    use crate::{
        order::{
            Creator, EmailAddress, Fingerprint, NewOrder, Notification, NotificationId,
            NotificationStatus, OrderRequest, ProcessingStatus,
        },
        store::{MemoryStore, Page, Stores},
    };

    const NOW: &str = "2026-06-01T12:00:30Z";
    const DAYS: RetentionDays = RetentionDays {
        content: 30,
        order: 90,
    };

    fn at(days: i64) -> Timestamp {
        Timestamp::parse(NOW)
            .unwrap()
            .plus_seconds(days * DAY_SECONDS)
    }

    struct Stage {
        store: &'static MemoryStore,
        stores: Stores<&'static MemoryStore>,
    }

    impl Stage {
        fn new() -> Self {
            let store: &'static MemoryStore = Box::leak(Box::default());
            let stores = Stores::new(store);
            Self { store, stores }
        }

        /// Places an order by an instance of its own.
        fn place(&self, reference: &str, due: Timestamp) -> Order {
            self.place_at(reference, due, at(0))
        }

        fn place_at(&self, reference: &str, due: Timestamp, now: Timestamp) -> Order {
            let json = format!(
                r#"{{"subject":"secret","body":"secret","sendersReference":"{reference}",
                    "recipients":[{{"emailAddress":"secret@b.no"}},{{"emailAddress":"secret@c.no"}}]}}"#
            );
            let request = OrderRequest::parse(json.as_bytes()).unwrap();
            let order = NewOrder::validate(&request, at(0)).unwrap().register(
                OrderId::new(at(0)),
                Creator::new("ttd").unwrap(),
                at(0),
                EmailAddress::parse("noreply@altinn.cloud").unwrap(),
                Some(Fingerprint::of(&request)),
            );
            let order = Order {
                requested_send_time: due,
                ..order
            };
            let stores = Stores::new(self.store);
            block_on(stores.orders.insert(&order, now)).unwrap();
            order
        }

        /// Settles an order, with notifications that the provider knows by ids of its own.
        fn settle(&self, order: &Order, now: Timestamp) {
            let notification = |recipient| Notification {
                id: NotificationId::from_bytes(*Uuid::new_v4().as_bytes()),
                recipient,
                address: Some("secret@d.no".to_owned()),
                name: Some("secret".to_owned()),
                status: NotificationStatus::Succeeded,
                tried: true,
                last_update: now,
            };
            let notifications = [0, 1].map(notification);
            let mut state = OrderState::reserved(order, now);
            state.status = ProcessingStatus::Completed;
            state.last_update = now;
            // A page of two parts. The attempt sends a part again after a rate limit.
            for (part, is_repeated) in [(1, false), (0, false), (0, true)] {
                let provider_id = format!("provider-{part}-{is_repeated}");
                let page = Page {
                    part: PartId { page: 0, part },
                    parts: 2,
                    notifications: &notifications[part..=part],
                    is_new: !is_repeated,
                    renewed: &[],
                    is_repeated,
                    provider_ids: &[(notifications[part].id, provider_id)],
                };
                block_on(self.stores.deliveries.set_page(order.id, page, &state)).unwrap();
            }
            let report = NotificationStatus::Delivered;
            self.stores
                .deliveries
                .report(notifications[0].id, report, now)
                .unwrap();
        }

        fn run(&self, now: Timestamp) {
            let clock = || now;
            let pace = Pace::new(&clock, now, now);
            _ = self.stores.retention.is_due(now).unwrap();
            block_on(self.stores.retention.run(DAYS, now, &pace)).unwrap();
        }

        /// Returns the keys of orders and their indexes, apart from due times.
        fn keys(&self) -> Vec<String> {
            let state = self.store.state();
            let other = ["eo:due:", "eo:writers", "eo:retention"];
            let keys = state.values.keys();
            let keys = keys.filter(|key| !other.iter().any(|other| key.starts_with(other)));
            keys.cloned().collect()
        }

        fn holds(&self, text: &str) -> bool {
            let state = self.store.state();
            let mut values = state.values.values();
            values.any(|value| String::from_utf8_lossy(value).contains(text))
        }
    }

    #[test]
    fn settled_order_is_erased_and_then_deleted() {
        let stage = Stage::new();
        let order = stage.place("case", at(0));
        stage.settle(&order, at(0));
        for day in 0..30 {
            stage.run(at(day));
        }
        assert_eq!(
            stage.stores.orders.get(order.id).unwrap(),
            Some(order.clone())
        );
        assert!(stage.holds("secret"));
        stage.run(at(31));
        let erased = stage.stores.orders.get(order.id).unwrap().unwrap();
        assert_eq!(erased.erased.unwrap().recipients, 2);
        assert!(!stage.holds("secret"));
        let notifications = stage.stores.deliveries.notifications(&erased).unwrap();
        assert_eq!(notifications.len(), 2);
        assert_eq!(notifications[0].status, NotificationStatus::Delivered);
        assert_eq!(erased.fingerprint, order.fingerprint);
        for day in 32..90 {
            stage.run(at(day));
        }
        assert_eq!(stage.stores.orders.find_ids("case"), [order.id]);
        stage.run(at(91));
        assert_eq!(stage.keys(), Vec::<String>::new());
    }

    #[test]
    fn order_for_later_is_kept_until_its_age() {
        let stage = Stage::new();
        let order = stage.place("case", at(200));
        for day in 0..200 {
            stage.run(at(day));
        }
        stage.settle(&order, at(200));
        for day in 200..=230 {
            stage.run(at(day));
        }
        assert!(stage.holds("secret"));
        stage.run(at(231));
        assert!(!stage.holds("secret"));
        for day in 232..=291 {
            stage.run(at(day));
        }
        assert_eq!(stage.keys(), Vec::<String>::new());
    }

    #[test]
    fn other_orders_of_a_reference_are_still_found() {
        let stage = Stage::new();
        stage.store.state().writers = 4990;
        let placed: Vec<_> = (0..20).map(|_| stage.place("case", at(0))).collect();
        let later = stage.place("case", at(300));
        for order in &placed {
            stage.settle(order, at(0));
        }
        for day in 0..100 {
            stage.run(at(day));
        }
        assert_eq!(stage.stores.orders.find_ids("case"), [later.id]);
        stage.settle(&later, at(300));
        for day in 100..400 {
            stage.run(at(day));
        }
        assert_eq!(stage.keys(), Vec::<String>::new());
    }

    #[test]
    fn order_that_was_filed_again_leaves_nothing() {
        for is_lost in [false, true] {
            let stage = Stage::new();
            let order = stage.place("case", at(0));
            if is_lost {
                // The first write was cut off.
                let mut memory = stage.store.state();
                let kept = ["eo:order:", "eo:retention"];
                memory
                    .values
                    .retain(|key, _| kept.iter().any(|kept| key.starts_with(kept)));
            }
            for days in [0, 0, 1, 20] {
                let other = Stores::new(stage.store);
                block_on(other.orders.file_again(&order, at(days))).unwrap();
            }
            assert_eq!(stage.stores.orders.find_ids("case"), [order.id]);
            stage.settle(&order, at(0));
            for day in 0..=90 {
                stage.run(at(day));
            }
            assert_eq!(stage.stores.orders.find_ids("case"), [order.id]);
            for day in 91..95 {
                stage.run(at(day));
            }
            assert_eq!(stage.keys(), Vec::<String>::new(), "{is_lost}");
        }
    }

    #[test]
    fn order_of_the_first_version_is_erased_and_deleted_after_the_update() {
        let stage = Stage::new();
        let order = stage.place("case", at(0));
        {
            // As the first version has stored it.
            let mut memory = stage.store.state();
            let page = memory.values.keys().find(|key| key.starts_with("eo:ref:"));
            let reference = page.unwrap()[..39].to_owned();
            memory.values.retain(|key, _| key.starts_with("eo:order:"));
            let due = "eo:due:2026-06-01T12:00";
            for length in ["eo:due:2026-06".len(), 17, 20, due.len()] {
                memory
                    .values
                    .insert(due[..length].to_owned(), b"1".to_vec());
            }
            for length in 1..=6 {
                let marker = format!("{due}:{}", &"5bCdEf"[..length]);
                memory.values.insert(marker, b"1".to_vec());
            }
            let id = order.id.as_bytes();
            memory.values.insert(format!("{due}:5bCdEf:0"), id.to_vec());
            for length in 1..=3 {
                let marker = format!("{reference}:{}", &"5bCd"[..length]);
                memory.values.insert(marker, b"1".to_vec());
            }
            let page = [&id[..], &[1]].concat();
            memory.values.insert(format!("{reference}:5bCd"), page);
        }
        assert_eq!(stage.stores.orders.find_ids("case"), [order.id]);
        // It is due, and then settled.
        let found = block_on(stage.stores.due_at("2026-06-01T12:30:00Z"));
        assert_eq!(found, [order.id]);
        stage.settle(&order, at(0));
        assert_eq!(block_on(stage.stores.due_at("2026-06-01T12:40:00Z")), []);
        for day in 0..60 {
            stage.run(at(day));
        }
        assert!(!stage.holds("secret"));
        assert_eq!(stage.stores.orders.find_ids("case"), [order.id]);
        for day in 60..100 {
            stage.run(at(day));
        }
        // The sequence has begun anew in this test.
        assert_eq!(stage.keys(), Vec::<String>::new());
    }

    /// The store fails at one write or deletion, which may be done in part.
    #[test]
    fn retention_that_was_cut_off_is_continued() {
        for writes in 0..25 {
            for kept in [0, 1, 5] {
                let stage = Stage::new();
                for reference in ["one", "other", "one"] {
                    stage.settle(&stage.place(reference, at(0)), at(0));
                }
                stage.run(at(0));
                stage.store.state().writes_before_cut = writes;
                stage.store.state().cut_next_write_after = Some(kept);
                for day in 3..100 {
                    let now = at(day);
                    let clock = || now;
                    let pace = Pace::new(&clock, now, now);
                    // Fails once.
                    _ = block_on(stage.stores.retention.run(DAYS, now, &pace));
                }
                assert!(stage.store.state().cut_next_write_after.is_none());
                assert_eq!(stage.keys(), Vec::<String>::new(), "{writes} {kept}");
            }
        }
    }

    #[test]
    fn walk_is_due_once_a_day_from_the_first_run_on() {
        let stage = Stage::new();
        let is_due = |days| stage.stores.retention.is_due(at(days)).unwrap();
        assert!(!is_due(0));
        assert!(!is_due(0));
        assert!(is_due(1));
        stage.run(at(1));
        assert!(!is_due(1));
        assert!(is_due(2));
    }

    #[test]
    fn orders_of_the_first_day_are_deleted_whichever_writers_stored_them() {
        for first_run in [1, 10] {
            let stage = Stage::new();
            // The first writer gets no number, the second one does on the day after.
            stage.store.state().has_no_sequence = true;
            let first = stage.place("case", at(0));
            stage.store.state().has_no_sequence = false;
            let second = stage.place_at("case", at(1), at(1));
            for order in [first, second] {
                stage.settle(&order, at(1));
            }
            for day in first_run..100 {
                stage.run(at(day));
            }
            assert_eq!(stage.keys(), Vec::<String>::new(), "{first_run}");
        }
    }
}
