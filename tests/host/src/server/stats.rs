//! What the server has counted, over HTTP, on an address of its own.
//!
//! `GET /` gives `{"calls": {"get": 1, …}, "total": 1, "fuel": […]}`;
//! `DELETE /` sets everything to nothing.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use hyper::body::Incoming;
use serde::Serialize;

use wasmtime_wasi_http::WasiBody;

use super::app::{empty, full};
use crate::{
    calls::CallCounts,
    faults::Probe,
    runtime::{FuelLog, RequestFuel},
};

#[derive(Clone)]
pub(super) struct Stats {
    pub(super) probe: Arc<Probe>,
    pub(super) fuel: Arc<FuelLog>,
}

#[derive(Serialize)]
struct Document {
    calls: CallCounts,
    total: u64,
    fuel: Vec<RequestFuel>,
}

impl Stats {
    pub(super) fn reset(&self) {
        self.probe.reset();
        self.fuel.reset();
    }

    pub(super) fn answer(&self, request: &Request<Incoming>) -> Response<WasiBody> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/") => self.document(),
            (&Method::DELETE, "/") => {
                self.reset();
                empty(StatusCode::NO_CONTENT)
            }
            (_, "/") => empty(StatusCode::METHOD_NOT_ALLOWED),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    fn document(&self) -> Response<WasiBody> {
        let calls = self.probe.counts();
        let document = Document {
            total: calls.total(),
            calls,
            fuel: self.fuel.requests(),
        };
        // Counts and numbers: nothing that JSON could not hold.
        let json = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(full(json.into()));
        let kind = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
