//! A request to the API, built up and sent.

use std::{convert::Infallible, fmt::Display, time::Duration};

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{body::Frame, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

use super::{Answer, Host, trace::Trace};

/// Longer than any answer takes on a machine that is busy compiling.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// A request, which begins a trace of its own.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Call {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Body,
    trace: Option<Trace>,
}

#[derive(Debug, Clone)]
enum Body {
    /// Sent with its length.
    Whole(Bytes),
    /// Sent chunk by chunk, its length unknown.
    Chunked(Vec<Bytes>),
}

/// A GET.
pub(crate) fn get(target: impl Into<String>) -> Call {
    Call::new("GET", target)
}

/// A POST.
pub(crate) fn post(target: impl Into<String>) -> Call {
    Call::new("POST", target)
}

impl Call {
    /// A request of any method.
    pub(crate) fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.parse().expect("a method"),
            target: target.into(),
            headers: HeaderMap::new(),
            body: Body::Whole(Bytes::new()),
            trace: Some(Trace::begin()),
        }
    }

    /// Adds a header line.
    pub(crate) fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.as_ref().parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        self.headers.append(name, value);
        self
    }

    /// Sends this `traceparent` in place of a good one.
    pub(crate) fn traceparent(mut self, value: Option<&str>) -> Self {
        self.trace = None;
        match value {
            Some(value) => self.header("traceparent", value),
            None => self,
        }
    }

    /// Authorizes with a bearer token.
    pub(crate) fn bearer(self, token: impl Display) -> Self {
        self.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Authorizes with a platform token.
    pub(crate) fn platform(self, token: impl Display) -> Self {
        self.header("PlatformAccessToken", token.to_string())
    }

    /// Sends a document.
    pub(crate) fn json(self, document: &Value) -> Self {
        self.json_text(document.to_string())
    }

    /// Sends what may be a document.
    pub(crate) fn json_text(self, text: impl Into<Bytes>) -> Self {
        self.header(header::CONTENT_TYPE, "application/json")
            .body(text)
    }

    /// Sends bytes, of no type.
    pub(crate) fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(bytes.into());
        self
    }

    /// Sends bytes in chunks, of no type.
    pub(crate) fn chunks(mut self, chunks: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        self.body = Body::Chunked(chunks.into_iter().map(Into::into).collect());
        self
    }

    /// Sends it on a connection of its own.
    pub(crate) async fn send(self, host: &Host) -> Answer {
        Connection::open(host).await.send(self).await
    }

    /// What it is called in messages.
    fn name(&self) -> String {
        format!("{} {:.200}", self.method, self.target)
    }

    fn request(&self, authority: &str) -> Request<BoxBody<Bytes, Infallible>> {
        let body = match &self.body {
            Body::Whole(bytes) => Full::new(bytes.clone()).boxed(),
            Body::Chunked(chunks) => {
                let frames = chunks.clone().into_iter().map(Frame::data).map(Ok);
                StreamBody::new(stream::iter(frames)).boxed()
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse().expect("a request target");
        *request.headers_mut() = self.headers.clone();
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            let authority = authority.parse().expect("an authority");
            headers.insert(header::HOST, authority);
        }
        if let Some(trace) = &self.trace {
            let traceparent = trace.header().parse().expect("a header's value");
            headers.insert("traceparent", traceparent);
        }
        request
    }
}

/// A connection that is kept open between requests.
#[derive(Debug)]
pub(crate) struct Connection {
    authority: String,
    sender: http1::SendRequest<BoxBody<Bytes, Infallible>>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(host: &Host) -> Self {
        let authority = host.authority().to_owned();
        let stream = TcpStream::connect(&authority)
            .await
            .unwrap_or_else(|error| panic!("no connection to {authority}: {error}"));
        stream.set_nodelay(true).expect("a socket option");
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .expect("a handshake without a message");
        tokio::spawn(connection);
        Self { authority, sender }
    }

    /// Sends a request and reads the answer to its end; the connection stays open.
    pub(crate) async fn send(&mut self, call: Call) -> Answer {
        let name = call.name();
        self.try_send(call)
            .await
            .unwrap_or_else(|error| panic!("{name} was not answered: {error:?}"))
    }

    /// The same, where the host may be gone before it answers.
    pub(crate) async fn try_send(&mut self, call: Call) -> hyper::Result<Answer> {
        let name = call.name();
        let exchange = async {
            self.sender.ready().await?;
            let answer = self.sender.send_request(call.request(&self.authority));
            let (head, body) = answer.await?.into_parts();
            Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
        };
        let (head, body) = timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| panic!("{name} was not answered"))?;
        let answer = Answer {
            call: name,
            trace: call.trace,
            status: head.status,
            headers: head.headers,
            body,
        };
        answer.assert_framing(call.method == Method::HEAD);
        answer.assert_taken_as_it_is();
        Ok(answer)
    }
}
