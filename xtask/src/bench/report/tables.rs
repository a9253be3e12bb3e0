//! Tables for the terminal.

use crate::{
    bench::{
        cold::ColdStart,
        compare::{Comparison, Relation},
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
    if !machine.was_quiet() {
        println!(
            "NOT QUIET: the load average was {:.1} before it began",
            machine.load_average
        );
    }
}

pub(super) fn comparison(results: &Results) {
    head(&results.machine, &results.host);
    println!(
        "{} rounds of {}, {} connections; medians\n",
        results.effort.rounds,
        humantime::format_duration(results.effort.duration),
        results.effort.connections
    );
    results.comparisons.iter().for_each(servers);
    for (subject, counts) in &results.counts {
        counted(*subject, counts);
    }
    let ColdStart {
        health,
        order,
        warm_order,
    } = &results.cold;
    println!(
        "cold start: /health {health} µs, an order {order} µs; an order in a warm instance \
         {warm_order} µs"
    );
    println!("component: {:.2} MiB\n", MiB::of(results.component_bytes).0);
}

fn servers(comparison: &Comparison) {
    println!("store {}", comparison.store.name());
    println!("           requests/s   CPU µs   p50 µs    p99 µs");
    for (subject, medians) in &comparison.medians {
        println!(
            "{subject:<10} {:>10.0} {:>8.0} {:>8.0} {:>9.0}",
            medians.rate,
            medians.cpu_microseconds,
            medians.p50_microseconds,
            medians.p99_microseconds
        );
    }
    related(Subject::Floor, &comparison.component_to_floor);
    related(Subject::Native, &comparison.component_to_native);
    println!();
}

fn related(other: Subject, relation: &Relation) {
    let Relation {
        rate_ratio,
        cpu_ratio,
        cpu_difference_microseconds,
    } = relation;
    println!(
        "component to {other}: throughput × {rate_ratio:.3}, CPU × {cpu_ratio:.2} \
         ({cpu_difference_microseconds:+.0} µs)"
    );
}

fn counted(subject: Subject, counts: &Counts) {
    let calls: Vec<_> = counts
        .calls
        .iter()
        .map(|(call, count)| format!("{call} {count:.2}"))
        .collect();
    println!(
        "{subject:<10} fuel {} (first order {}), linear memory {:.2} MiB, calls {}",
        counts.fuel,
        counts.first_fuel,
        MiB::of(counts.linear_memory_bytes).0,
        calls.join(", ")
    );
}

pub(super) fn sweep(sweep: &Sweep) {
    println!("\nstore {}", sweep.store.name());
    for among in &sweep.stored {
        for (name, cost) in &among.requests {
            let outcome = &cost.outcome;
            let calls = cost.calls.map(|calls| format!(", {calls:.2} calls"));
            println!(
                "{:>8} orders  {name:<30} p50 {:>6} µs, CPU {:>5.0} µs{}",
                among.orders,
                outcome.microseconds.p50,
                outcome.cpu_microseconds,
                calls.unwrap_or_default()
            );
        }
    }
    for with in &sweep.connections {
        for (subject, outcome) in &with.servers {
            println!(
                "{:>8} connections  {subject:<10} {:>6.0}/s, p50 {:>6} µs, p99 {:>7} µs",
                with.connections, outcome.rate, outcome.microseconds.p50, outcome.microseconds.p99
            );
        }
    }
}
