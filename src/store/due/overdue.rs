//! The oldest overdue order.

use crate::{
    store::{DueIndex, KeyValue, Pace, Stopped},
    timestamp::Timestamp,
};

const MINUTE_SECONDS: i64 = 60;

impl<K: KeyValue> DueIndex<K> {
    /// Returns the beginning of the oldest minute that is over and has an order for which an attempt
    /// can begin; None if there is none. Orders that another attempt has leased, or that wait for a
    /// retry, do not count.
    ///
    /// If the time is over during the search, the minute that was being scanned counts. Like a run
    /// of the trigger, the search deletes minutes in which all orders are settled.
    pub async fn oldest_overdue(
        &self,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<Option<Timestamp>, Stopped> {
        for minute in self.minutes(now, pace).await?.0 {
            let Some(begin) = minute.0.begin() else {
                continue;
            };
            if begin.plus_seconds(MINUTE_SECONDS) > now {
                break;
            }
            let mut ready = Vec::new();
            match self
                .scan(std::slice::from_ref(&minute), now, 1, pace, &mut ready)
                .await
            {
                Ok(()) if ready.is_empty() => {}
                Ok(()) | Err(Stopped::OutOfTime) => return Ok(Some(begin)),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        order::{Creator, EmailAddress, NewOrder, Order, OrderId, OrderRequest, OrderState},
        store::{MemoryStore, Stores},
    };

    const NOW: &str = "2026-06-01T12:00:30Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn stores() -> Stores<&'static MemoryStore> {
        Stores::new(Box::leak(Box::default()))
    }

    fn place(stores: &Stores<&'static MemoryStore>, send_time: &str) -> Order {
        let json = format!(
            r#"{{"subject":"s","body":"b","requestedSendTime":"{send_time}",
                "recipients":[{{"emailAddress":"a@b.no"}}]}}"#
        );
        let request = OrderRequest::parse(json.as_bytes()).unwrap();
        let order = NewOrder::validate(&request, at(NOW)).unwrap().register(
            OrderId::new(at(NOW)),
            Creator::new("ttd").unwrap(),
            at(NOW),
            EmailAddress::parse("noreply@altinn.cloud").unwrap(),
            None,
        );
        block_on(stores.orders.insert(&order, at(NOW))).unwrap();
        order
    }

    fn oldest(stores: &Stores<&'static MemoryStore>, now: &str) -> Option<Timestamp> {
        let now = at(now);
        let clock = || now;
        let pace = Pace::new(&clock, now, now);
        block_on(stores.due.oldest_overdue(now, &pace)).unwrap()
    }

    #[test]
    fn oldest_minute_with_an_unsettled_order_is_returned() {
        let stores = stores();
        let first = place(&stores, "2026-06-01T12:10:30Z");
        place(&stores, "2026-06-01T12:20:30Z");
        place(&stores, "2026-06-01T13:00:00Z");
        assert_eq!(oldest(&stores, "2026-06-01T12:09:59Z"), None);
        // The minute is not over.
        assert_eq!(oldest(&stores, "2026-06-01T12:10:59Z"), None);
        let begin = Some(at("2026-06-01T12:10:00Z"));
        assert_eq!(oldest(&stores, "2026-06-01T12:11:00Z"), begin);
        assert_eq!(oldest(&stores, "2026-06-01T12:50:00Z"), begin);

        let cancelled = OrderState::cancelled(at("2026-06-01T12:01:00Z"));
        block_on(stores.orders.set_state(first.id, &cancelled)).unwrap();
        let next = Some(at("2026-06-01T12:20:00Z"));
        assert_eq!(oldest(&stores, "2026-06-01T12:50:00Z"), next);
    }

    #[test]
    fn minute_that_was_not_searched_in_time_counts() {
        let stores = stores();
        place(&stores, "2026-06-01T12:10:30Z");
        let now = at("2026-06-01T12:30:00Z");
        // The clock moves on with each look at it. The minutes are found in time.
        let seconds = std::sync::atomic::AtomicI64::new(0);
        let clock = || now.plus_seconds(seconds.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let pace = Pace::new(&clock, now.plus_seconds(5), now.plus_seconds(5));
        let oldest = block_on(stores.due.oldest_overdue(now, &pace)).unwrap();
        assert_eq!(oldest, Some(at("2026-06-01T12:10:00Z")));
    }
}
