//! A host that is killed, again and again, while it delivers.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{races::place_for_later, statuses, stored::Stored, trigger};
use crate::support::{call::Connection, process::HostProcess};

const ORDERS: usize = 1000;
const KILLS: usize = 20;

/// The leases of attempts that crashed, and some time to work off what they held.
const RECOVERY: Duration = Duration::from_mins(5);

#[tokio::test]
async fn a_host_that_is_killed_delivers_everything_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = HostProcess::start(folder.path()).await else {
        return;
    };
    let ids = place_for_later(&first.host, ORDERS).await;
    let mut process = first;
    let begun = Instant::now();
    for _ in 0..KILLS {
        // Somewhere within what a run does: up to three seconds.
        let random = u64::from(Uuid::new_v4().as_bytes()[0]);
        let mut connection = Connection::open(&process.host).await;
        let life = Duration::from_millis(20 + 12 * random);
        drop(timeout(life, connection.try_send(trigger())).await);
        process.kill();
        process.ended().await;
        process = HostProcess::start(folder.path()).await.unwrap();
    }
    let survived = Stored::open(folder.path()).deliveries().len();
    eprintln!(
        "{survived} of {ORDERS} delivered during {KILLS} kills in {:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    let mut connection = Connection::open(&process.host).await;
    loop {
        connection.send(trigger()).await.expect(200);
        let deliveries = Stored::open(folder.path()).deliveries();
        if deliveries.len() == ORDERS {
            break;
        }
        assert!(
            begun.elapsed() < RECOVERY,
            "{} are stuck",
            ORDERS - deliveries.len()
        );
        sleep(Duration::from_millis(500)).await;
    }
    let mut left: BTreeSet<&String> = ids.iter().collect();
    while !left.is_empty() {
        let id = left.pop_first().unwrap();
        if statuses(&process.host, id).await != ["Delivered"] {
            assert!(begun.elapsed() < RECOVERY, "{id} is stuck");
            left.insert(id);
            connection.send(trigger()).await.expect(200);
            sleep(Duration::from_millis(500)).await;
        }
    }
    let deliveries = Stored::open(folder.path()).deliveries();
    let twice = deliveries.values().filter(|&&count| count > 1).count();
    let most = deliveries.values().max().unwrap();
    eprintln!(
        "all settled {:?} after the last kill; {twice} delivered more than once, {most} times at the most",
        begun.elapsed()
    );
    assert_eq!(deliveries.len(), ORDERS);
    assert!(process.terminate().await);
}
