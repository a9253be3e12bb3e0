//! The service under test.

use std::{cell::RefCell, collections::BTreeMap, fmt, sync::Arc};

use tokio::time::timeout;

use crate::{
    Answer, Call, PATIENCE, Running, Setup, Unanswered,
    backend::{self, Connect},
    setup,
};

/// A host that serves the API.
#[derive(Clone)]
pub struct Host(Arc<dyn Running>);

impl Host {
    /// Returns the host that cases share, the same one throughout a case.
    pub(crate) async fn shared() -> Self {
        thread_local! {
            static SHARED: RefCell<Option<Host>> = const { RefCell::new(None) };
        }
        if let Some(host) = SHARED.with_borrow(Clone::clone) {
            return host;
        }
        let host = Self(backend::chosen().shared().await);
        SHARED.with_borrow_mut(|shared| *shared = Some(host.clone()));
        host
    }

    /// Starts a host of the case's own, with these variables besides the trusted issuers.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::start(setup(variables)).await
    }

    /// Starts a host of the case's own.
    pub async fn start(setup: Setup) -> Self {
        Self(backend::chosen().start(setup).await)
    }

    /// Opens a connection.
    pub async fn connect(&self) -> Connection {
        Connection::new(self.0.connect().await)
    }

    /// Returns what the component has logged.
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// Returns how often the sender has delivered each notification.
    pub fn deliveries(&self) -> BTreeMap<String, usize> {
        self.0.deliveries()
    }

    /// Stops it, and lets the work in progress end.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}

impl From<Arc<dyn Running>> for Host {
    fn from(running: Arc<dyn Running>) -> Self {
        Self(running)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

/// A connection that stays open between requests.
pub struct Connection(Box<dyn Connect>);

impl Connection {
    /// Returns a connection that a backend has opened.
    pub fn new(connection: Box<dyn Connect>) -> Self {
        Self(connection)
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, call: Call) -> Answer {
        let name = call.name();
        self.try_send(call)
            .await
            .unwrap_or_else(|error| panic!("{name} was not answered: {error}"))
    }

    /// Sends a request to a host that may be gone before it answers.
    pub async fn try_send(&mut self, call: Call) -> Result<Answer, Unanswered> {
        let response = timeout(PATIENCE, self.0.send(&call))
            .await
            .unwrap_or_else(|_| panic!("{} was not answered in time", call.name()))?;
        Ok(Answer::checked(call, response))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}
