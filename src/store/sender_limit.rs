//! The limit that the sender has met: `eo:pause`.

use std::time::Duration;

use super::{DeliveryStore, Key, KeyValue, StoreError, write};
use crate::timestamp::Timestamp;

/// A rate limit of the sender, as instances share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderLimit {
    /// Until when the sender takes nothing.
    pub until: Timestamp,
    /// How many emails may leave in 1,000 seconds, from then on.
    pub rate: u32,
}

impl<K: KeyValue> DeliveryStore<K> {
    /// Returns the limit that the sender has met last.
    pub fn sender_limit(&self) -> Result<Option<SenderLimit>, StoreError> {
        let value = self.0.store.get(&key())?;
        Ok(value.and_then(|text| read(&String::from_utf8(text).ok()?)))
    }

    /// Stores a limit that the sender has met.
    pub fn set_sender_limit(&self, limit: SenderLimit) -> Result<(), StoreError> {
        let SenderLimit { until, rate } = limit;
        let (seconds, rest) = (until.unix_seconds(), until.microsecond());
        let text = format!("{seconds} {rest} {rate}").into_bytes();
        write::set(&self.0.store, vec![(key(), text)])
    }
}

/// Reads Unix seconds, microseconds and the rate. The first version has the seconds alone.
fn read(text: &str) -> Option<SenderLimit> {
    let mut words = text.split(' ');
    let seconds = words.next()?.parse().ok()?;
    let mut number = || words.next().and_then(|word| word.parse().ok());
    let microseconds: u32 = number().unwrap_or_default();
    Some(SenderLimit {
        until: Timestamp::from_unix_seconds(seconds)?
            .plus(Duration::from_micros(microseconds.into())),
        rate: number().unwrap_or_default(),
    })
}

fn key() -> Key {
    Key::of(format_args!("pause"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Stores};

    #[test]
    fn limit_is_stored_to_the_microsecond() {
        let store: &'static MemoryStore = Box::leak(Box::default());
        let stores = Stores::new(store);
        assert_eq!(stores.deliveries.sender_limit().unwrap(), None);
        let limit = SenderLimit {
            until: Timestamp::parse("2026-06-01T12:00:02.000250Z").unwrap(),
            rate: 4_750,
        };
        stores.deliveries.set_sender_limit(limit).unwrap();
        assert_eq!(stores.deliveries.sender_limit().unwrap(), Some(limit));
    }

    #[test]
    fn limit_of_the_first_version_has_no_rate() {
        let limit = read("1780315202").unwrap();
        assert_eq!(limit.until.to_string(), "2026-06-01T12:00:02Z");
        assert_eq!(limit.rate, 0);
        for text in ["", "x", "1780315202x", "99999999999999999 0 1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
