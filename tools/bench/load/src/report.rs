//! Collects the results of requests, and reports them.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

/// The latencies of successful requests and the errors of the others.
pub(crate) struct Samples {
    /// In microseconds.
    latencies: Histogram<u64>,
    failures: BTreeMap<String, u64>,
}

/// The performance of a server under a load.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The number of successful requests.
    requests: u64,
    /// The number of failed requests, by error.
    failures: BTreeMap<String, u64>,
    /// The duration of the measurement.
    seconds: f64,
    /// Successful requests a second.
    rate: f64,
    /// The server's CPU time for each successful request.
    cpu_microseconds: Option<f64>,
    /// The latency of successful requests.
    microseconds: Latency,
}

#[derive(Debug, Serialize)]
struct Latency {
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
            latencies: Histogram::new(DIGITS)?,
            failures: BTreeMap::new(),
        })
    }

    pub(crate) fn success(&mut self, time: Duration) -> Result<()> {
        let microseconds = u64::try_from(time.as_micros())?;
        self.latencies.record(microseconds)?;
        Ok(())
    }

    pub(crate) fn failure(&mut self, error: &anyhow::Error) {
        *self.failures.entry(format!("{error:#}")).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) -> Result<()> {
        self.latencies.add(&other.latencies)?;
        for (error, count) in &other.failures {
            *self.failures.entry(error.clone()).or_default() += count;
        }
        Ok(())
    }

    /// Reports the results of a measurement of this duration.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 requests")]
    pub(crate) fn report(self, time: Duration, cpu: Option<Duration>) -> Report {
        let latencies = &self.latencies;
        let requests = latencies.len();
        let count = requests.max(1) as f64;
        Report {
            requests,
            seconds: time.as_secs_f64(),
            rate: requests as f64 / time.as_secs_f64(),
            cpu_microseconds: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count),
            microseconds: Latency {
                least: latencies.min(),
                p50: latencies.value_at_quantile(0.5),
                p90: latencies.value_at_quantile(0.9),
                p99: latencies.value_at_quantile(0.99),
                most: latencies.max(),
            },
            failures: self.failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_sums_results_up() {
        let mut all = Samples::new().unwrap();
        for milliseconds in 1..=100 {
            let mut one = Samples::new().unwrap();
            one.success(Duration::from_millis(milliseconds)).unwrap();
            one.failure(&anyhow::anyhow!("no response"));
            all.add(&one).unwrap();
        }
        let report = all.report(Duration::from_secs(2), Some(Duration::from_millis(10)));
        assert_eq!(report.requests, 100);
        assert_eq!(report.failures["no response"], 100);
        assert!((report.rate - 50.0).abs() < 1e-9);
        assert!((report.cpu_microseconds.unwrap() - 100.0).abs() < 1e-9);
        assert!(report.microseconds.p50.abs_diff(50_000) < 100);
        assert!(report.microseconds.p99.abs_diff(99_000) < 100);
    }
}
