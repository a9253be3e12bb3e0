//! Readers while the trigger works off a backlog.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::future::{join, join_all};
use test_hosts::Program;
use tokio::time::timeout;

use super::{KEY, backlog::place_overdue, get_notifications, get_status, stored::Stored};
use crate::support::{Call, Host, call::Connection, get, host::setup, order::get_order, post};

const READERS: usize = 12;

/// No reader waits this long.
const LIMIT: Duration = Duration::from_secs(5);

/// On Spin as many as once made it hang for good; on the local host enough for several runs.
fn orders() -> usize {
    match Program::chosen() {
        Program::Spin => 5000,
        Program::LocalHost => 1000,
    }
}

/// Slow: some minutes on Spin.
#[tokio::test(flavor = "multi_thread")]
async fn the_trigger_keeps_no_reader_waiting() {
    let orders = orders();
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("trigger_key", KEY)]).on_disk(folder.path());
    let Some(host) = Host::start(&setup).await else {
        return;
    };
    let ids = place_overdue(&host, orders).await;

    let begun = Instant::now();
    let done = AtomicBool::new(false);
    let trigger = async {
        let mut connection = Connection::open(&host).await;
        loop {
            // What it once looked for by listing keys, it is still asked for.
            let call = post("/trigger/pastdueorders?sweep=true").bearer(KEY);
            let run = connection.send(call).await.expect(200).json();
            if run["more"] == false && run["due"] == 0 {
                done.store(true, Ordering::Relaxed);
                return;
            }
        }
    };
    let reader = async |number: usize| {
        let mut connection = Connection::open(&host).await;
        let mut longest = Duration::ZERO;
        let mut count = 0_usize;
        while !done.load(Ordering::Relaxed) {
            let id = &ids[(number + count) % ids.len()];
            let asked = Instant::now();
            let answer = timeout(LIMIT, connection.send(read(id, count))).await;
            let answer = answer.unwrap_or_else(|_| panic!("a reader waited {LIMIT:?}"));
            answer.expect(200);
            longest = longest.max(asked.elapsed());
            count += 1;
        }
        (longest, count)
    };
    let (readers, ()) = join(join_all((0..READERS).map(reader)), trigger).await;
    let longest = readers.iter().map(|(longest, _)| *longest).max();
    let count: usize = readers.iter().map(|(_, count)| count).sum();
    eprintln!(
        "{orders} orders in {:?}, meanwhile {count} reads, the longest {longest:?}",
        begun.elapsed()
    );
    assert!(count >= READERS, "{count} reads");
    let deliveries = Stored::open(folder.path()).deliveries();
    assert_eq!(deliveries.len(), orders);
    host.stop().await;
}

/// One read after the other.
fn read(id: &str, number: usize) -> Call {
    match number % 4 {
        0 => get("/health"),
        1 => get_order(id),
        2 => get_status(id),
        _ => get_notifications(id),
    }
}
