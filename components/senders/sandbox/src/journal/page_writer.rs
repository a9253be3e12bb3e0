//! The writer of a page: one instance records its attempts there.

use uuid::Uuid;

use super::{Attempt, PREFIX, UnixMillis};

/// The number of hexadecimal digits in a page's name.
pub(super) const NAME_LENGTH: usize = 16;

/// The number of random bits in a name. With the millisecond they make the name unique.
const RANDOM_BITS: u32 = 22;

/// The maximum number of attempts in a page. Each attempt rewrites the page.
pub(super) const MAX_ATTEMPTS: usize = 64;

/// How long a page is written to, in milliseconds. Beyond that, its name would be too far from the
/// times of its attempts.
const MAX_AGE: u64 = 60_000;

/// The only writer of one page.
///
/// The page's name is a number in hexadecimal digits: the millisecond of its start, then
/// [`RANDOM_BITS`] random bits. Later pages therefore have greater names.
#[derive(Debug)]
pub(crate) struct PageWriter {
    name: String,
    started: UnixMillis,
    /// How many digits of the name have markers in the store.
    marked: usize,
    page: String,
    attempts: usize,
}

impl PageWriter {
    /// Starts a page. Markers that it shares with this instance's previous page are not rewritten.
    pub(crate) fn new(now: UnixMillis, previous: Option<&Self>) -> Self {
        let (_, random) = Uuid::new_v4().as_u64_pair();
        let random = random & ((1 << RANDOM_BITS) - 1);
        let name = format!("{:016x}", (now.0 << RANDOM_BITS) | random);
        let marked = previous.map_or(0, |previous| previous.shared_prefix(&name));
        Self {
            name,
            started: now,
            marked,
            page: String::new(),
            attempts: 0,
        }
    }

    /// Returns how many leading digits a name shares with this page's name.
    fn shared_prefix(&self, name: &str) -> usize {
        let digits = self.name.bytes().zip(name.bytes());
        digits.take_while(|(own, other)| own == other).count()
    }

    /// Returns whether the page accepts another attempt.
    pub(crate) fn is_open(&self, now: UnixMillis) -> bool {
        self.attempts < MAX_ATTEMPTS && now.0.saturating_sub(self.started.0) < MAX_AGE
    }

    /// Appends an attempt. Returns the entries to write, in one write or in this order. After a
    /// failed write, the writer must not be used again.
    pub(crate) fn append(&mut self, attempt: &Attempt) -> Vec<(String, Vec<u8>)> {
        self.page.push_str(&attempt.to_line());
        self.attempts += 1;
        let unmarked = self.marked + 1..NAME_LENGTH;
        self.marked = NAME_LENGTH;
        // Not every provider stores an empty value.
        let marker = |digits| (marker_key(&self.name[..digits]), b"1".to_vec());
        let mut entries: Vec<_> = unmarked.map(marker).collect();
        entries.push((page_key(&self.name), self.page.clone().into_bytes()));
        entries
    }
}

/// Returns the key of the marker for a prefix of a name. The key keeps its old name, `lane`, so that
/// stored emails are still found.
pub(super) fn marker_key(prefix: &str) -> String {
    format!("{PREFIX}lane:{prefix}")
}

/// Returns the key of a page.
pub(super) fn page_key(name: &str) -> String {
    format!("{PREFIX}page:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimulatedOutcome;

    fn attempt() -> Attempt {
        Attempt {
            at: UnixMillis(1_790_000_000_123),
            id: Uuid::from_u128(7),
            outcome: SimulatedOutcome::Delivered,
        }
    }

    fn keys(entries: &[(String, Vec<u8>)]) -> Vec<&str> {
        entries.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn new_later_page_has_greater_name() {
        let name = |now| PageWriter::new(UnixMillis(now), None).name;
        let names = [1_790_000_000_123, 1_790_000_000_124, 4_000_000_000_000].map(name);
        assert!(names.is_sorted(), "{names:?}");
        assert!(
            names.iter().all(|name| name.len() == NAME_LENGTH),
            "{names:?}"
        );
    }

    #[test]
    fn append_first_attempt_writes_markers_and_later_ones_only_page() {
        let mut writer = PageWriter::new(attempt().at, None);
        let first = writer.append(&attempt());
        assert_eq!(first.len(), NAME_LENGTH);
        let name = writer.name.clone();
        for (digits, key) in keys(&first)[..NAME_LENGTH - 1].iter().enumerate() {
            assert_eq!(*key, format!("eo:sandbox:lane:{}", &name[..=digits]));
        }
        let second = writer.append(&attempt());
        let page = format!("eo:sandbox:page:{name}");
        assert_eq!(keys(&second), [&page]);
        assert_eq!(second[0].1.len(), 2 * first[NAME_LENGTH - 1].1.len());
    }

    #[test]
    fn append_to_next_page_skips_shared_markers() {
        let mut previous = PageWriter::new(attempt().at, None);
        previous.append(&attempt());
        let mut next = PageWriter::new(UnixMillis(attempt().at.0 + MAX_AGE), Some(&previous));
        let shared = previous.shared_prefix(&next.name);
        assert!(shared > 2, "{shared}");
        assert_eq!(next.append(&attempt()).len(), NAME_LENGTH - shared);
    }

    #[test]
    fn is_open_full_or_old_page_is_false() {
        let mut writer = PageWriter::new(UnixMillis(1), None);
        assert!(writer.is_open(UnixMillis(MAX_AGE)) && !writer.is_open(UnixMillis(MAX_AGE + 1)));
        for _ in 0..MAX_ATTEMPTS {
            assert!(writer.is_open(UnixMillis(1)));
            writer.append(&attempt());
        }
        assert!(!writer.is_open(UnixMillis(1)));
    }

    #[test]
    fn append_keys_suit_every_provider() {
        let entries = PageWriter::new(attempt().at, None).append(&attempt());
        let is_portable = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        for key in keys(&entries) {
            assert!(key.chars().all(is_portable) && key.len() <= 255, "{key}");
        }
    }
}
