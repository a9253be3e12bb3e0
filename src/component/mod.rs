//! The WebAssembly component: the API on a host like Spin.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: ["wit/sender", "wit/contacts", "wit/claims", "wit/keyvalue", "wit/host"],
        world: "email-orders:host/host",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
    });
}
mod claims;
mod clock;
mod documentation;
mod fetch;
mod ports;
mod store;
mod variables;

use std::sync::OnceLock;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Response};
use http_shared::HostResponse;
use spin_sdk::{http::Request, http_service, wit_bindgen};

use crate::{
    auth::{FetchError, Fetched},
    config::VariableError,
    http::{Api, App, Host},
    store::StoreError,
};

/// The API. It lives as long as the instance.
static API: OnceLock<Api> = OnceLock::new();

#[http_service]
async fn handle(request: Request) -> HostResponse<Body> {
    yield_before_work().await;
    let api = API.get_or_init(|| Api::new(App::new(SpinHost)));
    let response = api.handle(request).await;
    yield_before_response().await;
    HostResponse(response)
}

/// Yields to the host twice before a request is worked on, so that requests that arrive together meet
/// in one instance and share a write.
///
/// The host gives a request to an instance that waits, and has a new one made if all are at work
/// (`ProxyHandler` of wasmtime-wasi-http 48, which Spin 4.1 uses in version 47). An instance that
/// works on each request at once is rarely seen waiting. In six rounds side by side on Spin 4.1, with 16
/// connections, a write had 1.8 orders without the yields and 2.9 with them (medians; both vary with
/// the disk). Remove this once the host queues requests for instances that are at work.
async fn yield_before_work() {
    for _ in 0..2 {
        wit_bindgen::yield_async().await;
    }
}

/// Yields to the host twice before it gets the response, so that head and body leave in one write.
///
/// Spin 4.1 does not set TCP_NODELAY. A key-value call blocks one thread of the host, and another
/// thread takes its tasks over. That thread is awake when the head is ready, and sends it before the
/// first thread has the body. The body then waits for the client's delayed acknowledgement of the
/// head (Nagle's algorithm, 40 ms). Without the yields this happens to half of the requests of a
/// client that sends one after the other; one yield is not enough. Remove this once Spin sets
/// TCP_NODELAY.
async fn yield_before_response() {
    for _ in 0..2 {
        wit_bindgen::yield_async().await;
    }
}

/// The host: Spin, or one with the same interfaces.
struct SpinHost;

impl Host for SpinHost {
    type Store = store::SpinStore;

    fn open_store(&self) -> Result<Self::Store, StoreError> {
        store::SpinStore::open()
    }

    async fn variable(&self, name: &'static str) -> Result<String, VariableError> {
        variables::get(name).await
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        fetch::get(url).await
    }

    async fn documentation(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<Response<Bytes>>, FetchError> {
        documentation::get(path, headers).await
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        wit_bindgen::spawn(task);
    }
}
