//! A creator's orders with a reference, page by page.

use super::{
    Key, KeyValue, OrderStore, StoreError,
    order_store::order_key,
    read,
    reference::{self, Reference},
    stored,
};
use crate::order::{Creator, Order, OrderId};

/// Selects a page of the orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    /// The most orders on the page; None means [`Selection::DEFAULT_LIMIT`].
    pub limit: Option<usize>,
    /// The id that the page follows, in the order of ids.
    pub after: Option<OrderId>,
}

impl Selection {
    /// The default of `limit`.
    pub const DEFAULT_LIMIT: usize = 50;

    /// Returns the most orders that the page may have.
    #[must_use]
    pub fn limit(self) -> usize {
        self.limit.unwrap_or(Self::DEFAULT_LIMIT)
    }
}

/// A page of orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// The id that the next page follows, if there are more orders.
    pub next: Option<OrderId>,
}

/// The most bytes of stored orders on a page: hosts limit a response (Akamai Functions to 10 MiB) and
/// the memory of an instance.
const MAX_BYTES: usize = 4 << 20;

/// The number of orders that are read at once. At most as many are read in vain.
const READ_AT_ONCE: usize = 16;

/// The most ids without an order that one page passes over.
const MAX_PASSED_OVER: usize = 1000;

/// Sorts the few orders of a page by age. The standard library's sort would need much more code in
/// the component.
fn oldest_first(orders: Vec<Order>) -> Vec<Order> {
    let key = |order: &Order| (order.created, order.id);
    let mut sorted: Vec<Order> = Vec::with_capacity(orders.len());
    for order in orders {
        let place = sorted.partition_point(|other| key(other) < key(&order));
        sorted.insert(place, order);
    }
    sorted
}

impl<K: KeyValue> OrderStore<K> {
    /// Returns a page of the creator's orders with this reference.
    ///
    /// Pages are in the order of ids, which the index holds. So a page costs its own orders and 16
    /// bytes for each other order, and an order that is placed meanwhile moves no other one to
    /// another page. Only if the caller selects nothing and all orders fit into one page, they are
    /// sorted by age, the oldest first.
    ///
    /// A page of large orders has fewer of them, and a next page.
    pub fn find(
        &self,
        creator: &Creator,
        reference: &str,
        selection: Selection,
    ) -> Result<OrderPage, StoreError> {
        let ids = reference::find(&self.0.store, &Reference::of(creator, reference))?;
        let is_wanted = |order: &Order| {
            // The index holds hashes; the order itself says whose it is.
            order.creator == *creator && order.senders_reference.as_deref() == Some(reference)
        };
        let is_whole = selection == Selection::default();
        let first = selection
            .after
            .map_or(0, |after| ids.partition_point(|id| *id <= after));
        let mut page = if is_whole && ids.len() <= Selection::DEFAULT_LIMIT {
            self.read_page(&ids, is_wanted, ids.len(), usize::MAX)?
        } else {
            self.read_page(&ids[first..], is_wanted, selection.limit(), MAX_BYTES)?
        };
        if is_whole && page.next.is_none() {
            page.orders = oldest_first(page.orders);
        }
        Ok(page)
    }

