//! A host that is killed, again and again, while it delivers.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use futures::future::join_all;
use tokio::{join, sync::Notify, time::timeout};
use uuid::Uuid;

use super::{
    backlog::{place_overdue, work_off},
    stored::Stored,
    trigger,
};
use crate::support::{
    Host,
    call::Connection,
    order::{get_order, order, order_id, post_order},
};

const ORDERS: usize = 1000;
const KILLS: usize = 20;

/// The leases of attempts that crashed, and some time to work off what they held.
const RECOVERY: Duration = Duration::from_mins(5);

/// Slow: about two minutes.
#[tokio::test]
async fn a_host_that_is_killed_delivers_everything_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = Host::process(folder.path()).await else {
        return;
    };
    let ids = place_overdue(&first, ORDERS).await;
    let mut process = first;
    let begun = Instant::now();
    for _ in 0..KILLS {
        // Somewhere within what a run does: up to three seconds.
        let random = u64::from(Uuid::new_v4().as_bytes()[0]);
        let mut connection = Connection::open(&process).await;
        let life = Duration::from_millis(20 + 12 * random);
        drop(timeout(life, connection.try_send(trigger())).await);
        process.kill();
        process.ended().await;
        process = Host::process(folder.path()).await.unwrap();
    }
    let survived = Stored::open(folder.path()).deliveries().len();
    eprintln!(
        "{survived} of {ORDERS} delivered during {KILLS} kills in {:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    work_off(&process, &ids, RECOVERY).await;
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

/// Slow: a little more than a minute, for which the leases of attempts last.
///
/// Orders keep coming in, and are sent, when it is killed.
#[tokio::test]
async fn a_killed_host_keeps_and_delivers_every_order_it_accepted() {
    const CLIENTS: usize = 8;
    const ENOUGH: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = Host::process(folder.path()).await else {
        return;
    };
    let accepted = Mutex::new(Vec::new());
    let enough = Notify::new();
    let client = async |_| {
        let mut connection = Connection::open(&first).await;
        loop {
            let order = order();
            let Ok(answer) = connection.try_send(post_order(&order)).await else {
                return;
            };
            let id = order_id(&answer.expect(202));
            let mut accepted = accepted.lock().unwrap();
            accepted.push((id, order["sendersReference"].clone()));
            if accepted.len() == ENOUGH {
                enough.notify_one();
            }
        }
    };
    let kill = async {
        enough.notified().await;
        first.kill();
    };
    join!(join_all((0..CLIENTS).map(client)), kill);
    first.ended().await;

    let second = Host::process(folder.path()).await.unwrap();
    let accepted = accepted.into_inner().unwrap();
    assert!(accepted.len() >= ENOUGH);
    let mut connection = Connection::open(&second).await;
    for (id, reference) in &accepted {
        let found = connection.send(get_order(id)).await.expect(200).json();
        assert_eq!(found["sendersReference"], *reference);
    }
    let ids: Vec<_> = accepted.into_iter().map(|(id, _)| id).collect();
    work_off(&second, &ids, RECOVERY).await;
    assert!(second.terminate().await);
}
