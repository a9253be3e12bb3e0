//! A network of scripted relays, whose time passes only while a test waits.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    future::{Future, pending, poll_fn},
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    delivery::Network,
    session::{Connection, ConnectionError},
    unanswered::Store,
};

/// What a relay does at a read.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Reply(&'static str),
    /// Replies after a time.
    Late(u64, &'static str),
    /// Never replies.
    Silence,
}

/// A key-value store in memory.
#[derive(Default)]
pub(crate) struct FakeStore(RefCell<HashMap<String, Vec<u8>>>);

impl Store for FakeStore {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.borrow().get(key).cloned()
    }

    fn set(&self, key: &str, value: &[u8]) {
        self.0.borrow_mut().insert(key.to_owned(), value.to_vec());
    }
}

/// The time, and the next time for which a future waits.
pub(crate) struct Clock {
    begun: Instant,
    now: Cell<Duration>,
    next: Cell<Option<Duration>>,
}

/// One connection to a relay. After its script it is closed.
pub(crate) struct FakeConnection {
    script: VecDeque<Act>,
    received: Rc<RefCell<String>>,
    clock: Rc<Clock>,
    /// Whether QUIT cannot be sent.
    hangs_at_quit: bool,
}

/// The relays, by address. Each connection takes the next script of its relay.
pub(crate) struct FakeNetwork {
    pub(crate) scripts: RefCell<HashMap<SocketAddr, VecDeque<Vec<Act>>>>,
    /// What the relays have received, a text for each connection.
    pub(crate) received: RefCell<Vec<(SocketAddr, Rc<RefCell<String>>)>>,
    pub(crate) clock: Rc<Clock>,
    pub(crate) hangs_at_quit: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            now: Cell::default(),
            next: Cell::default(),
        }
    }
}

impl Clock {
    pub(crate) fn elapsed(&self) -> Duration {
        self.now.get()
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now.get() + duration;
        poll_fn(|_| {
            if self.now.get() >= until {
                return Poll::Ready(());
            }
            let next = self.next.get().map_or(until, |next| next.min(until));
            self.next.set(Some(next));
            Poll::Pending
        })
        .await;
    }
}

impl Connection for FakeConnection {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        if self.hangs_at_quit && bytes == b"QUIT\r\n" {
            pending::<()>().await;
        }
        let text = String::from_utf8(bytes).unwrap();
        self.received.borrow_mut().push_str(&text);
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, ConnectionError> {
        match self.script.pop_front() {
            None => Err(ConnectionError::Failed("closed".to_owned())),
            Some(Act::Silence) => pending().await,
            Some(Act::Reply(text)) => Ok(text.as_bytes().to_vec()),
            Some(Act::Late(seconds, text)) => {
                self.clock.sleep(Duration::from_secs(seconds)).await;
                Ok(text.as_bytes().to_vec())
            }
        }
    }

    fn local_address(&self) -> Result<SocketAddr, ConnectionError> {
        Ok((Ipv4Addr::LOCALHOST, 50_000).into())
    }
}

impl FakeNetwork {
    /// Creates a network in which each connection to a relay has the next of its scripts.
    pub(crate) fn new(relays: &[(SocketAddr, &[&[Act]])]) -> Self {
        let scripts = |scripts: &[&[Act]]| scripts.iter().map(|acts| acts.to_vec()).collect();
        let relays = relays.iter().map(|(relay, acts)| (*relay, scripts(acts)));
        Self {
            scripts: RefCell::new(relays.collect()),
            received: RefCell::default(),
            clock: Rc::default(),
            hangs_at_quit: false,
        }
    }

    /// Returns what each connection has received.
    pub(crate) fn received(&self) -> Vec<String> {
        let received = self.received.borrow();
        received
            .iter()
            .map(|(_, text)| text.borrow().clone())
            .collect()
    }
}

impl Network for FakeNetwork {
    type Connection = FakeConnection;

    async fn connect(&self, relay: SocketAddr) -> Result<FakeConnection, ConnectionError> {
        let mut scripts = self.scripts.borrow_mut();
        let script = scripts.get_mut(&relay).and_then(VecDeque::pop_front);
        let script = script.ok_or_else(|| ConnectionError::Failed("refused".to_owned()))?;
        let received = Rc::default();
        self.received
            .borrow_mut()
            .push((relay, Rc::clone(&received)));
        Ok(FakeConnection {
            script: script.into(),
            received,
            clock: Rc::clone(&self.clock),
            hangs_at_quit: self.hangs_at_quit,
        })
    }

    async fn within<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        let deadline = self.clock.now.get() + limit;
        let mut future = pin!(future);
        poll_fn(|context| {
            loop {
                self.clock.next.set(None);
                if let Poll::Ready(output) = future.as_mut().poll(context) {
                    return Poll::Ready(Some(output));
                }
                let next = self.clock.next.get().filter(|next| *next <= deadline);
                self.clock.now.set(next.unwrap_or(deadline));
                if next.is_none() {
                    return Poll::Ready(None);
                }
            }
        })
        .await
    }

    fn now(&self) -> Instant {
        self.clock.begun + self.clock.now.get()
    }

    fn wall_clock(&self) -> SystemTime {
        UNIX_EPOCH + self.clock.now.get()
    }
}
