//! The WebAssembly component: the API on a Spin host.

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
mod outside;
mod response;
mod store;
mod variables;

use std::{sync::OnceLock, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Response};
use spin_sdk::{http::Request, http_service, wit_bindgen};

use crate::{
    auth::{FetchError, Fetched},
    config::VariableError,
    http::{Api, App, Host},
    store::StoreError,
};

/// It lives as long as the instance does.
static API: OnceLock<Api> = OnceLock::new();

#[http_service]
async fn handle(request: Request) -> response::Response<Body> {
    let api = API.get_or_init(|| Api::new(App::new(SpinHost)));
    let response = api.handle(request).await;
    settle().await;
    response::Response(response)
}

/// Gives the host time to come to rest, so that it sends the head of a response and its body
/// together.
///
/// While a call of the store blocks one thread of the host, another one takes over what that had
/// to do. Wide awake, it then sends the head before the first thread has come to the body, which
/// has to wait until the client acknowledges the head (Nagle's algorithm): some 40 ms. Of clients
/// with one request after the other, half had to; one turn of the host's is too short for it.
async fn settle() {
    for _ in 0..2 {
        wit_bindgen::yield_async().await;
    }
}

/// A host that offers what Spin offers.
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

    async fn sleep(&self, time: Duration) {
        clock::sleep(time).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        wit_bindgen::spawn(task);
    }
}
