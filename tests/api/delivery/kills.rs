//! A host that is killed while it delivers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use test_cases::delivery::{place_overdue, work_off};
use test_hosts::{Folder, Host};
use test_support::{
    case,
    order::{get_order, order, order_id, post_order, trigger},
};
use tokio::{
    join,
    sync::Notify,
    time::{Instant, timeout},
};
use uuid::Uuid;

use super::launch_on;

const ORDERS: usize = 1000;
const KILLS: usize = 20;
/// How many orders a run of the trigger works on concurrently.
const ORDERS_AT_ONCE: usize = 8;

/// Longer than the leases of crashed attempts and the deliveries after them.
const RECOVERY: Duration = Duration::from_mins(5);

/// Slow: about two minutes.
#[case]
async fn killed_host_delivers_every_order_after_restarts() {
    let folder = Arc::<Folder>::default();
    let launch = launch_on(&folder);
    let mut host = Host::process(&launch).await;
    let ids = place_overdue(&host, ORDERS).await;
    let begun = Instant::now();
    for _ in 0..KILLS {
        // Somewhere within a run of the trigger, which takes up to three seconds.
        let random = u64::from(Uuid::new_v4().as_bytes()[0]);
        let mut connection = host.connect().await;
        let life = Duration::from_millis(20 + 12 * random);
        drop(timeout(life, connection.try_send(trigger())).await);
        host.kill();
        host.ended().await;
        host = Host::process(&launch).await;
    }
    let survived = folder.deliveries().len();
    eprintln!(
        "{survived} of {ORDERS} delivered during {KILLS} kills in {:?}",
        begun.elapsed()
    );
    assert!(survived > 0, "nothing was delivered between the kills");

    let begun = Instant::now();
    work_off(&host, &ids, RECOVERY).await;
    let deliveries = folder.deliveries();
    let repeated: usize = deliveries.values().map(|count| count - 1).sum();
    eprintln!(
        "all settled {:?} after the last kill; {repeated} repeated deliveries",
        begun.elapsed()
    );
    // One notification per order: a repeat has the id of the first attempt.
    assert_eq!(deliveries.len(), ORDERS);
    // A kill repeats only the deliveries that it interrupts.
    assert!(repeated <= KILLS * ORDERS_AT_ONCE, "{repeated} repeated");
    assert!(host.terminate().await);
}

/// Slow: about two minutes, the lease of an attempt. The host is killed while it accepts and sends
/// orders.
#[case]
async fn killed_host_keeps_every_accepted_order() {
    const CLIENTS: usize = 8;
    const ENOUGH: usize = 200;
    let folder = Arc::<Folder>::default();
    let launch = launch_on(&folder);
    let first = Host::process(&launch).await;
    let accepted = Mutex::new(Vec::new());
    let enough = Notify::new();
    let client = async |_| {
        let mut connection = first.connect().await;
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

    let second = Host::process(&launch).await;
    let accepted = accepted.into_inner().unwrap();
    assert!(accepted.len() >= ENOUGH);
    let mut connection = second.connect().await;
    for (id, reference) in &accepted {
        let found = connection.send(get_order(id)).await.expect(200).json();
        assert_eq!(found["sendersReference"], *reference);
    }
    let ids: Vec<_> = accepted.into_iter().map(|(id, _)| id).collect();
    work_off(&second, &ids, RECOVERY).await;
    assert!(second.terminate().await);
}
