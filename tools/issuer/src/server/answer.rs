//! The responses of a key server.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{AGE, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
};
use serde_json::Value;

/// The response to every request, until another one is set.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `None` closes the connection without a response.
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Bytes,
    pub(super) delay: Duration,
}

impl Answer {
    /// Creates a response with a set of keys, such as [`Issuer::jwks`](crate::Issuer::jwks).
    #[must_use]
    pub fn keys(set: &Value) -> Self {
        Self::content("application/json", set.to_string())
    }

    /// Creates a response with any content.
    #[must_use]
    pub fn content(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let answer = Self {
            body: body.into(),
            ..Self::status(200)
        };
        answer.header(CONTENT_TYPE, HeaderValue::from_static(media_type))
    }

    /// Creates a response without a body. An invalid status becomes 500.
    #[must_use]
    pub fn status(code: u16) -> Self {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status: Some(status),
            ..Self::none()
        }
    }

    /// Creates a redirect to another URL.
    #[must_use]
    pub fn redirect(url: &str) -> Self {
        // A URL that is not valid in a header becomes an empty one.
        let location = HeaderValue::try_from(url).unwrap_or(HeaderValue::from_static(""));
        Self::status(302).header(LOCATION, location)
    }

    /// Closes the connection without a response.
    #[must_use]
    pub fn none() -> Self {
        Self {
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
        }
    }

    /// Makes the response cacheable for this number of seconds.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        let value = HeaderValue::try_from(format!("public, max-age={seconds}"));
        match value {
            Ok(value) => self.header(CACHE_CONTROL, value),
            Err(_) => self,
        }
    }

    /// Sets `Cache-Control`.
    #[must_use]
    pub fn cache_control(self, directives: &'static str) -> Self {
        self.header(CACHE_CONTROL, HeaderValue::from_static(directives))
    }

    /// Sets `Age`, as if a cache had stored the response for this number of seconds.
    #[must_use]
    pub fn aged(self, seconds: u32) -> Self {
        self.header(AGE, HeaderValue::from(seconds))
    }

    /// Delays the response.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn response(self) -> Option<Response<Full<Bytes>>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status?;
        *response.headers_mut() = self.headers;
        Some(response)
    }
}
