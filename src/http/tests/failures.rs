//! Failed requests: the trace in the problem document and in the line of the log.

use axum::body::Body;
use futures_executor::block_on;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{FakeHost, TRIGGER_KEY, json, send};
use crate::{
    http::{
        App,
        context::RequestContext,
        endpoint::Endpoint,
        failure::{Cause, Failure},
        routes,
    },
    log::Level,
    order::Creator,
    store::StoreError,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Returns the context of a request to a route.
fn context(host: &FakeHost, route: &'static str, key: Option<&str>) -> RequestContext<FakeHost> {
    let mut request =
        Request::get("/x").header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let (head, _) = request.body(Body::empty()).unwrap().into_parts();
    let endpoint = Endpoint {
        route,
        allowed: "",
        run: |_, _| Box::pin(async { unreachable!() }),
    };
    block_on(RequestContext::new(head, App::new(host.clone()), endpoint))
}

fn line(failure: &Failure, context: &RequestContext<FakeHost>) -> Value {
    serde_json::to_value(failure.line(context)).unwrap()
}

#[test]
fn line_of_a_failed_store_names_trace_route_creator_and_duration() {
    let host = FakeHost::new();
    let context = context(&host, "/order/{id}", None);
    context.creator.set(Creator::new("ttd").unwrap()).unwrap();
    host.pass(2);
    let failure = Failure::from(StoreError::Host("disk full".to_owned()));
    assert_eq!(
        line(&failure, &context),
        json!({
            "time": null,
            "level": "error",
            "event": "store failed",
            "trace": TRACE,
            "creator": "ttd",
            "route": "/order/{id}",
            "durationMs": 2000,
            "reason": "key-value store: disk full",
        })
    );
}

#[test]
fn line_of_refused_credentials_names_issuer_and_reason() {
    let host = FakeHost::new();
    let context = context(&host, "/order", None);
    let cause = Cause {
        level: Level::Info,
        event: "credentials refused",
        issuer: "https://issuer.test".to_owned(),
        reason: "the token has expired".to_owned(),
    };
    let failure = Failure::new(crate::http::error::ApiError::UnknownPath, cause);
    let line = line(&failure, &context);
    assert_eq!(line["issuer"], "https://issuer.test");
    assert_eq!(line["reason"], "the token has expired");
    assert_eq!(line["level"], "info");
}

#[test]
fn refused_trigger_key_is_logged_without_the_key() {
    let host = FakeHost::new();
    for (key, level) in [(Some("wrong-key"), json!("info")), (None, json!("debug"))] {
        let context = context(&host, "/trigger/pastdueorders", key);
        let failure = block_on(crate::http::authentication::require_trigger_key(&context));
        let line = line(&failure.unwrap_err(), &context);
        assert_eq!(line["level"], level);
        assert_eq!(line["event"], "credentials refused");
        assert!(!line.to_string().contains("wrong-key"), "{line}");
    }
    let context = context(&host, "/trigger/pastdueorders", Some(TRIGGER_KEY));
    assert!(block_on(crate::http::authentication::require_trigger_key(&context)).is_ok());
}

#[test]
fn unusable_parts_of_the_host_are_503() {
    let mut broken_store = FakeHost::new();
    broken_store.store_fails = true;
    let no_variable = FakeHost::new();
    no_variable.variables.lock().unwrap().clear();
    for (host, uri) in [
        (broken_store, "/health"),
        (no_variable, "/order?sendersReference=x"),
    ] {
        let (status, body) = send(&host, "GET", uri, false);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert_eq!(json(&body)["status"], 503);
    }
}

#[test]
fn every_route_answers_options_and_refuses_other_methods() {
    let host = FakeHost::new();
    for resource in routes::all::<FakeHost>() {
        let uri = resource.path.replace(['{', '}'], "");
        let (status, body) = send(&host, "OPTIONS", &uri, false);
        assert_eq!((status, &*body), (StatusCode::NO_CONTENT, ""), "{uri}");
        let (status, body) = send(&host, "DELETE", &uri, false);
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{uri}");
        assert!(body.contains(resource.allowed), "{body}");
    }
}
