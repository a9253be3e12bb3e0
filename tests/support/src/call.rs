//! A request to the API.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::{Answer, Host, Trace};

/// Longer than any answer takes on a machine that is busy compiling.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// A request, which starts a trace.
#[derive(Debug, Clone)]
#[must_use]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path and the query.
    pub target: String,
    /// The headers, without those of framing.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    pub(crate) trace: Option<Trace>,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// Sent with its length.
    Whole(Bytes),
    /// Sent in chunks, without its length.
    Chunked(Vec<Bytes>),
}

/// Returns a GET.
pub fn get(target: impl Into<String>) -> Call {
    Call::new("GET", target)
}

/// Returns a POST.
pub fn post(target: impl Into<String>) -> Call {
    Call::new("POST", target)
}

impl Call {
    /// Returns a request of any method.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        let trace = Trace::begin();
        let call = Self {
            method: method.parse().expect("a method"),
            target: target.into(),
            headers: HeaderMap::new(),
            body: Body::Whole(Bytes::new()),
            trace: None,
        };
        Self {
            trace: Some(trace.clone()),
            ..call.header("traceparent", trace.header())
        }
    }

    /// Adds a header line.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.as_ref().parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        self.headers.append(name, value);
        self
    }

    /// Sends this `traceparent` in place of a valid one.
    pub fn traceparent(mut self, value: Option<&str>) -> Self {
        self.trace = None;
        self.headers.remove("traceparent");
        match value {
            Some(value) => self.header("traceparent", value),
            None => self,
        }
    }

    /// Authorizes with a bearer token.
    pub fn bearer(self, token: impl Display) -> Self {
        self.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Authorizes with a platform token.
    pub fn platform(self, token: impl Display) -> Self {
        self.header("PlatformAccessToken", token.to_string())
    }

    /// Sends a document.
    pub fn json(self, document: &Value) -> Self {
        self.json_text(document.to_string())
    }

    /// Sends a text as JSON.
    pub fn json_text(self, text: impl Into<Bytes>) -> Self {
        self.header(header::CONTENT_TYPE, "application/json")
            .body(text)
    }

    /// Sends bytes, without a media type.
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(bytes.into());
        self
    }

    /// Sends bytes in chunks, without a media type.
    pub fn chunks(mut self, chunks: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        self.body = Body::Chunked(chunks.into_iter().map(Into::into).collect());
        self
    }

    /// Sends it on a new connection.
    pub async fn send(self, host: &Host) -> Answer {
        host.connect().await.send(self).await
    }

    /// Returns what messages call it.
    pub fn name(&self) -> String {
        format!("{} {:.200}", self.method, self.target)
    }
}
