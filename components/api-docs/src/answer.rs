//! Answers to requests.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
        ETAG, IF_NONE_MATCH, VARY,
    },
    request::Parts,
};

use crate::{asset::Asset, policy, problem::Problem};

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Answers a request, whose body does not matter.
#[must_use]
pub fn answer(request: &Parts) -> Response<Bytes> {
    let mut response = match Asset::at(request.uri.path()) {
        None => Problem::NotFound.answer(&request.headers),
        Some(asset) => match request.method {
            Method::GET | Method::HEAD => serve(asset, &request.headers),
            Method::OPTIONS => with(empty(StatusCode::NO_CONTENT), ALLOW, ALLOWED),
            _ => {
                let problem = Problem::MethodNotAllowed.answer(&request.headers);
                with(problem, ALLOW, ALLOWED)
            }
        },
    };
    policy::apply(response.headers_mut());
    // RFC 9110, section 8.6: without a body of their own, these have no length.
    if !matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    ) {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    if request.method == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    response
}

/// An asset in the form that the client takes, or 304 if it has it.
fn serve(asset: &'static Asset, request: &HeaderMap) -> Response<Bytes> {
    let gzip = accepts_gzip(request);
    let (body, suffix) = if gzip {
        (asset.gzip, "-gzip")
    } else {
        (asset.plain, "")
    };
    let tag = format!("\"{}{suffix}\"", asset.tag);
    let mut response = if has(request, &tag) {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        let media_type = HeaderValue::from_static(asset.media_type);
        let mut response = with(
            Response::new(Bytes::from_static(body)),
            CONTENT_TYPE,
            media_type,
        );
        if gzip {
            let encoding = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, encoding);
        }
        response
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    let caching = if asset.lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<Bytes>, name: HeaderName, value: HeaderValue) -> Response<Bytes> {
    response.headers_mut().insert(name, value);
    response
}

/// Whether `Accept-Encoding` names gzip, and not to refuse it (RFC 9110, section 12.5.3).
fn accepts_gzip(request: &HeaderMap) -> bool {
    items(request, &ACCEPT_ENCODING).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let gzip = parts
            .next()
            .is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|parameter| {
            let weight = parameter
                .strip_prefix("q=")
                .or(parameter.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse() == Ok(0.0))
        });
        gzip && !refused
    })
}

/// Whether `If-None-Match` names this tag; a weak comparison (RFC 9110, section 13.1.2).
fn has(request: &HeaderMap, tag: &str) -> bool {
    items(request, &IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The items of a list, over all lines of a header.
fn items<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = request.get_all(name).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',').map(str::trim))
}

#[cfg(test)]
mod tests;
