//! Tests of the API on a fake host.

mod documentation;
mod failures;
mod fake_host;
mod health;

use axum::body::Body;
use futures_executor::block_on;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

use self::fake_host::FakeHost;
use super::{Api, App};

const TRIGGER_KEY: &str = "test-trigger-key";

/// Sends a request without a body, with the trigger key if wanted, and returns status and body.
fn send(host: &FakeHost, method: &str, uri: &str, has_key: bool) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(uri);
    if has_key {
        request = request.header("authorization", format!("Bearer {TRIGGER_KEY}"));
    }
    let request = request.body(Body::empty()).unwrap();
    block_on(async {
        let response = Api::new(App::new(host.clone())).handle(request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, String::from_utf8(body.to_vec()).unwrap())
    })
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}
