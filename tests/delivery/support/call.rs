//! One request to a server on loopback.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// Longer than any answer takes on a machine that is busy compiling.
const PATIENCE: Duration = Duration::from_mins(2);

/// Sends it on a connection of its own and reads the whole answer.
pub(super) async fn call(authority: &str, request: Request<Bytes>) -> Response<Bytes> {
    let exchange = async {
        let stream = TcpStream::connect(authority).await.expect("a connection");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .expect("a handshake");
        tokio::spawn(connection);
        let response = sender.send_request(request.map(Full::new)).await;
        let (head, body) = response.expect("an answer").into_parts();
        let body = body.collect().await.expect("a whole answer");
        Response::from_parts(head, body.to_bytes())
    };
    timeout(PATIENCE, exchange)
        .await
        .expect("an answer in time")
}
