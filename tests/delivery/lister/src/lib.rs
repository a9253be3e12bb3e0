//! Lists keys and reads values over HTTP:
//!
//! - `GET /fill` stores some keys;
//! - `GET /list` streams all keys, and returns their number. With `?among-others` it waits after the
//!   first key until this instance has taken another request, at most a second;
//! - `GET /get` reads a value through the synchronous interface;
//! - `GET /get-async` reads a value through the asynchronous interface;
//! - `GET /ticks` waits 10 ms a hundred times, and returns the longest wait in milliseconds;
//! - `GET /nothing` calls nothing of the host.
//!
//! The paths below `/other` do the same.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use spin_sdk::{
    experimental::wasi::keyvalue::{batch, store},
    http::Request,
    key_value::Store,
    time::sleep,
};

/// The label of the store in the manifest.
const LABEL: &str = "default";

/// The number of keys: more than a listing reads ahead.
const KEYS: usize = 100;

const TICK: Duration = Duration::from_millis(10);

/// How many requests this instance has taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "the component's export")
)]
async fn handle(request: Request) -> Response<Full<Bytes>> {
    let taken = TAKEN.fetch_add(1, Relaxed) + 1;
    let path = request.uri().path();
    let done = match path.strip_prefix("/other").unwrap_or(path) {
        "/fill" => fill().map_err(shown),
        "/list" => list(request.uri().query().is_some().then_some(taken)).await,
        "/get" => get().map_err(shown),
        "/get-async" => get_async().await.map_err(shown),
        "/ticks" => Ok(ticks().await),
        _ => Ok(0),
    };
    match done {
        Ok(number) => answer(StatusCode::OK, number.to_string()),
        Err(error) => answer(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

fn shown(error: impl Debug) -> String {
    format!("{error:?}")
}

fn fill() -> Result<usize, store::Error> {
    let pairs: Vec<_> = (0..KEYS)
        .map(|number| (format!("key-{number}"), vec![1]))
        .collect();
    let store = store::open(LABEL)?;
    // Not every provider takes more in one call.
    for some in pairs.chunks(25) {
        batch::set_many(&store, some)?;
    }
    Ok(KEYS)
}

/// Lists all keys. After the first it waits for a later request than `this`, if that is given.
async fn list(this: Option<usize>) -> Result<usize, String> {
    let store = Store::open(LABEL).await.map_err(shown)?;
    let mut keys = store.get_keys().await;
    let mut count = 0;
    while keys.next().await.is_some() {
        if count == 0 {
            for _ in 0..100 {
                if this != Some(TAKEN.load(Relaxed)) {
                    break;
                }
                sleep(TICK).await;
            }
        }
        count += 1;
    }
    keys.result().await.map_err(shown)?;
    Ok(count)
}

async fn ticks() -> usize {
    let mut last = Instant::now();
    let mut most = Duration::ZERO;
    for _ in 0..100 {
        sleep(TICK).await;
        most = most.max(last.elapsed());
        last = Instant::now();
    }
    usize::try_from(most.as_millis()).unwrap_or(usize::MAX)
}

fn get() -> Result<usize, store::Error> {
    let value = store::open(LABEL)?.get("key-0")?;
    Ok(value.map_or(0, |value| value.len()))
}

async fn get_async() -> Result<usize, spin_sdk::key_value::Error> {
    let value = Store::open(LABEL).await?.get("key-0").await?;
    Ok(value.map_or(0, |value| value.len()))
}

fn answer(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let length = text.len().into();
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}
