//! Bodies of requests: their media type and their size.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// Holds that the body is `application/json`, with whatever parameters.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let media_type = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().unwrap_or_default(),
        _ => "",
    };
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(ApiError::UnsupportedMediaType)
    }
}

/// Reads a body of at most `limit` bytes; a larger one is refused before it is read whole.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::ContentTooLarge { limit });
    }
    let mut body = Limited::new(body, limit);
    let mut content = Vec::with_capacity(announced.unwrap_or_default());
    // To wait for the end behind the last byte announced takes the host two more calls of this
    // instance.
    while announced.is_none_or(|length| content.len() < length) {
        match body.frame().await {
            Some(Ok(frame)) => content.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Some(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(ApiError::ContentTooLarge { limit });
            }
            Some(Err(_)) => return Err(ApiError::BodyCutShort),
            None => break,
        }
    }
    Ok(content)
}

/// 200 with a JSON body.
pub(super) fn ok(value: &impl Serialize) -> Response {
    json(StatusCode::OK, value)
}

/// 200 with a JSON body and its entity tag, or 304 if the client has just that (RFC 9110, section
/// 13.1.2).
pub(super) fn with_etag(request: &HeaderMap, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let hash = Sha256::digest(&body);
    let tag = format!("\"{}\"", hex(&hash[..16]));
    let mut response = if has(request, &tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        json_bytes(StatusCode::OK, body)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    // An order is its creator's alone, and its status may change at any time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `If-None-Match` names this tag; a weak comparison.
fn has(request: &HeaderMap, tag: &str) -> bool {
    let lines = request.get_all(IF_NONE_MATCH).iter();
    lines.filter_map(|line| line.to_str().ok()).any(|line| {
        line.split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    })
}

/// A response with a JSON body.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // What is written here has string keys only, so writing it cannot fail.
    json_bytes(status, serde_json::to_vec(value).unwrap_or_default())
}

fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
