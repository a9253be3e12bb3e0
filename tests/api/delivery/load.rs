//! Readers while the trigger works off a backlog.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join, join_all};
use test_cases::delivery::place_overdue;
use test_hosts::{Folder, Host, Program};
use test_support::{
    Call, TRIGGER_KEY, case, get,
    order::{get_notifications, get_order, get_status},
    post,
};
use tokio::time::{Instant, timeout};

use super::launch_on;

const READERS: usize = 12;

/// The longest that a reader may wait.
const LIMIT: Duration = Duration::from_secs(5);

/// On Spin as many as made Spin 4.1 hang when keys were listed; on the local host enough for several runs.
fn orders() -> usize {
    match Program::chosen() {
        Program::Spin => 5000,
        Program::LocalHost => 1000,
    }
}

/// Slow: some minutes on Spin.
#[case]
async fn readers_wait_at_most_five_seconds_for_the_trigger() {
    let orders = orders();
    let folder = Arc::<Folder>::default();
    let host = Host::start(&launch_on(&folder)).await;
    let ids = place_overdue(&host, orders).await;

    let begun = Instant::now();
    let done = AtomicBool::new(false);
    let trigger = async {
        let mut connection = host.connect().await;
        loop {
            // Timers of earlier versions still send this query, which once listed keys.
            let call = post("/trigger/pastdueorders?sweep=true").bearer(TRIGGER_KEY);
            let run = connection.send(call).await.expect(200).json();
            if run["more"] == false && run["due"] == 0 {
                done.store(true, Ordering::Relaxed);
                return;
            }
        }
    };
    let reader = async |number: usize| {
        let mut connection = host.connect().await;
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
    let deliveries = folder.deliveries();
    assert_eq!(deliveries.len(), orders);
    host.stop().await;
}

/// Returns the reads in turn.
fn read(id: &str, number: usize) -> Call {
    match number % 4 {
        0 => get("/health"),
        1 => get_order(id),
        2 => get_status(id),
        _ => get_notifications(id),
    }
}
