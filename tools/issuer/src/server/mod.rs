//! Publishes an issuer's keys: a real HTTP server on a loopback address, which answers and fails as a
//! test needs, and counts requests.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use test_issuer::{Issuer, server::{Answer, KeyServer}};
//!
//! let issuer = Issuer::generate("https://issuer.test")?;
//! let server = KeyServer::start(Answer::keys(&issuer.jwks()).max_age(300)).await?;
//! println!("jwks_uri is {}", server.url());
//! server.now_answers(Answer::status(500));
//! assert_eq!(server.requests(), 0);
//! # Ok(())
//! # }
//! ```

mod answer;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

pub use self::answer::Answer;

/// The path of the keys.
const PATH: &str = "/jwks";

/// A key server. Dropping it ends it.
#[derive(Debug)]
pub struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    answer: Mutex<Answer>,
    requests: AtomicUsize,
    strays: AtomicUsize,
}

impl KeyServer {
    /// Starts a server on any free loopback port. It ends with the runtime at the latest.
    pub async fn start(answer: Answer) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            answer: Mutex::new(answer),
            requests: AtomicUsize::new(0),
            strays: AtomicUsize::new(0),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    /// Returns the `jwks_uri`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of(PATH)
    }

    /// Returns another URL on the same server, which no configuration names.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets the response to later requests.
    pub fn now_answers(&self, answer: Answer) {
        *self.shared.lock() = answer;
    }

    /// Returns the number of requests for the keys.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(SeqCst)
    }

    /// Returns the number of other requests.
    #[must_use]
    pub fn strays(&self) -> usize {
        self.shared.strays.load(SeqCst)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, and returns the response.
    fn answer(&self, path: &str) -> Answer {
        let count = if path == PATH {
            &self.requests
        } else {
            &self.strays
        };
        count.fetch_add(1, SeqCst);
        self.lock().clone()
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let answer = shared.answer(request.uri().path());
        async move {
            sleep(answer.delay).await;
            answer.response().ok_or(HungUp)
        }
    });
    // One response a connection, so that a new response applies from the next request on.
    let connection = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // It fails if either side closes the connection, which some tests are about.
    _ = connection.await;
}

/// Closes a connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("hung up")]
struct HungUp;
