//! Responses to requests.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
        ETAG, VARY,
    },
    request::Parts,
};
use http_shared::if_none_match;

use crate::{asset::Asset, policy, problem::Problem};

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Responds to a request. Ignores its body.
#[must_use]
pub fn respond(request: &Parts) -> Response<Bytes> {
    let mut response = match Asset::find(request.uri.path()) {
        None => Problem::NotFound.respond(&request.headers),
        Some(asset) => match request.method {
            Method::GET | Method::HEAD => serve(asset, &request.headers),
            Method::OPTIONS => with(empty(StatusCode::NO_CONTENT), ALLOW, ALLOWED),
            _ => {
                let problem = Problem::MethodNotAllowed.respond(&request.headers);
                with(problem, ALLOW, ALLOWED)
            }
        },
    };
    policy::apply(response.headers_mut());
    // These responses have no `Content-Length` (RFC 9110, section 8.6).
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

/// Returns an asset in a form that the client accepts, or 304 if the client has it already.
fn serve(asset: &'static Asset, request: &HeaderMap) -> Response<Bytes> {
    let gzip = accepts_gzip(request);
    let (body, suffix) = if gzip {
        (asset.gzip, "-gzip")
    } else {
        (asset.plain, "")
    };
    let tag = format!("\"{}{suffix}\"", asset.tag);
    let mut response = if if_none_match(request, &tag) {
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
    let caching = if asset.immutable {
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

/// Returns whether `Accept-Encoding` accepts gzip (RFC 9110, section 12.5.3).
fn accepts_gzip(request: &HeaderMap) -> bool {
    let lines = request.get_all(ACCEPT_ENCODING).iter();
    let mut items = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    items.any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
        let is_refused = parts.any(|parameter| {
            let weight = parameter
                .strip_prefix("q=")
                .or(parameter.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse() == Ok(0.0))
        });
        is_gzip && !is_refused
    })
}

#[cfg(test)]
mod tests;
