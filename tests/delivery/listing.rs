//! Why no component lists keys: on SQLite, Spin's default, that can hang the host for good.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use local_host::{Call, Options, Provider};
use tokio::time::{sleep, timeout};

use crate::support::{Host, lister};

/// Far longer than any of the answers takes that do come.
const PATIENCE: Duration = Duration::from_secs(3);

/// What this path answers, if it does.
async fn get(host: &Host, path: &str) -> Option<String> {
    let request = Request::get(path).header(header::HOST, "test");
    let answer = host.call(request.body(Bytes::new()));
    let answer = timeout(PATIENCE, answer).await.ok()?;
    assert_eq!(answer.status(), StatusCode::OK, "{answer:?}");
    Some(String::from_utf8(answer.into_body().into()).expect("text"))
}

async fn filled(adjust: impl FnOnce(&mut Options)) -> Host {
    let host = Host::adjusted(&lister(), adjust).await;
    assert_eq!(get(&host, "/fill").await.as_deref(), Some("100"));
    host
}

/// What the sweep over all keys did, which the component once had: it listed them in an instance
/// that went on with other requests.
#[tokio::test]
async fn listing_beside_another_request_hangs_the_host_on_sqlite() {
    for other in ["/get", "/get-async"] {
        let host = filled(|_| {}).await;
        // By itself it comes to its end.
        assert_eq!(get(&host, "/list").await.as_deref(), Some("100"));

        let listed = host.calls().get(Call::GetKeys);
        let beside = async {
            while host.calls().get(Call::GetKeys) == listed {
                sleep(Duration::from_millis(10)).await;
            }
            let read = get(&host, other).await;
            // The host still routes and answers by itself, and nothing behind the store does.
            let well = get(&host, "/.well-known/spin/health").await;
            (read, well, get(&host, "/get").await)
        };
        let (list, beside) = tokio::join!(get(&host, "/list?among-others"), beside);
        assert_eq!(list, None, "{other}");
        assert_eq!(beside, (None, Some("OK".to_owned()), None), "{other}");

        let begun = Instant::now();
        host.kill().await;
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn listing_beside_another_request_is_a_listing_elsewhere() {
    for provider in [Provider::Redis, Provider::Cosmos, Provider::Dynamo] {
        let host = filled(|options| options.provider = provider).await;
        let beside = async {
            while host.calls().get(Call::GetKeys) == 0 {
                sleep(Duration::from_millis(10)).await;
            }
            get(&host, "/get").await
        };
        let (list, read) = tokio::join!(get(&host, "/list?among-others"), beside);
        assert_eq!(list.as_deref(), Some("100"), "{provider:?}");
        assert_eq!(read.as_deref(), Some("1"), "{provider:?}");
        host.stop().await;
    }
}

/// A call that waits for the lock holds up every request of its instance, also one that asks
/// nothing of the store.
#[tokio::test]
async fn a_call_on_sqlite_blocks_its_instance() {
    const HELD: Duration = Duration::from_millis(500);
    for call in ["/get", "/get-async"] {
        let host = filled(|_| {}).await;
        let calls = async {
            // Begun before the listing, and over long after it.
            let ticks = get(&host, "/ticks");
            let list = async {
                sleep(Duration::from_millis(50)).await;
                get(&host, "/other/list?among-others").await
            };
            let read = async {
                while host.calls().get(Call::GetKeys) == 0 {
                    sleep(Duration::from_millis(10)).await;
                }
                get(&host, call).await
            };
            let go_on = async {
                while host.calls().get(Call::GetKeys) == 0 {
                    sleep(Duration::from_millis(10)).await;
                }
                sleep(HELD).await;
                get(&host, "/other/nothing").await
            };
            tokio::join!(ticks, list, read, go_on)
        };
        let (ticks, list, read, _) = calls.await;
        assert_eq!((list.as_deref(), read.as_deref()), (Some("100"), Some("1")));
        let gap: u64 = ticks.expect("an answer").parse().expect("milliseconds");
        let gap = Duration::from_millis(gap);
        assert!(
            gap >= HELD * 3 / 4,
            "{call}: at most {gap:?} between two ticks"
        );
        host.stop().await;
    }
}
