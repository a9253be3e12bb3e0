//! Azure Communication Services Email, as a sender sees it. It checks every signature and the
//! repeatability headers, and accepts an operation once.
//!
//! The local part of the recipient decides the result: `throttled`, `suppressed`, `malformed`,
//! `running`, `broken`; of `unstable`, the first operation fails; all others succeed at the second
//! poll.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, Response, StatusCode, header::AUTHORIZATION, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};
use uuid::Uuid;

/// The access key, before base64.
const KEY: &[u8] = b"a key that is long enough to be one";

/// A running service. Dropping it ends it.
pub(crate) struct Azure {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    operations: HashMap<String, Operation>,
    requests: Vec<String>,
    refused: Vec<String>,
}

/// An email that the service has accepted.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) message: Value,
    polls: usize,
    fails: bool,
}

impl Azure {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<State>>::default();
        let served = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                let service =
                    service_fn(move |request| answer(request, Arc::clone(&state), address));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            address,
            state,
            serving,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn key() -> String {
        BASE64_STANDARD.encode(KEY)
    }

    /// Returns the accepted emails, by operation.
    pub(crate) fn operations(&self) -> HashMap<String, Operation> {
        self.state().operations.clone()
    }

    /// Returns the requests so far, as method and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Returns why requests were refused.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.state().refused.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the service's state")
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
    address: SocketAddr,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a whole request").to_bytes();
    let mut state = state.lock().expect("the service's state");
    state
        .requests
        .push(format!("{} {}", head.method, head.uri.path()));
    if let Err(why) = check_signature(&head, &body, address) {
        state.refused.push(why);
        return Ok(error(StatusCode::UNAUTHORIZED, "Denied"));
    }
    let path = head.uri.path();
    Ok(
        match (&head.method, path.strip_prefix("/emails/operations/")) {
            (&Method::POST, _) if path == "/emails:send" => send(&mut state, &head, &body, address),
            (&Method::GET, Some(id)) => poll(&mut state, id),
            _ => error(StatusCode::NOT_FOUND, "NotFound"),
        },
    )
}

/// Checks the signature as the service describes it.
fn check_signature(head: &Parts, body: &[u8], address: SocketAddr) -> Result<(), String> {
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| format!("no {name}"))
    };
    let (date, host, hash) = (
        header("x-ms-date")?,
        header("host")?,
        header("x-ms-content-sha256")?,
    );
    if hash != BASE64_STANDARD.encode(Sha256::digest(body)) {
        return Err(format!("the hash {hash}"));
    }
    if host != address.to_string() {
        return Err(format!("the host {host}"));
    }
    let text = format!("{}\n{}\n{date};{host};{hash}", head.method, head.uri);
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key");
    mac.update(text.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let expected = format!(
        "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
    );
    if header(AUTHORIZATION.as_str())? == expected {
        Ok(())
    } else {
        Err("the signature".to_owned())
    }
}

/// Checks the headers of a repeatable request: a UUID, and a date in the fixed format of HTTP.
fn check_repeatability(head: &Parts) -> Result<(), String> {
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| format!("no {name}"))
    };
    let id = header("repeatability-request-id")?;
    if id.parse::<Uuid>().is_err() {
        return Err(format!("the request id {id}"));
    }
    let date = header("repeatability-first-sent")?;
    if date.len() != "Tue, 14 Nov 2023 22:13:20 GMT".len() || !date.ends_with(" GMT") {
        return Err(format!("the date {date}"));
    }
    Ok(())
}

fn send(
    state: &mut State,
    head: &Parts,
    body: &[u8],
    address: SocketAddr,
) -> Response<Full<Bytes>> {
    let Some(id) = head.headers.get("operation-id") else {
        return error(StatusCode::BAD_REQUEST, "NoOperationId");
    };
    let id = id.to_str().expect("an id in ASCII").to_owned();
    if let Err(why) = check_repeatability(head) {
        state.refused.push(why);
        return error(StatusCode::BAD_REQUEST, "BadRequest");
    }
    if state.operations.contains_key(&id) {
        return error(StatusCode::CONFLICT, "Conflict");
    }
    if head.uri.query() != Some("api-version=2025-09-01") {
        return error(StatusCode::BAD_REQUEST, "UnsupportedApiVersion");
    }
    let message: Value = serde_json::from_slice(body).expect("JSON");
    let to = recipient(&message);
    if to.starts_with("throttled") {
        let mut response = error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests");
        response.headers_mut().insert("retry-after", 17.into());
        return response;
    }
    if to.starts_with("malformed") {
        return error(StatusCode::BAD_REQUEST, "InvalidEmailAddress");
    }
    if to.starts_with("broken") {
        return error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError");
    }
    let fails = to.starts_with("unstable") && state.operations.is_empty();
    let operation = Operation {
        message,
        polls: 0,
        fails,
    };
    state.operations.insert(id.clone(), operation);
    let location = format!("http://{address}/emails/operations/{id}?api-version=2025-09-01");
    let mut response = json(
        StatusCode::ACCEPTED,
        &json!({ "id": id, "status": "Running" }),
    );
    let location = location.parse().expect("a header");
    response
        .headers_mut()
        .insert("operation-location", location);
    response.headers_mut().insert("retry-after", 1.into());
    response
}

fn poll(state: &mut State, id: &str) -> Response<Full<Bytes>> {
    let Some(operation) = state.operations.get_mut(id) else {
        return error(StatusCode::NOT_FOUND, "NotFound");
    };
    operation.polls += 1;
    let to = recipient(&operation.message);
    let document = if operation.polls == 1 || to.starts_with("running") {
        json!({ "id": id, "status": "Running" })
    } else if to.starts_with("suppressed") {
        let error = json!({
            "code": "EmailDroppedAllRecipientsSuppressed",
            "message": format!("Message to {to} dropped because all recipients were suppressed"),
        });
        json!({ "id": id, "status": "Failed", "error": error })
    } else if operation.fails {
        let error = json!({ "code": "InternalServerError" });
        json!({ "id": id, "status": "Failed", "error": error })
    } else {
        json!({ "id": id, "status": "Succeeded" })
    };
    json(StatusCode::OK, &document)
}

fn recipient(message: &Value) -> &str {
    message["recipients"]["to"][0]["address"]
        .as_str()
        .expect("a recipient")
}

fn error(status: StatusCode, code: &str) -> Response<Full<Bytes>> {
    let error = json!({ "code": code, "message": "about somebody@example.no" });
    json(status, &json!({ "error": error }))
}

fn json(status: StatusCode, document: &Value) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response
        .body(document.to_string().into())
        .expect("a response")
}
