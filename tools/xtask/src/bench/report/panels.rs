//! Selects what is plotted.

use std::collections::BTreeMap;

use crate::bench::{
    chart::{Bars, Lines, Series},
    compare::Comparison,
    sweep::Sweep,
};

pub(super) fn of_comparison(comparison: &Comparison) -> [Bars; 2] {
    let store = comparison.store.name();
    let medians = || comparison.medians.iter();
    [
        Bars {
            title: format!("Orders a second, store {store}"),
            values: medians()
                .map(|(subject, medians)| (subject.to_string(), medians.rate))
                .collect(),
        },
        Bars {
            title: format!("CPU time for an order in µs, store {store}"),
            values: medians()
                .map(|(subject, medians)| (subject.to_string(), medians.cpu_microseconds))
                .collect(),
        },
    ]
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 orders")]
pub(super) fn of_sweep(sweep: &Sweep) -> [Lines; 2] {
    let store = sweep.store.name();
    let stored = sweep.stored.iter().flat_map(|with| {
        let at = with.orders as f64;
        let costs = with.requests.iter();
        costs.map(move |(name, cost)| ((*name).to_owned(), (at, cost.performance.cpu_microseconds)))
    });
    let connections = sweep.connections.iter().flat_map(|with| {
        let at = f64::from(with.connections);
        let servers = with.servers.iter();
        servers.map(move |(subject, performance)| (subject.to_string(), (at, performance.rate)))
    });
    [
        Lines {
            title: format!("CPU time for a request in µs, by stored orders, store {store}"),
            series: series(stored),
        },
        Lines {
            title: format!("Orders a second, by connections, store {store}"),
            series: series(connections),
        },
    ]
}

/// Groups points by name.
fn series(points: impl Iterator<Item = (String, (f64, f64))>) -> Vec<Series> {
    let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (name, point) in points {
        by_name.entry(name).or_default().push(point);
    }
    let series = by_name.into_iter();
    series
        .map(|(name, points)| Series { name, points })
        .collect()
}
