//! HTTP servers that hosts call.

use std::{any::Any, fmt, net::Ipv4Addr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use test_support::Handler;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// Ends a server when it is dropped.
struct Guard(JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves on a free port of 127.0.0.1; returns the port, and a guard that ends the server.
pub(crate) async fn serve(handler: Handler) -> (u16, Box<dyn Any + Send + Sync>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, Handler::clone(&handler)));
        }
    });
    (port, Box::new(Guard(serving)))
}

async fn connection(stream: TcpStream, handler: Handler) {
    let service = service_fn(|request: Request<Incoming>| {
        let reply = handler(&request.map(drop));
        async move {
            sleep(reply.delay).await;
            let status = reply.status.ok_or(HungUp)?;
            let mut response = Response::new(Full::<Bytes>::new(reply.body));
            *response.status_mut() = status;
            *response.headers_mut() = reply.headers;
            Ok::<_, HungUp>(response)
        }
    });
    // One request each: a changed reply then holds from the next request on.
    let connection = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Some tests are about connections that end early.
    _ = connection.await;
}

/// Ends a connection without an answer.
#[derive(Debug)]
struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hung up")
    }
}

impl std::error::Error for HungUp {}
