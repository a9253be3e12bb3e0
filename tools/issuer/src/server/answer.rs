//! What a server of keys says to a request.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{AGE, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
};
use serde_json::Value;

/// An answer, given to every request until another one is to be given.
#[derive(Debug, Clone)]
pub struct Answer {
    /// None: the connection ends without one.
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Bytes,
    pub(super) delay: Duration,
}

impl Answer {
    /// A set of keys, such as [`Issuer::jwks`](crate::Issuer::jwks).
    #[must_use]
    pub fn keys(set: &Value) -> Self {
        Self::content("application/json", set.to_string())
    }

    /// Anything at all.
    #[must_use]
    pub fn content(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let answer = Self {
            body: body.into(),
            ..Self::status(200)
        };
        answer.header(CONTENT_TYPE, HeaderValue::from_static(media_type))
    }

    /// A status without a body; one that there is not is 500.
    #[must_use]
    pub fn status(code: u16) -> Self {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status: Some(status),
            ..Self::none()
        }
    }

    /// A redirect to another URL.
    #[must_use]
    pub fn redirect(url: &str) -> Self {
        // What is no header's value redirects to nowhere.
        let location = HeaderValue::try_from(url).unwrap_or(HeaderValue::from_static(""));
        Self::status(302).header(LOCATION, location)
    }

    /// No answer: the connection ends.
    #[must_use]
    pub fn none() -> Self {
        Self {
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
        }
    }

    /// Lets it be kept for so many seconds.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        let value = HeaderValue::try_from(format!("public, max-age={seconds}"));
        match value {
            Ok(value) => self.header(CACHE_CONTROL, value),
            Err(_) => self,
        }
    }

    /// Says this in `Cache-Control`.
    #[must_use]
    pub fn cache_control(self, directives: &'static str) -> Self {
        self.header(CACHE_CONTROL, HeaderValue::from_static(directives))
    }

    /// Says that a cache has had it for so many seconds.
    #[must_use]
    pub fn aged(self, seconds: u32) -> Self {
        self.header(AGE, HeaderValue::from(seconds))
    }

    /// Gives it only after a while.
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
