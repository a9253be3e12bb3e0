//! Prints the results as Markdown, so that they can be pasted into a document.

use std::time::Duration;

use crate::{
    bench::{
        cold::ColdStart,
        compare::{Comparison, Ratios},
        counts::Counts,
        machine::Machine,
        subject::Subject,
        sweep::Sweep,
    },
    components::MiB,
};

use super::Results;

pub(super) fn head(machine: &Machine, host: &str) {
    println!(
        "\n{}, {} cores, {}; on {host}",
        machine.processor, machine.cores, machine.kernel
    );
    if !machine.was_idle() {
        println!(
            "NOT IDLE: the load average was {:.1} before the measurement",
            machine.load_average
        );
    }
}

pub(super) fn comparison(results: &Results) {
    head(&results.machine, &results.host);
    println!(
        "medians of {} rounds of {}, {} connections\n",
        results.effort.rounds,
        humantime::format_duration(results.effort.duration),
        results.effort.connections
    );
    println!("| store | server | orders/s | CPU µs | p50 ms | p99 ms |");
    println!("|---|---|---:|---:|---:|---:|");
    results.comparisons.iter().for_each(servers);
    println!("\n| store | component to | throughput | CPU | CPU difference |");
    println!("|---|---|---:|---:|---:|");
    results.comparisons.iter().for_each(ratios);
    if !results.counts.is_empty() {
        println!("\n| server | fuel | fuel of the first | linear memory | calls to the host |");
        println!("|---|---:|---:|---:|---|");
        results.counts.iter().for_each(counts);
    }
    cold(&results.cold);
    println!("component: {:.2} MiB\n", MiB::of(results.component_bytes).0);
}

fn servers(comparison: &Comparison) {
    for (subject, medians) in &comparison.medians {
        println!(
            "| {} | {subject} | {:.0} | {:.0} | {:.1} | {:.1} |",
            comparison.store.name(),
            medians.rate,
            medians.cpu_microseconds,
            medians.p50_microseconds / 1e3,
            medians.p99_microseconds / 1e3
        );
    }
}

fn ratios(comparison: &Comparison) {
    for (other, ratios) in [
        (Subject::Floor, &comparison.component_to_floor),
        (Subject::Native, &comparison.component_to_native),
    ] {
        let Ratios {
            rate_ratio,
            cpu_ratio,
            cpu_difference_microseconds,
        } = ratios;
        println!(
            "| {} | {other} | × {rate_ratio:.3} | × {cpu_ratio:.2} | \
             {cpu_difference_microseconds:+.0} µs |",
            comparison.store.name()
        );
    }
}

fn counts((subject, counts): (&Subject, &Counts)) {
    let calls: Vec<_> = counts
        .calls
        .iter()
        .map(|(call, count)| format!("{call} {count:.2}"))
        .collect();
    println!(
        "| {subject} | {} | {} | {:.2} MiB | {} |",
        counts.fuel,
        counts.first_fuel,
        MiB::of(counts.linear_memory_bytes).0,
        calls.join(", ")
    );
}

fn cold(cold: &ColdStart) {
    println!(
        "\nfirst response of a new instance: {:.1} ms to GET /health, {:.1} ms to an order; of a warm \
         one: {:.1} ms to an order",
        milliseconds(cold.health),
        milliseconds(cold.order),
        milliseconds(cold.warm_order)
    );
}

pub(super) fn sweep(sweep: &Sweep) {
    let store = sweep.store.name();
    println!("\n| store | stored orders | request | p50 ms | CPU µs | calls to the host |");
    println!("|---|---:|---|---:|---:|---:|");
    for with in &sweep.stored {
        for (name, cost) in &with.requests {
            let calls = cost.calls.map(|calls| format!("{calls:.2}"));
            println!(
                "| {store} | {} | {name} | {:.1} | {:.0} | {} |",
                with.orders,
                milliseconds(cost.performance.microseconds.p50),
                cost.performance.cpu_microseconds,
                calls.unwrap_or_default()
            );
        }
    }
    println!("\n| store | connections | server | orders/s | CPU µs | p50 ms | p99 ms |");
    println!("|---|---:|---|---:|---:|---:|---:|");
    for with in &sweep.connections {
        for (subject, performance) in &with.servers {
            println!(
                "| {store} | {} | {subject} | {:.0} | {:.0} | {:.1} | {:.1} |",
                with.connections,
                performance.rate,
                performance.cpu_microseconds,
                milliseconds(performance.microseconds.p50),
                milliseconds(performance.microseconds.p99)
            );
        }
    }
}

fn milliseconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1e3
}
