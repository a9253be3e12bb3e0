//! What came of the requests: how many, how long each took, and what went wrong.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

/// The times of requests, and the errors of those that failed.
pub(crate) struct Samples {
    /// In microseconds.
    times: Histogram<u64>,
    failures: BTreeMap<String, u64>,
}

/// How a server fared.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// How many requests succeeded.
    requests: u64,
    /// What went wrong, and how often.
    failures: BTreeMap<String, u64>,
    /// For how long it was measured.
    seconds: f64,
    /// Successes a second.
    rate: f64,
    /// CPU time of the server for each success.
    cpu_microseconds: Option<f64>,
    /// How long an answer took.
    microseconds: Times,
}

#[derive(Debug, Serialize)]
struct Times {
    least: u64,
    p50: u64,
    p90: u64,
    p99: u64,
    most: u64,
}

impl Samples {
    pub(crate) fn new() -> Result<Self> {
        const DIGITS: u8 = 3;
        Ok(Self {
            times: Histogram::new(DIGITS)?,
            failures: BTreeMap::new(),
        })
    }

    pub(crate) fn success(&mut self, time: Duration) -> Result<()> {
        let microseconds = u64::try_from(time.as_micros())?;
        self.times.record(microseconds)?;
        Ok(())
    }

    pub(crate) fn failure(&mut self, error: &anyhow::Error) {
        *self.failures.entry(format!("{error:#}")).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) -> Result<()> {
        self.times.add(&other.times)?;
        for (error, count) in &other.failures {
            *self.failures.entry(error.clone()).or_default() += count;
        }
        Ok(())
    }

    /// Sums up what was measured in this time.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 requests")]
    pub(crate) fn outcome(self, time: Duration, cpu: Option<Duration>) -> Outcome {
        let times = &self.times;
        let requests = times.len();
        let count = requests.max(1) as f64;
        Outcome {
            requests,
            seconds: time.as_secs_f64(),
            rate: requests as f64 / time.as_secs_f64(),
            cpu_microseconds: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count),
            microseconds: Times {
                least: times.min(),
                p50: times.value_at_quantile(0.5),
                p90: times.value_at_quantile(0.9),
                p99: times.value_at_quantile(0.99),
                most: times.max(),
            },
            failures: self.failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_add_up() {
        let mut all = Samples::new().unwrap();
        for milliseconds in 1..=100 {
            let mut one = Samples::new().unwrap();
            one.success(Duration::from_millis(milliseconds)).unwrap();
            one.failure(&anyhow::anyhow!("no answer"));
            all.add(&one).unwrap();
        }
        let outcome = all.outcome(Duration::from_secs(2), Some(Duration::from_millis(10)));
        assert_eq!(outcome.requests, 100);
        assert_eq!(outcome.failures["no answer"], 100);
        assert!((outcome.rate - 50.0).abs() < 1e-9);
        assert!((outcome.cpu_microseconds.unwrap() - 100.0).abs() < 1e-9);
        assert!(outcome.microseconds.p50.abs_diff(50_000) < 100);
        assert!(outcome.microseconds.p99.abs_diff(99_000) < 100);
    }
}
