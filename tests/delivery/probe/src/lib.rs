//! Offers the components that are composed in over HTTP:
//!
//! - `POST /send` takes an email, and returns a receipt or a failure;
//! - `POST /look-up` takes identifiers, and returns contacts or an error;
//! - `POST /claim` takes a name and a contender, and returns nothing or a failure;
//! - `POST /next` takes a sequence, and returns a number or a failure;
//! - `GET /served` returns how many requests this instance has taken, this one included.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: ["../../../wit/sender", "../../../wit/contacts", "../../../wit/claims"],
        inline: "
            package email-orders:probe;
            world probe {
                import email-orders:sender/sender@1.0.0;
                import email-orders:contacts/contacts@1.0.0;
                import email-orders:claims/claims@1.0.0;
            }
        ",
        world: "email-orders:probe/probe",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [serde::Serialize, serde::Deserialize],
        generate_all,
    });
}

use std::sync::atomic::{AtomicUsize, Ordering};

use bindings::email_orders::{claims::claims, contacts::contacts, sender::sender};
use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use spin_sdk::http::Request;

/// How many requests this instance has taken.
static SERVED: AtomicUsize = AtomicUsize::new(0);

#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "the component's export")
)]
async fn handle(request: Request) -> Response<Full<Bytes>> {
    let served = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return answer(StatusCode::BAD_REQUEST, &"the body did not arrive");
    };
    let body = body.to_bytes();
    match (&head.method, head.uri.path()) {
        (&Method::POST, "/send") => match serde_json::from_slice(&body) {
            Ok(email) => answer(StatusCode::OK, &sender::send(email).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        (&Method::POST, "/look-up") => match serde_json::from_slice(&body) {
            Ok(identifiers) => answer(StatusCode::OK, &contacts::look_up(identifiers).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        (&Method::POST, "/claim") => match serde_json::from_slice(&body) {
            Ok((name, contender)) => answer(StatusCode::OK, &claims::claim(name, contender).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        (&Method::POST, "/next") => match serde_json::from_slice(&body) {
            Ok(sequence) => answer(StatusCode::OK, &claims::next(sequence).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        (&Method::GET, "/served") => answer(StatusCode::OK, &served),
        _ => answer(StatusCode::NOT_FOUND, &"no such path"),
    }
}

fn answer(status: StatusCode, document: &impl Serialize) -> Response<Full<Bytes>> {
    let (status, body) = match serde_json::to_vec(document) {
        Ok(body) => (status, body),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into()),
    };
    let length = body.len().into();
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}
