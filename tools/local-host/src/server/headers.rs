//! Completes a request for a component.
//!
//! As on Spin, the URL has a scheme and an authority, and Spin's own headers come *after* those of the
//! client: the first header of a name may be the client's.

use std::net::SocketAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{CONNECTION, HOST, InvalidHeaderValue, ToStrError},
    uri::{Authority, InvalidUri, InvalidUriParts, Scheme},
};

use super::routes::Match;
use crate::network::CHAINING_SUFFIX;

/// Why a connection is closed without a response.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidHostHeader {
    #[error("the request has no Host header")]
    NoHost,
    #[error("the Host header is not text: {0}")]
    NoText(#[from] ToStrError),
    #[error("the Host header is not an authority: {0}")]
    NoAuthority(#[from] InvalidUri),
    #[error("the Host header and the request line name different authorities")]
    TwoHosts,
    #[error("the URL in the request line is invalid: {0}")]
    NoUrl(#[from] InvalidUriParts),
}

/// Removes headers that concern only the client and the host.
pub(super) fn strip<B>(request: &mut Request<B>) {
    let headers = request.headers_mut();
    let chained = |host: &HeaderValue| {
        let host = host.to_str().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        host.split_once('.')
            .is_some_and(|(_, domain)| CHAINING_SUFFIX.strip_prefix('.') == Some(domain))
    };
    if headers.get(HOST).is_some_and(chained) {
        headers.remove(HOST);
    }
    headers.remove(CONNECTION);
}

/// Completes the request's URL by its `Host` header.
pub(super) fn address<B>(request: &mut Request<B>) -> Result<(), InvalidHostHeader> {
    let mut parts = request.uri().clone().into_parts();
    let host = match request.headers().get(HOST) {
        Some(host) => Some(host.to_str()?.parse::<Authority>()?),
        None => None,
    };
    parts.authority = match (host, parts.authority) {
        (None, None) => return Err(InvalidHostHeader::NoHost),
        (Some(host), Some(authority)) if host != authority => {
            return Err(InvalidHostHeader::TwoHosts);
        }
        (host, authority) => host.or(authority),
    };
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts)?;
    Ok(())
}

/// Why a request is answered 500 before it reaches a component.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidHeaders {
    #[error("a header's value is not UTF-8")]
    NotUtf8,
    #[error("a header's value is invalid: {0}")]
    Value(#[from] InvalidHeaderValue),
}

/// Adds Spin's own headers.
pub(super) fn describe<B>(
    request: &mut Request<B>,
    route: &Match<'_>,
    client: SocketAddr,
) -> Result<(), InvalidHeaders> {
    let text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).is_ok();
    if !request.headers().values().all(text) {
        return Err(InvalidHeaders::NotUtf8);
    }
    let url = full_url(request)?;
    let headers = request.headers_mut();
    let own = [
        (
            "spin-path-info",
            HeaderValue::from_bytes(route.rest().as_bytes())?,
        ),
        ("spin-full-url", url),
        ("spin-matched-route", HeaderValue::from_str(route.normal())?),
        ("spin-base-path", HeaderValue::from_static("/")),
        (
            "spin-raw-component-route",
            HeaderValue::from_str(route.raw())?,
        ),
        (
            "spin-component-route",
            HeaderValue::from_str(route.raw_prefix())?,
        ),
        (
            "spin-client-addr",
            HeaderValue::from_str(&client.to_string())?,
        ),
    ];
    for (name, value) in own {
        headers.append(HeaderName::from_static(name), value);
    }
    append_named(headers, route);
    Ok(())
}

fn full_url<B>(request: &Request<B>) -> Result<HeaderValue, InvalidHeaderValue> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = request.headers().get(HOST);
    let host = host.map_or(&b"localhost"[..], HeaderValue::as_bytes);
    let scheme = uri.scheme_str().unwrap_or("http");
    let url = [scheme.as_bytes(), b"://", host, path.as_bytes()].concat();
    HeaderValue::from_bytes(&url)
}

fn append_named(headers: &mut HeaderMap, route: &Match<'_>) {
    for (name, value) in route.named() {
        let name = format!("spin-path-match-{}", name.replace('_', "-"));
        // A name or value that is not valid in a header is left out.
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.to_ascii_lowercase()),
            HeaderValue::from_str(value),
        ) {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        manifest::{ComponentId, Route},
        server::routes::Routes,
    };

    fn request(uri: &str, host: Option<&str>) -> Request<()> {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn address_completes_url_by_host_header() {
        let mut plain = request("/a?b", Some("example.no:3000"));
        address(&mut plain).unwrap();
        assert_eq!(plain.uri(), "http://example.no:3000/a?b");
        assert!(address(&mut request("/a", None)).is_err());
        assert!(address(&mut request("/a", Some("a b"))).is_err());
        assert!(address(&mut request("http://x/a", Some("y"))).is_err());
        assert!(address(&mut request("http://x/a", None)).is_ok());
    }

    #[test]
    fn strip_removes_connection_and_chained_host() {
        let mut chained = request("/", Some("other.spin.internal:80"));
        chained
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        strip(&mut chained);
        assert!(chained.headers().is_empty());
        let mut plain = request("/", Some("a.example.no"));
        strip(&mut plain);
        assert_eq!(plain.headers().len(), 1);
    }

    #[test]
    fn describe_appends_own_headers_after_the_clients() {
        let routes = Routes::new(&[Route {
            pattern: "/a/:user_id/...".to_owned(),
            component: ComponentId::try_from("main".to_owned()).unwrap(),
        }])
        .unwrap();
        let mut request = request("/a/1/b?c=d", Some("example.no"));
        let forged = HeaderValue::from_static("http://forged/");
        request.headers_mut().insert("spin-full-url", forged);
        address(&mut request).unwrap();
        let client = "127.0.0.1:9".parse().unwrap();
        describe(&mut request, &routes.find("/a/1/b").unwrap(), client).unwrap();
        let all = |name| -> Vec<_> { request.headers().get_all(name).iter().collect() };
        assert_eq!(
            all("spin-full-url"),
            ["http://forged/", "http://example.no/a/1/b?c=d"]
        );
        for (name, value) in [
            ("spin-path-info", "/b"),
            ("spin-matched-route", "/a/:user_id/..."),
            ("spin-raw-component-route", "/a/:user_id/..."),
            ("spin-component-route", "/a/:user_id"),
            ("spin-base-path", "/"),
            ("spin-client-addr", "127.0.0.1:9"),
            ("spin-path-match-user-id", "1"),
        ] {
            assert_eq!(all(name), [value], "{name}");
        }
    }

    #[test]
    fn describe_refuses_headers_that_are_not_utf8() {
        let routes = Routes::new(&[Route {
            pattern: "/...".to_owned(),
            component: ComponentId::try_from("main".to_owned()).unwrap(),
        }])
        .unwrap();
        let mut request = request("/", Some("x"));
        let bytes = HeaderValue::from_bytes(b"\xff").unwrap();
        request.headers_mut().insert("x-bytes", bytes);
        let client = "127.0.0.1:9".parse().unwrap();
        assert!(describe(&mut request, &routes.find("/").unwrap(), client).is_err());
    }
}
