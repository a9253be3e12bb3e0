//! The WebAssembly component: the API on a Spin host.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "wit",
        world: "host",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
    });
}
mod clock;
mod fetch;
mod store;
mod variables;

use std::{sync::OnceLock, time::Duration};

use axum::response::Response;
use spin_sdk::{http::Request, http_service};

use crate::{
    auth::{FetchError, Fetched},
    config::{ConfigError, Variables},
    http::{Api, App, Host},
    store::StoreError,
};

/// It lives as long as the instance does.
static API: OnceLock<Api> = OnceLock::new();

#[http_service]
async fn handle(request: Request) -> Response {
    API.get_or_init(|| Api::new(App::new(SpinHost)))
        .handle(request)
        .await
}

/// A host that offers what Spin offers.
struct SpinHost;

impl Host for SpinHost {
    type Store = store::SpinStore;

    fn open_store(&self) -> Result<Self::Store, StoreError> {
        store::SpinStore::open()
    }

    async fn variables(&self) -> Result<Variables, ConfigError> {
        variables::read().await
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        fetch::get(url).await
    }

    async fn sleep(&self, time: Duration) {
        clock::sleep(time).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        spin_sdk::wit_bindgen::spawn(task);
    }
}