    /// Reads the wanted ones of these orders, in the order of `ids`, until the page is full.
    fn read_page(
        &self,
        ids: &[OrderId],
        is_wanted: impl Fn(&Order) -> bool,
        limit: usize,
        max_bytes: usize,
    ) -> Result<OrderPage, StoreError> {
        let mut page = OrderPage::default();
        let (mut bytes, mut passed_over) = (0, 0);
        // The last id that this page has read.
        let mut last = None;
        for chunk in ids.chunks(READ_AT_ONCE) {
            let keys: Vec<Key> = chunk.iter().copied().map(order_key).collect();
            let mut values = read::all(&self.0.store, &keys)?;
            for (id, key) in chunk.iter().zip(keys) {
                let order = values.remove(key.as_str()).map(|json| {
                    let order = stored::order(&key, &json)?;
                    Ok::<_, StoreError>((order, json.len()))
                });
                match order.transpose()? {
                    Some((order, size)) if is_wanted(&order) => {
                        bytes += size;
                        let is_full = page.orders.len() == limit || bytes > max_bytes;
                        // The first order is on the page however large it is.
                        if is_full && !page.orders.is_empty() {
                            page.next = last;
                            return Ok(page);
                        }
                        page.orders.push(order);
                    }
                    // A write that was cut off can leave an id without an order.
                    _ => passed_over += 1,
                }
                last = Some(*id);
            }
            if passed_over > MAX_PASSED_OVER && last.as_ref() != ids.last() {
                page.next = last;
                return Ok(page);
            }
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use futures_executor::block_on;

    use super::{
        super::{MemoryStore, Provider, Stores},
        *,
    };
    use crate::{
        order::{EmailAddress, NewOrder, OrderRequest},
        timestamp::Timestamp,
    };

    const REFERENCE: &str = "case-1";

    fn ttd() -> Creator {
        Creator::new("ttd").unwrap()
    }

    struct Stage {
        store: &'static MemoryStore,
        orders: OrderStore<&'static MemoryStore>,
        now: Timestamp,
    }

    impl Stage {
        fn on(provider: Provider) -> Self {
            let store: &'static MemoryStore = Box::leak(Box::new(MemoryStore::like(provider)));
            Self {
                store,
                orders: Stores::new(store).orders,
                now: Timestamp::parse("2026-06-01T12:00:30Z").unwrap(),
            }
        }

        /// Returns an order with at least so many bytes of JSON, a second younger than the last.
        fn order(&mut self, bytes: usize) -> Order {
            self.now = self.now.plus_seconds(1);
            let json = format!(
                r#"{{"subject":"s","body":"{}","recipients":[{{"emailAddress":"a@b.no"}}],
                    "sendersReference":"{REFERENCE}","requestedSendTime":"2099-01-01T00:00Z"}}"#,
                "x".repeat(bytes.max(1)),
            );
            let request = OrderRequest::parse(json.as_bytes()).unwrap();
            let from = EmailAddress::parse("noreply@altinn.cloud").unwrap();
            let order = NewOrder::validate(&request, self.now).unwrap();
            order.register(OrderId::new(self.now), ttd(), self.now, from, None)
        }

        fn place(&mut self, bytes: usize) -> OrderId {
            let order = self.order(bytes);
            block_on(self.orders.insert(&order, self.now)).unwrap();
            order.id
        }

        fn place_all(&mut self, count: usize) -> Vec<OrderId> {
            (0..count).map(|_| self.place(1)).collect()
        }

        fn find(&self, limit: Option<usize>, after: Option<OrderId>) -> OrderPage {
            let selection = Selection { limit, after };
            self.orders.find(&ttd(), REFERENCE, selection).unwrap()
        }

        /// Returns the ids on each page, from the first to the last.
        fn walk(&self, limit: Option<usize>) -> Vec<Vec<OrderId>> {
            let mut pages = Vec::new();
            let mut after = None;
            loop {
                let page = self.find(limit, after);
                pages.push(ids(&page));
                after = page.next;
                if after.is_none() {
                    return pages;
                }
            }
        }
    }

    fn ids(page: &OrderPage) -> Vec<OrderId> {
        page.orders.iter().map(|order| order.id).collect()
    }

    fn sorted(mut ids: Vec<OrderId>) -> Vec<OrderId> {
        ids.sort_unstable();
        ids
    }

    #[test]
    fn find_all_on_one_page_sorts_by_age() {
        for provider in [Provider::Sqlite, Provider::Redis] {
            let mut stage = Stage::on(provider);
            assert_eq!(stage.find(None, None), OrderPage::default());
            let placed = stage.place_all(50);
            let page = stage.find(None, None);
            assert_eq!((ids(&page), page.next), (placed, None));
        }
    }

