//! What serves the API to a test binary.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use crate::{Call, Handler, Setup};

/// Starts hosts, and the servers and stores that they use.
///
/// A backend that does not have what it is asked for leaves the case out
/// ([`left_out`](crate::left_out)).
pub trait Backend: Send + Sync {
    /// Returns a runtime for one case.
    fn runtime(&self) -> Runtime;

    /// Returns the time on the hosts' wall clock.
    fn now(&self) -> OffsetDateTime;

    /// Returns whether time jumps while every task waits.
    fn time_jumps(&self) -> bool;

    /// Returns the host that cases share. It has no trigger key.
    fn shared(&self) -> BoxFuture<'_, Arc<dyn Running>>;

    /// Starts a host of the case's own.
    fn start(&self, setup: Setup) -> BoxFuture<'_, Arc<dyn Running>>;

    /// Returns an empty store that outlives the hosts that use it.
    fn state(&self) -> Arc<dyn State>;

    /// Serves HTTP to hosts, and returns the port on 127.0.0.1 with a guard that ends the server.
    fn serve(&self, handler: Handler) -> BoxFuture<'_, (u16, Box<dyn Any + Send + Sync>)>;
}

/// A host that runs.
pub trait Running: Send + Sync {
    /// Opens a connection.
    fn connect(&self) -> BoxFuture<'_, Box<dyn Connect>>;

    /// Returns what the component has logged.
    fn log(&self) -> String;

    /// Returns how often the sender has delivered each notification. A real host knows it if it has a
    /// [`State`].
    fn deliveries(&self) -> BTreeMap<String, usize>;

    /// Stops it, and lets the work in progress end.
    fn stop(&self) -> BoxFuture<'_, ()>;
}

/// A connection to a host.
pub trait Connect: Send + Sync {
    /// Sends a request and reads the whole response.
    fn send<'a>(&'a mut self, call: &'a Call) -> BoxFuture<'a, Sent>;
}

/// The response, unless the host is gone.
pub type Sent = Result<Response<Bytes>, Unanswered>;

/// The host is gone.
#[derive(Debug)]
pub struct Unanswered(pub String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key-value store that outlives hosts. Cases read and write it only while no host runs.
pub trait State: Any + Send + Sync {
    /// Returns every key with its value.
    fn rows(&self) -> BTreeMap<String, Vec<u8>>;

    /// Stores a value.
    fn set(&self, key: &str, value: &[u8]);
}

static CHOSEN: OnceLock<&'static dyn Backend> = OnceLock::new();

/// Chooses the backend, once in the life of a process.
pub(crate) fn choose(backend: &'static dyn Backend) {
    assert!(CHOSEN.set(backend).is_ok(), "a backend is chosen once");
}

pub(crate) fn chosen() -> &'static dyn Backend {
    *CHOSEN.get().expect("the harness chooses a backend")
}
