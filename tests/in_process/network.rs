//! A network without sockets: the servers that a case starts, by their ports.

use std::{any::Any, cell::RefCell, collections::BTreeMap};

use bytes::Bytes;
use email_orders::auth::{FetchError, Fetched};
use http::{HeaderValue, Request, StatusCode, Uri, header};
use test_support::Handler;
use tokio::time::sleep;

/// The most that the component reads of an answer.
const MAX_BYTES: usize = 256 * 1024;

thread_local! {
    /// The servers of this thread's case.
    static SERVERS: RefCell<BTreeMap<u16, Handler>> = const { RefCell::new(BTreeMap::new()) };
}

/// Starts a server; it lasts as long as the case.
pub(crate) fn serve(handler: Handler) -> (u16, Box<dyn Any + Send + Sync>) {
    let port = SERVERS.with_borrow_mut(|servers| {
        let last = servers.last_key_value();
        let port = last.map_or(1024, |(port, _)| port + 1);
        servers.insert(port, handler);
        port
    });
    (port, Box::new(()))
}

/// GETs a URL, whose host leads to this machine.
pub(crate) async fn get(url: &str) -> Result<Fetched, FetchError> {
    let refused = || FetchError::NoAnswer("connection refused".to_owned());
    let url: Uri = url.parse().map_err(|_| refused())?;
    let authority = url.authority().ok_or_else(refused)?;
    let port = authority.port_u16().unwrap_or(80);
    let handler = SERVERS.with_borrow(|servers| servers.get(&port).cloned());
    let handler = handler.ok_or_else(refused)?;
    let mut request = Request::get(url.path_and_query().map_or("/", |path| path.as_str()))
        .body(())
        .map_err(|_| refused())?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| refused())?;
    request.headers_mut().insert(header::HOST, host);
    let reply = handler(&request);
    sleep(reply.delay).await;
    match reply.status.ok_or_else(refused)? {
        StatusCode::OK if reply.body.len() > MAX_BYTES => Err(FetchError::TooLarge(MAX_BYTES)),
        StatusCode::OK => Ok(Fetched {
            body: Bytes::clone(&reply.body),
            headers: reply.headers,
        }),
        status => Err(FetchError::Status(status.as_u16())),
    }
}