    #[test]
    fn find_fifty_large_orders_without_selection_is_one_page() {
        let mut stage = Stage::on(Provider::Sqlite);
        let placed: Vec<_> = (0..50).map(|_| stage.place(200_000)).collect();
        let page = stage.find(None, None);
        assert_eq!((ids(&page), page.next), (placed, None));
    }

    #[test]
    fn find_more_than_a_page_is_in_the_order_of_ids() {
        for provider in [Provider::Sqlite, Provider::Redis] {
            let mut stage = Stage::on(provider);
            let placed = sorted(stage.place_all(120));
            for (limit, sizes) in [
                (None, vec![50, 50, 20]),
                (Some(100), vec![100, 20]),
                (Some(60), vec![60, 60]),
                (Some(7), [vec![7; 17], vec![1]].concat()),
            ] {
                let pages = stage.walk(limit);
                let got: Vec<usize> = pages.iter().map(Vec::len).collect();
                assert_eq!(got, sizes, "{limit:?}");
                assert_eq!(pages.concat(), placed, "{limit:?}");
            }
        }
    }

    #[test]
    fn find_page_is_bounded_in_bytes_and_reads() {
        let mut stage = Stage::on(Provider::Sqlite);
        let placed: Vec<_> = (0..60).map(|_| stage.place(240_000)).collect();
        for limit in [None, Some(100)] {
            stage.store.state().bytes_read = 0;
            let first = stage.find(limit, None);
            assert_eq!(first.orders.len(), 17, "{limit:?}");
            let read = stage.store.state().bytes_read;
            assert!(read < MAX_BYTES + READ_AT_ONCE * 250_000, "{read}");
            assert_eq!(
                stage.walk(limit).concat(),
                sorted(placed.clone()),
                "{limit:?}"
            );
        }
    }

    #[test]
    fn find_order_of_any_size_has_a_page() {
        let mut stage = Stage::on(Provider::Sqlite);
        let placed: Vec<_> = (0..3).map(|_| stage.place(MAX_BYTES)).collect();
        let pages = stage.walk(Some(2));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(pages.concat(), sorted(placed));
    }

    #[test]
    fn find_orders_placed_meanwhile_hide_none() {
        let mut stage = Stage::on(Provider::Sqlite);
        let before = stage.place_all(90);
        let mut found = BTreeSet::new();
        let mut after = None;
        loop {
            let page = stage.find(Some(20), after);
            for id in ids(&page) {
                assert!(found.insert(id), "{id} is on two pages");
            }
            stage.place_all(5);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert!(before.iter().all(|id| found.contains(id)));
    }

    #[test]
    fn find_ids_without_an_order_are_passed_over() {
        let mut stage = Stage::on(Provider::Sqlite);
        let placed = stage.place_all(50);
        // Writes the index entries of an order, and nothing else.
        for _ in 0..30 {
            let lost = stage.order(1);
            let orders = Stores::new(stage.store).orders;
            stage.store.state().cut_next_write_after = Some(10);
            stage.store.state().cuts = 2;
            assert!(block_on(orders.insert(&lost, stage.now)).is_err());
        }
        let known = stage.orders.find_ids(REFERENCE);
        assert_eq!(known.len(), 80);
        // 50 orders fit into one page.
        let page = stage.find(None, None);
        assert_eq!((ids(&page), page.next), (placed.clone(), None));
        let pages = stage.walk(Some(25));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25]);
        assert_eq!(pages.concat(), sorted(placed));
    }

    #[test]
    fn find_after_an_unknown_id_returns_greater_ids() {
        let mut stage = Stage::on(Provider::Sqlite);
        let placed = sorted(stage.place_all(3));
        let behind = |bytes| {
            let page = stage.find(None, Some(OrderId::from_bytes(bytes)));
            ids(&page)
        };
        assert_eq!(behind([0; 16]), placed);
        assert_eq!(behind([255; 16]), []);
        assert_eq!(behind(*placed[1].as_bytes()), placed[2..]);
    }
}
