//! The trigger beside other requests.

use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use tokio::time::sleep;

use super::{KEY, get_status, races::place_for_later, trigger};
use crate::support::{Host, call::Connection, get};

const ORDERS: usize = 5000;
const READERS: usize = 12;

/// For how long orders are worked off while others read.
const LOAD: Duration = Duration::from_secs(20);

/// The most that any request but the trigger's own may take.
const MOST: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_trigger_stalls_nobody() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let ids = place_for_later(&host, ORDERS).await;
    let begun = Instant::now();
    let timer = async {
        let mut connection = Connection::open(&host).await;
        let mut processed = 0;
        while begun.elapsed() < LOAD {
            let called = Instant::now();
            let run = connection.send(trigger()).await.expect(200).json();
            assert!(called.elapsed() < Duration::from_secs(20), "{run}");
            processed += run["processed"].as_u64().unwrap();
            if run["due"] == 0 {
                break;
            }
        }
        processed
    };
    let reader = async |number: usize| {
        let mut connection = Connection::open(&host).await;
        let mut most = Duration::ZERO;
        for id in ids.iter().cycle().skip(number * ORDERS / READERS) {
            for call in [get_status(id), get("/health")] {
                let called = Instant::now();
                connection.send(call).await.expect(200);
                most = most.max(called.elapsed());
            }
            if begun.elapsed() > LOAD {
                break;
            }
            sleep(Duration::from_millis(5)).await;
        }
        most
    };
    let (processed, waits) = join(timer, join_all((0..READERS).map(reader))).await;
    let most = waits.into_iter().max().unwrap();
    eprintln!("{processed} of {ORDERS} orders worked off; the slowest of the others took {most:?}");
    assert!(processed > 0);
    assert!(most < MOST, "{most:?}");
    host.stop().await;
}
