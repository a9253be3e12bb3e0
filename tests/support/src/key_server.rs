//! An issuer that publishes its keys at a URL.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use http::header::{AGE, CACHE_CONTROL};
use serde_json::Value;

use crate::{Outbound, Reply};

/// The path of the keys.
const PATH: &str = "/jwks";

/// A server that publishes keys, fails as a test wants it, and counts requests.
#[derive(Debug)]
pub struct KeyServer {
    server: Outbound,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    reply: Mutex<Reply>,
    requests: AtomicUsize,
    strays: AtomicUsize,
}

impl KeyServer {
    /// Starts a server that gives this reply to every request.
    pub async fn start(reply: Reply) -> Self {
        let shared = Arc::new(Shared {
            reply: Mutex::new(reply),
            requests: AtomicUsize::new(0),
            strays: AtomicUsize::new(0),
        });
        let counts = Arc::clone(&shared);
        let server = Outbound::start(move |request| {
            let is_for_keys = request.uri().path() == PATH;
            let count = if is_for_keys {
                &counts.requests
            } else {
                &counts.strays
            };
            count.fetch_add(1, SeqCst);
            counts.reply().clone()
        });
        Self {
            server: server.await,
            shared,
        }
    }

    /// Returns the `jwks_uri`.
    pub fn url(&self) -> String {
        self.url_of(PATH)
    }

    /// Returns the URL of another path.
    pub fn url_of(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.server.port())
    }

    /// Gives this reply from now on.
    pub fn set_reply(&self, reply: Reply) {
        *self.shared.reply() = reply;
    }

    /// Returns how many requests asked for the keys.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(SeqCst)
    }

    /// Returns how many requests asked for anything else.
    pub fn strays(&self) -> usize {
        self.shared.strays.load(SeqCst)
    }
}

impl Shared {
    fn reply(&self) -> MutexGuard<'_, Reply> {
        self.reply.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an issuer replies.
impl Reply {
    /// Returns a JWK set (RFC 7517, section 5).
    pub fn keys(set: &Value) -> Self {
        Self::content("application/json", set.to_string())
    }

    /// Lets caches keep it for so many seconds.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        self.cache_control(&format!("public, max-age={seconds}"))
    }

    /// Says this in `Cache-Control`.
    #[must_use]
    pub fn cache_control(self, directives: &str) -> Self {
        self.header(CACHE_CONTROL, directives)
    }

    /// Says that it has been in a cache for so many seconds.
    #[must_use]
    pub fn aged(self, seconds: u32) -> Self {
        self.header(AGE, &seconds.to_string())
    }
}
