//! Accepts connections, and closes them gracefully.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use wasmtime_wasi_http::WasiBody;

/// Serves connections until `stop` is true or dropped, then waits for the requests in flight, but no
/// longer than `grace`.
///
/// As on Spin 4.1, a connection that begins with the preface of HTTP/2 is served in HTTP/2, any other
/// in HTTP/1, and `TCP_NODELAY` is not set: a response in two writes is as slow here as there.
pub(super) async fn serve<S, F, E>(
    listener: TcpListener,
    service: S,
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) where
    S: Fn(Request<Incoming>, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Response<WasiBody>, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let service = Arc::new(service);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                let service = Arc::clone(&service);
                connect(&graceful, stream, move |request| service(request, client));
            }
            Err(error) => {
                // Usually there are no file descriptors left; other connections may close soon.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests in flight were cut off after {grace:?}");
    }
}

fn connect<S, F, E>(graceful: &GracefulShutdown, stream: TcpStream, service: S)
where
    S: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Result<Response<WasiBody>, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let service = service_fn(service);
    let builder = Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection.into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!("connection: {error:?}");
        }
    });
}
