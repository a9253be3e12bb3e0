//! What decides races, whichever is composed in, over HTTP:
//!
//! - `POST /claim`: a name and a contender in, nothing or a failure out;
//! - `POST /next`: a sequence in, a number or a failure out.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/claims",
        inline: "
            package email-orders:probe;
            world probe {
                import email-orders:claims/claims@1.0.0;
            }
        ",
        world: "email-orders:probe/probe",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [serde::Serialize],
        generate_all,
    });
}

use bindings::email_orders::claims::claims;
use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use spin_sdk::http::Request;

#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "the component's export")
)]
async fn handle(request: Request) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return answer(StatusCode::BAD_REQUEST, &"the body did not arrive");
    };
    let body = body.to_bytes();
    match (&head.method, head.uri.path()) {
        (&Method::POST, "/claim") => match serde_json::from_slice(&body) {
            Ok((name, contender)) => answer(StatusCode::OK, &claims::claim(name, contender).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        (&Method::POST, "/next") => match serde_json::from_slice(&body) {
            Ok(sequence) => answer(StatusCode::OK, &claims::next(sequence).await),
            Err(error) => answer(StatusCode::BAD_REQUEST, &error.to_string()),
        },
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
