//! Months, days, hours and minutes in UTC, as the index names them.

use crate::{store::Key, timestamp::Timestamp};

/// The first month that the index may have: nothing was ever filed under an earlier one.
const FIRST_YEAR: u16 = 2026;

const MONTH: usize = "2030-01".len();
const DAY: usize = "2030-01-31".len();
const HOUR: usize = "2030-01-31T08".len();
const MINUTE: usize = "2030-01-31T08:00".len();

/// A month, a day, an hour or a minute: the longer its text, the shorter it is. Of two with one
/// length, the earlier one's text is the lesser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Period(String);

impl Period {
    /// The minute of an instant.
    pub(in crate::store) fn minute(instant: Timestamp) -> Self {
        let mut text = instant.to_string();
        text.truncate(MINUTE);
        Self(text)
    }

    /// Every month up to the one of this period.
    pub(super) fn months_until(last: &Self) -> Vec<Self> {
        let last_year = last.0.get(..4).and_then(|year| year.parse().ok());
        let years = FIRST_YEAR..=last_year.unwrap_or(FIRST_YEAR);
        years
            .flat_map(|year| (1..=12).map(move |month| Self(format!("{year:04}-{month:02}"))))
            .filter(|month| !month.is_after(last))
            .collect()
    }

    /// The periods of the next shorter kind in it. Each month is given 31 days: what is filed
    /// under none of them is not there.
    pub(super) fn children(&self) -> Vec<Self> {
        let (separator, numbers) = match self.0.len() {
            MONTH => ("-", 1..=31),
            DAY => ("T", 0..=23),
            HOUR => (":", 0..=59),
            _ => return Vec::new(),
        };
        numbers
            .map(|number| Self(format!("{}{separator}{number:02}", self.0)))
            .collect()
    }

    /// Itself and every longer one that it is in, the longest first.
    pub(super) fn ancestors(&self) -> Vec<Self> {
        [MONTH, DAY, HOUR, MINUTE]
            .into_iter()
            .filter_map(|length| self.0.get(..length))
            .map(|text| Self(text.to_owned()))
            .collect()
    }

    pub(super) fn is_minute(&self) -> bool {
        self.0.len() == MINUTE
    }

    /// Whether it is in a longer one, or is it.
    pub(super) fn is_in(&self, longer: &Self) -> bool {
        self.0.starts_with(&longer.0)
    }

    /// Whether it begins after this minute.
    pub(super) fn is_after(&self, minute: &Self) -> bool {
        minute.0.get(..self.0.len()) < Some(&self.0)
    }

    /// Whether it was over when this minute began.
    pub(super) fn is_before(&self, minute: &Self) -> bool {
        minute.0.get(..self.0.len()) > Some(&self.0)
    }

    /// The key of its marker.
    pub(super) fn key(&self) -> Key {
        Key::of(format_args!("due:{}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(text: &str) -> Period {
        Period::minute(Timestamp::parse(text).unwrap())
    }

    fn texts(periods: &[Period]) -> Vec<&str> {
        periods.iter().map(|period| period.0.as_str()).collect()
    }

    #[test]
    fn a_minute_is_in_an_hour_a_day_and_a_month() {
        let minute = minute("2030-01-31T08:00:59+01:00");
        let ancestors = minute.ancestors();
        assert_eq!(
            texts(&ancestors),
            ["2030-01", "2030-01-31", "2030-01-31T07", "2030-01-31T07:00"]
        );
        for pair in ancestors.windows(2) {
            assert!(pair[0].children().contains(&pair[1]), "{pair:?}");
        }
        assert!(minute.is_minute() && minute.children().is_empty());
    }

    #[test]
    fn months_begin_with_the_first() {
        let months = Period::months_until(&minute("2027-02-03T04:05:06Z"));
        let texts = texts(&months);
        assert_eq!((texts[0], texts.len()), ("2026-01", 14));
        assert_eq!(texts[13], "2027-02");
    }

    #[test]
    fn periods_are_before_or_after_or_have_begun() {
        let now = minute("2030-01-31T08:00:00Z");
        for (text, before, after) in [
            (
                "2030-01-31T07:59:59Z",
                [false, false, true, true],
                [false; 4],
            ),
            ("2030-01-31T08:00:59Z", [false; 4], [false; 4]),
            (
                "2030-01-31T08:01:00Z",
                [false; 4],
                [false, false, false, true],
            ),
            (
                "2030-01-30T23:00:00Z",
                [false, true, true, true],
                [false; 4],
            ),
            ("2030-02-01T00:00:00Z", [false; 4], [true; 4]),
        ] {
            let is = |test: fn(&Period, &Period) -> bool| -> Vec<bool> {
                let periods = minute(text).ancestors();
                periods.iter().map(|period| test(period, &now)).collect()
            };
            assert_eq!(is(Period::is_before), before, "{text}");
            assert_eq!(is(Period::is_after), after, "{text}");
        }
    }
}
