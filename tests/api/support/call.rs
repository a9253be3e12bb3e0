//! A request to the API, built up and sent.

use std::{convert::Infallible, env, fmt::Display, time::Duration};

use bytes::Bytes;
use futures::stream;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version, header,
    uri::Scheme,
};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

use super::{Answer, Host, trace::Trace};

/// Longer than any answer takes on a machine that is busy compiling.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

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

    fn request(&self, authority: &str, version: Version) -> OutgoingRequest {
        let body = match &self.body {
            Body::Whole(bytes) => Full::new(bytes.clone()).boxed(),
            Body::Chunked(chunks) => {
                let frames = chunks.clone().into_iter().map(Frame::data).map(Ok);
                StreamBody::new(stream::iter(frames)).boxed()
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = self.headers.clone();
        let target: Uri = self.target.parse().expect("a request target");
        let host = self.headers.get(header::HOST);
        let host = host.map_or(authority, |host| host.to_str().expect("an authority"));
        *request.uri_mut() = if version == Version::HTTP_2 {
            // The pseudo-header of the authority takes the place of `Host`.
            request.headers_mut().remove(header::HOST);
            let mut parts = target.into_parts();
            parts.scheme.get_or_insert(Scheme::HTTP);
            parts
                .authority
                .get_or_insert_with(|| host.parse().expect("an authority"));
            Uri::from_parts(parts).expect("a request target")
        } else {
            let host = host.parse().expect("an authority");
            request.headers_mut().insert(header::HOST, host);
            target
        };
        if let Some(trace) = &self.trace {
            let traceparent = trace.header().parse().expect("a header's value");
            request.headers_mut().insert("traceparent", traceparent);
        }
        request
    }
}

type OutgoingRequest = Request<BoxBody<Bytes, Infallible>>;

/// The version that calls are sent in: HTTP/1.1, or HTTP/2 with `TEST_HTTP=2`.
pub(crate) fn version() -> Version {
    match env::var("TEST_HTTP").as_deref() {
        Err(_) | Ok("" | "1") => Version::HTTP_11,
        Ok("2") => Version::HTTP_2,
        Ok(other) => panic!("TEST_HTTP is `1` or `2`, not `{other}`"),
    }
}

/// A connection that is kept open between requests.
#[derive(Debug)]
pub(crate) struct Connection {
    authority: String,
    sender: Sender,
}

/// What requests are sent with, in one version of HTTP.
#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<BoxBody<Bytes, Infallible>>),
    Http2(http2::SendRequest<BoxBody<Bytes, Infallible>>),
}

impl Sender {
    /// Opens a connection. HTTP/2 is spoken with prior knowledge, since there is no TLS to agree
    /// on it.
    async fn open(stream: TcpStream, version: Version) -> hyper::Result<Self> {
        let stream = TokioIo::new(stream);
        if version == Version::HTTP_2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
            tokio::spawn(connection);
            return Ok(Self::Http2(sender));
        }
        let (sender, connection) = http1::handshake(stream).await?;
        tokio::spawn(connection);
        Ok(Self::Http1(sender))
    }

    fn version(&self) -> Version {
        match self {
            Self::Http1(_) => Version::HTTP_11,
            Self::Http2(_) => Version::HTTP_2,
        }
    }

    async fn send(&mut self, request: OutgoingRequest) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(host: &Host) -> Self {
        Self::open_in(host, version()).await
    }

    /// Shares an HTTP/2 connection, for requests at the same time.
    pub(crate) fn shared(&self) -> Self {
        let Sender::Http2(sender) = &self.sender else {
            panic!("a connection of HTTP/1.1 serves one request at a time");
        };
        Self {
            authority: self.authority.clone(),
            sender: Sender::Http2(sender.clone()),
        }
    }

    /// Connects, to speak this version of HTTP.
    pub(crate) async fn open_in(host: &Host, version: Version) -> Self {
        let authority = host.authority().to_owned();
        let stream = TcpStream::connect(&authority)
            .await
            .unwrap_or_else(|error| panic!("no connection to {authority}: {error}"));
        stream.set_nodelay(true).expect("a socket option");
        let sender = Sender::open(stream, version).await;
        Self {
            authority,
            sender: sender.expect("a handshake without a message"),
        }
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
            let request = call.request(&self.authority, self.sender.version());
            let (head, body) = self.sender.send(request).await?.into_parts();
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
