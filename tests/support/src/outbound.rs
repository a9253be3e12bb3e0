//! HTTP servers that the service under test calls.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

use crate::backend;

/// Answers a request without a body.
pub type Handler = Arc<dyn Fn(&Request<()>) -> Reply + Send + Sync>;

/// The answer of a server.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status; without one the connection ends without an answer.
    pub status: Option<StatusCode>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How long the server waits before it answers.
    pub delay: Duration,
}

impl Reply {
    /// Returns a reply that ends the connection.
    pub fn none() -> Self {
        Self {
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
        }
    }

    /// Returns a reply without a body.
    pub fn status(code: u16) -> Self {
        Self {
            status: Some(StatusCode::from_u16(code).expect("a status")),
            ..Self::none()
        }
    }

    /// Returns a 200 with a body.
    pub fn content(media_type: &str, body: impl Into<Bytes>) -> Self {
        let reply = Self {
            body: body.into(),
            ..Self::status(200)
        };
        reply.header(http::header::CONTENT_TYPE, media_type)
    }

    /// Returns a redirect.
    pub fn redirect(url: &str) -> Self {
        Self::status(302).header(http::header::LOCATION, url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// Waits before it answers.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// A server on this machine. Dropping it ends it.
pub struct Outbound {
    port: u16,
    _guard: Box<dyn Any + Send + Sync>,
}

impl Outbound {
    /// Starts a server.
    pub async fn start(handler: impl Fn(&Request<()>) -> Reply + Send + Sync + 'static) -> Self {
        let (port, guard) = backend::chosen().serve(Arc::new(handler)).await;
        Self {
            port,
            _guard: guard,
        }
    }

    /// Returns its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a server at port {}", self.port)
    }
}
