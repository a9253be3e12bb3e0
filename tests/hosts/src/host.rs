//! A real host.

use std::{
    collections::BTreeMap,
    fs,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture};
use http::Response;
use local_host::{CallCounts, Options, RequestFuel, Server};
use rustix::process::Signal;
use tempfile::TempDir;
use test_support::{Call, Connect, PATIENCE, Running, Setup, left_out};
use tokio::time::timeout;

use crate::{
    HttpConnection, Launch, Program, elsewhere::leave_out_elsewhere, folder::Folder,
    process::Process,
};

/// A host that a test starts. Dropping it ends it at once.
///
/// It derefs to the handle that cases use.
#[derive(Debug)]
pub struct Host {
    started: Arc<Started>,
    handle: test_support::Host,
}

/// A host that was started.
pub(crate) struct Started {
    authority: String,
    /// None once it has ended.
    kind: Mutex<Option<Kind>>,
    logs: TempDir,
    state: Option<Arc<Folder>>,
    // The files of the host itself.
    _own: TempDir,
}

enum Kind {
    /// The local host in this process.
    Here(Server),
    Process(Process),
}

impl Host {
    /// Starts the chosen program, and waits until it serves.
    pub async fn start(launch: &Launch) -> Self {
        leave_out_elsewhere();
        match Program::chosen() {
            Program::LocalHost => Started::local(launch, |_| {}).await.into(),
            Program::Spin => Started::process(launch).await.into(),
        }
    }

    /// Starts the shipped application with these variables besides the trusted issuers.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::start(&Launch::of(&test_support::setup(variables))).await
    }

    /// Starts a local host in this process, with options that no other host has. Where the hosts
    /// are others, the test is left out for the reason `why`.
    pub async fn local(why: &str, launch: &Launch, adjust: impl FnOnce(&mut Options)) -> Self {
        leave_out_elsewhere();
        if Program::chosen() != Program::LocalHost {
            left_out(why);
        }
        Started::local(launch, adjust).await.into()
    }

    /// Starts the chosen program as a process, which can be killed.
    pub async fn process(launch: &Launch) -> Self {
        leave_out_elsewhere();
        Started::process(launch).await.into()
    }

    /// Returns its host and port.
    pub fn authority(&self) -> &str {
        self.started.authority()
    }

    /// Sends a request on a new connection, and returns the whole response unchecked.
    pub async fn exchange(&self, call: Call) -> Response<Bytes> {
        let mut connection = HttpConnection::open(self.authority()).await;
        let response = timeout(PATIENCE, connection.send(&call)).await;
        let response = response.expect("an answer in time");
        response.unwrap_or_else(|error| panic!("{} was not answered: {error}", call.name()))
    }

    /// Returns the calls of components to the local host since the last reset.
    pub fn calls(&self) -> CallCounts {
        self.started.with_server(Server::calls)
    }

    /// Returns the fuel of each request to the local host since the last reset. The fuel of a request
    /// is known when its instance takes the next one.
    pub fn fuel(&self) -> Vec<RequestFuel> {
        self.started.with_server(Server::fuel)
    }

    /// Returns the most linear memory that one instance of the local host has had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.started.with_server(Server::peak_memory)
    }

    /// Counts calls and fuel from zero.
    pub fn reset_counts(&self) {
        self.started.with_server(Server::reset_stats);
    }

    /// Stops it, and lets the requests in progress end.
    pub async fn stop(self) {
        self.started.stop().await;
    }

    /// Asks its process to end, and waits until it has; returns whether its status is a success.
    pub async fn terminate(self) -> bool {
        self.started.signal(Signal::TERM);
        self.ended().await
    }

    /// Kills its process.
    pub fn kill(&self) {
        self.started.signal(Signal::KILL);
    }

    /// Ends it at once, whatever it does.
    pub async fn abandon(self) {
        let kind = self.started.kind().take();
        if let Some(Kind::Here(server)) = kind {
            server.kill().await;
        }
    }

    /// Waits until its process has ended; returns whether its status is a success.
    pub async fn ended(self) -> bool {
        let kind = self.started.kind().take();
        match kind {
            Some(Kind::Process(mut process)) => process.ended().await.success(),
            _ => panic!("a host of this process does not end by itself"),
        }
    }
}

impl Deref for Host {
    type Target = test_support::Host;

    fn deref(&self) -> &Self::Target {
        &self.handle
    }
}

impl From<Started> for Host {
    fn from(started: Started) -> Self {
        let started = Arc::new(started);
        let running: Arc<dyn Running> = started.clone();
        Self {
            started,
            handle: running.into(),
        }
    }
}

impl Started {
    /// Starts the chosen program with this setup.
    pub(crate) async fn of(setup: &Setup) -> Self {
        let launch = Launch::of(setup);
        match Program::chosen() {
            Program::LocalHost => {
                Self::local(&launch, |options| crate::launch::adjust(setup, options)).await
            }
            Program::Spin => Self::process(&launch).await,
        }
    }

    async fn local(launch: &Launch, adjust: impl FnOnce(&mut Options)) -> Self {
        let [logs, own] = folders();
        let mut options = launch.options(logs.path());
        adjust(&mut options);
        let server = local_host::start(options)
            .await
            .unwrap_or_else(|error| panic!("no local host: {error}"));
        Self {
            authority: server.addr().to_string(),
            kind: Mutex::new(Some(Kind::Here(server))),
            logs,
            state: launch.state.clone(),
            _own: own,
        }
    }

    async fn process(launch: &Launch) -> Self {
        let [logs, own] = folders();
        let program = Program::chosen();
        let (process, authority) = Process::start(program, launch, own.path(), logs.path()).await;
        Self {
            authority,
            kind: Mutex::new(Some(Kind::Process(process))),
            logs,
            state: launch.state.clone(),
            _own: own,
        }
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    fn kind(&self) -> MutexGuard<'_, Option<Kind>> {
        self.kind.lock().expect("the host")
    }

    fn with_server<T>(&self, read: impl FnOnce(&Server) -> T) -> T {
        match &*self.kind() {
            Some(Kind::Here(server)) => read(server),
            _ => panic!("not a local host in this process"),
        }
    }

    fn signal(&self, signal: Signal) {
        match &*self.kind() {
            Some(Kind::Process(process)) => process.signal(signal),
            _ => panic!("a host of this process gets no signals"),
        }
    }
}

impl Running for Started {
    fn connect(&self) -> BoxFuture<'_, Box<dyn Connect>> {
        async {
            let connection = HttpConnection::open(&self.authority).await;
            Box::new(connection) as Box<dyn Connect>
        }
        .boxed()
    }

    fn log(&self) -> String {
        let files = fs::read_dir(self.logs.path()).expect("the folder of logs");
        files
            .map(|file| fs::read_to_string(file.expect("a log").path()).expect("a log"))
            .collect()
    }

    fn deliveries(&self) -> BTreeMap<String, usize> {
        let state = self.state.as_ref();
        state
            .expect("a host with its state in a folder")
            .deliveries()
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        async {
            let kind = self.kind().take();
            match kind {
                Some(Kind::Here(server)) => server.shutdown().await,
                Some(Kind::Process(mut process)) => {
                    process.signal(Signal::TERM);
                    process.ended().await;
                }
                None => {}
            }
        }
        .boxed()
    }
}

impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a host at {}", self.authority)
    }
}

fn folders() -> [TempDir; 2] {
    [(); 2].map(|()| tempfile::tempdir().expect("a folder"))
}
