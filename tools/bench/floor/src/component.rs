//! The component.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use http::{Response, StatusCode, header::CONTENT_LENGTH};
use http_body_util::Full;
use spin_sdk::{
    http::{IntoResponse, Request},
    http_service,
    key_value::{Error, Store},
};

const VALUE: &[u8] = b"1";
const BODY: &[u8] = b"stored\n";

static STORE: OnceLock<Store> = OnceLock::new();
/// Makes the keys of this instance differ from those of others.
static INSTANCE: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
static REQUESTS: AtomicU64 = AtomicU64::new(0);

#[http_service]
async fn handle(_: Request) -> impl IntoResponse {
    let status = match set().await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = Response::new(Full::new(Bytes::from_static(BODY)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, BODY.len().into());
    response
}

async fn set() -> Result<(), Error> {
    let store = match STORE.get() {
        Some(store) => store,
        None => {
            let store = Store::open_default().await?;
            STORE.get_or_init(|| store)
        }
    };
    let number = REQUESTS.fetch_add(1, Relaxed);
    store
        .set(format!("{:x}.{number:x}", *INSTANCE), VALUE)
        .await
}
