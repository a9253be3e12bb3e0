//! The URLs from which keys may be fetched.

use http::Uri;

/// Keys may not be fetched from the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("jwks_uri must be an https URL (or http to a loopback address, in development)")]
pub struct NotAKeyUrl;

/// Checks that a URL is `https`, or `http` to a loopback address.
pub(super) fn check(url: &str) -> Result<(), NotAKeyUrl> {
    let uri: Uri = url.parse().map_err(|_| NotAKeyUrl)?;
    let host = uri.host().ok_or(NotAKeyUrl)?;
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_loopback(host) => Ok(()),
        _ => Err(NotAKeyUrl),
    }
}

fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
