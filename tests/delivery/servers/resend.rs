//! Resend, as a sender sees it. It checks what the real one documents: the key, the agent, the
//! idempotency key and the members of an email.
//!
//! The local part of the recipient decides the result: `throttled`, `malformed`, `broken`; all others
//! are accepted.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

const KEY: &str = "re_test";

/// The emails by idempotency key.
type Emails = Arc<Mutex<HashMap<String, Value>>>;

/// A running service. Dropping it ends it.
pub(crate) struct Resend {
    address: SocketAddr,
    emails: Emails,
    serving: JoinHandle<()>,
}

impl Resend {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let emails = Emails::default();
        let served = Arc::clone(&emails);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let emails = Arc::clone(&served);
                let service = service_fn(move |request| answer(request, Arc::clone(&emails)));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            address,
            emails,
            serving,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn key() -> String {
        KEY.to_owned()
    }

    /// Returns the accepted emails, by idempotency key.
    pub(crate) fn emails(&self) -> HashMap<String, Value> {
        self.emails.lock().expect("the emails").clone()
    }
}

impl Drop for Resend {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    emails: Emails,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a whole request").to_bytes();
    Ok(accept(&head, &body, &emails))
}

/// Accepts or refuses an email.
fn accept(head: &Parts, body: &[u8], emails: &Emails) -> Response<Full<Bytes>> {
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    if (&head.method, head.uri.path()) != (&Method::POST, "/emails") {
        return error(StatusCode::NOT_FOUND, "not_found", "");
    }
    if header("user-agent").is_empty() {
        return error(StatusCode::FORBIDDEN, "forbidden", "1010");
    }
    if header("authorization") != format!("Bearer {KEY}") {
        let message = "API key is invalid";
        return error(StatusCode::UNAUTHORIZED, "validation_error", message);
    }
    let key = header("idempotency-key");
    if !(1..=256).contains(&key.len()) {
        let name = "invalid_idempotency_key";
        return error(StatusCode::BAD_REQUEST, name, "");
    }
    let email: Value = serde_json::from_slice(body).expect("JSON");
    let to = email["to"][0].as_str().unwrap_or_default();
    if to.starts_with("throttled") {
        let mut refusal = error(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            "Too many requests",
        );
        let headers = refusal.headers_mut();
        headers.insert(header::RETRY_AFTER, 17.into());
        return refusal;
    }
    if to.starts_with("broken") {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return error(status, "application_error", to);
    }
    let has_all = ["from", "subject"]
        .iter()
        .all(|name| email[name].is_string());
    if !has_all || email["text"].is_string() == email["html"].is_string() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return error(status, "missing_required_field", "");
    }
    if to.starts_with("malformed") || !to.is_ascii() {
        let message = format!("Invalid `to` field: {to}");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return error(status, "validation_error", &message);
    }
    let mut emails = emails.lock().expect("the emails");
    let first = emails
        .entry(key.to_owned())
        .or_insert_with(|| email.clone());
    if *first != email {
        let name = "invalid_idempotent_request";
        return error(StatusCode::CONFLICT, name, "");
    }
    json(StatusCode::OK, &json!({ "id": format!("re-{key}") }))
}

fn error(status: StatusCode, name: &str, message: &str) -> Response<Full<Bytes>> {
    let document = json!({ "statusCode": status.as_u16(), "name": name, "message": message });
    json(status, &document)
}

fn json(status: StatusCode, document: &Value) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json");
    response
        .body(document.to_string().into())
        .expect("a response")
}
