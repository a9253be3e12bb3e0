//! HTTP over TCP.

use std::{convert::Infallible, env};

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture, stream};
use http::{Request, Response, Uri, Version, header, uri::Scheme};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use test_support::{Body, Call, Connect, Sent, Unanswered};
use tokio::net::TcpStream;

/// Returns the version that requests are sent in: HTTP/1.1, or HTTP/2 with `TEST_HTTP=2`.
fn version() -> Version {
    match env::var("TEST_HTTP").as_deref() {
        Err(_) | Ok("" | "1") => Version::HTTP_11,
        Ok("2") => Version::HTTP_2,
        Ok(other) => panic!("TEST_HTTP is `1` or `2`, not `{other}`"),
    }
}

/// A connection to a host.
#[derive(Clone, Debug)]
pub struct HttpConnection {
    authority: String,
    sender: Sender,
}

type OutgoingBody = BoxBody<Bytes, Infallible>;

/// What requests are sent with, in one version of HTTP.
#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<OutgoingBody>),
    Http2(http2::SendRequest<OutgoingBody>),
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        match self {
            Self::Http1(_) => panic!("an HTTP/1.1 connection serves one request at a time"),
            Self::Http2(sender) => Self::Http2(sender.clone()),
        }
    }
}

impl HttpConnection {
    /// Connects, in the version that the environment chooses.
    pub(crate) async fn open(authority: &str) -> Self {
        Self::open_in(authority, version()).await
    }

    /// Connects, in this version of HTTP. HTTP/2 needs prior knowledge: without TLS there is no
    /// negotiation.
    pub async fn open_in(authority: &str, version: Version) -> Self {
        let stream = TcpStream::connect(authority)
            .await
            .unwrap_or_else(|error| panic!("no connection to {authority}: {error}"));
        stream.set_nodelay(true).expect("a socket option");
        let stream = TokioIo::new(stream);
        let sender = if version == Version::HTTP_2 {
            let handshake = http2::handshake(TokioExecutor::new(), stream).await;
            let (sender, connection) = handshake.expect("a handshake");
            tokio::spawn(connection);
            Sender::Http2(sender)
        } else {
            let handshake = http1::handshake(stream).await;
            let (sender, connection) = handshake.expect("a handshake");
            tokio::spawn(connection);
            Sender::Http1(sender)
        };
        Self {
            authority: authority.to_owned(),
            sender,
        }
    }

    async fn exchange(&mut self, call: &Call) -> hyper::Result<Response<Incoming>> {
        match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await?;
                let request = request(call, &self.authority, Version::HTTP_11);
                sender.send_request(request).await
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                let request = request(call, &self.authority, Version::HTTP_2);
                sender.send_request(request).await
            }
        }
    }
}

impl Connect for HttpConnection {
    fn send<'a>(&'a mut self, call: &'a Call) -> BoxFuture<'a, Sent> {
        async {
            let whole = async {
                let (head, body) = self.exchange(call).await?.into_parts();
                let body = body.collect().await?.to_bytes();
                Ok::<_, hyper::Error>(Response::from_parts(head, body))
            };
            whole
                .await
                .map_err(|error| Unanswered(format!("{error:?}")))
        }
        .boxed()
    }
}

fn request(call: &Call, authority: &str, version: Version) -> Request<OutgoingBody> {
    let body = match &call.body {
        Body::Whole(bytes) => Full::new(bytes.clone()).boxed(),
        Body::Chunked(chunks) => {
            let frames = chunks.clone().into_iter().map(Frame::data).map(Ok);
            StreamBody::new(stream::iter(frames)).boxed()
        }
    };
    let mut request = Request::new(body);
    *request.method_mut() = call.method.clone();
    *request.headers_mut() = call.headers.clone();
    let target: Uri = call.target.parse().expect("a request target");
    let host = call.headers.get(header::HOST);
    let host = host.map_or(authority, |host| host.to_str().expect("an authority"));
    *request.uri_mut() = if version == Version::HTTP_2 {
        // The pseudo-header `:authority` replaces `Host`.
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
    request
}
