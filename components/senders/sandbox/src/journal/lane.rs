//! Where one instance writes its attempts.

use uuid::Uuid;

use super::{Attempt, PREFIX, Timestamp};

/// How many digits a name has, to the base of 16.
pub(super) const LENGTH: usize = 16;

/// How many bits of a name are random. With the millisecond they tell lanes apart.
const RANDOM_BITS: u32 = 22;

/// How many attempts a page holds: each of them writes it anew.
pub(super) const MAX_ATTEMPTS: usize = 64;

/// How long a lane is written to, in milliseconds. Then its name would say too little of its
/// attempts' time.
const MAX_AGE: u64 = 60_000;

/// A page that one instance writes.
///
/// Its name is the millisecond in which it was begun and [`RANDOM_BITS`] at random, as one number
/// with its highest digit first: of two names, the greater one is the later lane's.
#[derive(Debug)]
pub(crate) struct Lane {
    name: String,
    begun: Timestamp,
    /// How many digits of the name are known to be marked.
    marked: usize,
    page: String,
    attempts: usize,
}

impl Lane {
    /// A new lane. What leads to the last one of this instance need not be written again.
    pub(crate) fn new(now: Timestamp, last: Option<&Self>) -> Self {
        let (_, random) = Uuid::new_v4().as_u64_pair();
        let random = random & ((1 << RANDOM_BITS) - 1);
        let name = format!("{:016x}", (now.0 << RANDOM_BITS) | random);
        let marked = last.map_or(0, |last| last.shares(&name));
        Self {
            name,
            begun: now,
            marked,
            page: String::new(),
            attempts: 0,
        }
    }

    /// How many digits of a name are marked, as this lane is written.
    fn shares(&self, name: &str) -> usize {
        let digits = self.name.bytes().zip(name.bytes());
        digits.take_while(|(own, other)| own == other).count()
    }

    /// Whether another attempt can be added.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.attempts < MAX_ATTEMPTS && now.0.saturating_sub(self.begun.0) < MAX_AGE
    }

    /// Adds an attempt: what is to be written for it, at once or in this order. If that fails, the
    /// lane must not be used any more.
    pub(crate) fn add(&mut self, attempt: &Attempt) -> Vec<(String, Vec<u8>)> {
        self.page.push_str(&attempt.line());
        self.attempts += 1;
        let unmarked = self.marked + 1..LENGTH;
        self.marked = LENGTH;
        // Not every provider keeps an empty value.
        let marker = |digits| (marker_key(&self.name[..digits]), b"1".to_vec());
        let mut entries: Vec<_> = unmarked.map(marker).collect();
        entries.push((page_key(&self.name), self.page.clone().into_bytes()));
        entries
    }
}

/// The key that says that some name begins so.
pub(super) fn marker_key(prefix: &str) -> String {
    format!("{PREFIX}lane:{prefix}")
}

/// The key of a lane's page.
pub(super) fn page_key(name: &str) -> String {
    format!("{PREFIX}page:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn attempt() -> Attempt {
        Attempt {
            at: Timestamp(1_790_000_000_123),
            id: Uuid::from_u128(7),
            outcome: Outcome::Delivered,
        }
    }

    fn keys(entries: &[(String, Vec<u8>)]) -> Vec<&str> {
        entries.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn later_lanes_have_greater_names() {
        let lane = |now| Lane::new(Timestamp(now), None).name;
        let names = [1_790_000_000_123, 1_790_000_000_124, 4_000_000_000_000].map(lane);
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|name| name.len() == LENGTH), "{names:?}");
    }

    #[test]
    fn the_first_attempt_marks_the_way_and_others_write_the_page_alone() {
        let mut lane = Lane::new(attempt().at, None);
        let first = lane.add(&attempt());
        assert_eq!(first.len(), LENGTH);
        let name = lane.name.clone();
        for (digits, key) in keys(&first)[..LENGTH - 1].iter().enumerate() {
            assert_eq!(*key, format!("eo:sandbox:lane:{}", &name[..=digits]));
        }
        let second = lane.add(&attempt());
        let page = format!("eo:sandbox:page:{name}");
        assert_eq!(keys(&second), [&page]);
        assert_eq!(second[0].1.len(), 2 * first[LENGTH - 1].1.len());
    }

    #[test]
    fn the_next_lane_marks_what_the_last_one_has_not() {
        let mut last = Lane::new(attempt().at, None);
        last.add(&attempt());
        let mut next = Lane::new(Timestamp(attempt().at.0 + MAX_AGE), Some(&last));
        let shared = last.shares(&next.name);
        assert!(shared > 2, "{shared}");
        assert_eq!(next.add(&attempt()).len(), LENGTH - shared);
    }

    #[test]
    fn a_lane_is_bounded_in_size_and_age() {
        let mut lane = Lane::new(Timestamp(1), None);
        assert!(lane.is_open(Timestamp(MAX_AGE)) && !lane.is_open(Timestamp(MAX_AGE + 1)));
        for _ in 0..MAX_ATTEMPTS {
            assert!(lane.is_open(Timestamp(1)));
            lane.add(&attempt());
        }
        assert!(!lane.is_open(Timestamp(1)));
    }

    #[test]
    fn keys_suit_every_provider() {
        let entries = Lane::new(attempt().at, None).add(&attempt());
        let portable = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        for key in keys(&entries) {
            assert!(key.chars().all(portable) && key.len() <= 255, "{key}");
        }
    }
}
