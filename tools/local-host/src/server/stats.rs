//! Serves the counts of the server over HTTP, on an address of their own.
//!
//! `GET /` returns `{"calls": {"get": 1, …}, "total": 1, "fuel": […], "peakMemory": 1}`; `DELETE /`
//! resets the calls and the fuel.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use hyper::body::Incoming;
use serde::Serialize;

use wasmtime_wasi_http::WasiBody;

use super::app::{empty, full};
use crate::{
    calls::CallCounts,
    faults::Probe,
    runtime::{FuelLog, PeakMemory, RequestFuel},
};

#[derive(Clone)]
pub(super) struct Stats {
    pub(super) probe: Arc<Probe>,
    pub(super) fuel: Arc<FuelLog>,
    pub(super) memory: Arc<PeakMemory>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    calls: CallCounts,
    total: u64,
    fuel: Vec<RequestFuel>,
    peak_memory: usize,
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
            peak_memory: self.memory.bytes(),
        };
        // Serializing maps with string keys and numbers cannot fail.
        let json = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(full(json.into()));
        let kind = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
