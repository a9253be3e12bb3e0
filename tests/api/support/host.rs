//! The service under test.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    path::Path,
    thread,
    time::Duration,
};

use local_host::{CallCounts, Options, Output, RequestFuel, Reuse, Server, Storage};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::tokens::trusted;

pub(super) const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml");

/// A host that serves the API.
pub(crate) struct Host {
    authority: String,
    /// Where it runs, unless that is elsewhere.
    local: Option<Local>,
}

struct Local {
    server: Server,
    logs: TempDir,
}

/// The host that tests share: the one at `BASE_URL`, or a local one with state in memory.
pub(crate) async fn shared() -> &'static Host {
    static SHARED: OnceCell<Host> = OnceCell::const_new();
    SHARED
        .get_or_init(async || match elsewhere() {
            Some(authority) => Host::at(authority),
            None => Host::start(&[], |_| {}).await,
        })
        .await
}

impl Host {
    /// A host of the test's own, with these variables besides the trusted issuers.
    ///
    /// None where the tests run against a host elsewhere: the test is then left out, and says so.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Option<Self> {
        if left_out() {
            return None;
        }
        Some(Self::start(variables, |_| {}).await)
    }

    /// The same, set up in another way than usual.
    pub(crate) async fn adjusted(
        variables: &[(&str, &str)],
        adjust: impl FnOnce(&mut Options),
    ) -> Option<Self> {
        if left_out() {
            return None;
        }
        Some(Self::start(variables, adjust).await)
    }

    /// A host of the test's own, whose state is kept in a folder.
    pub(crate) async fn durable(state: &Path) -> Option<Self> {
        if left_out() {
            return None;
        }
        let storage = Storage::Directory(state.to_owned());
        Some(Self::start(&[], |options| options.storage = storage).await)
    }

    /// The host at an address.
    pub(super) fn at(authority: String) -> Self {
        let local = None;
        Self { authority, local }
    }

    async fn start(variables: &[(&str, &str)], adjust: impl FnOnce(&mut Options)) -> Self {
        let mut values = BTreeMap::from([
            ("bearer_issuers".to_owned(), trusted().bearer_variable()),
            ("platform_issuers".to_owned(), trusted().platform_variable()),
        ]);
        let own = variables.iter();
        values.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let logs = tempfile::tempdir().expect("a folder for logs");
        let mut options = Options::new(MANIFEST);
        options.variables = values;
        options.output = Output {
            terminal: false,
            directory: Some(logs.path().to_owned()),
            broken: false,
        };
        // What an instance does once shall be seen once, however busy the machine is.
        options.reuse = Reuse {
            idle: Duration::from_mins(1),
            ..Reuse::default()
        };
        adjust(&mut options);
        let server = local_host::start(options)
            .await
            .unwrap_or_else(|error| panic!("no local host: {error}"));
        Self {
            authority: server.addr().to_string(),
            local: Some(Local { server, logs }),
        }
    }

    /// Where it is: a host and a port.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The calls that the component made since the last reset.
    pub(crate) fn calls(&self) -> CallCounts {
        self.local().server.calls()
    }

    /// What each request has cost since the last reset, once the next one of its instance came.
    pub(crate) fn fuel(&self) -> Vec<RequestFuel> {
        self.local().server.fuel()
    }

    /// The most linear memory that one instance has had, in bytes.
    pub(crate) fn peak_memory(&self) -> usize {
        self.local().server.peak_memory()
    }

    /// Counts calls and fuel from zero.
    pub(crate) fn reset_calls(&self) {
        self.local().server.reset_stats();
    }

    /// What the component has logged so far.
    pub(crate) fn log(&self) -> String {
        let files = fs::read_dir(self.local().logs.path()).expect("the folder of logs");
        files
            .map(|file| fs::read_to_string(file.expect("a log").path()).expect("a log"))
            .collect()
    }

    /// Ends it in good order.
    pub(crate) async fn stop(self) {
        if let Some(local) = self.local {
            local.server.shutdown().await;
        }
    }

    fn local(&self) -> &Local {
        self.local.as_ref().expect("a host of the test's own")
    }
}

/// The host and port of `BASE_URL`, if there is one.
fn elsewhere() -> Option<String> {
    let url = env::var("BASE_URL").ok()?;
    assert!(
        env::var_os("ISSUER_KEYS").is_some(),
        "BASE_URL needs ISSUER_KEYS: the folder with the keys of the issuers that are trusted there"
    );
    let authority = url
        .strip_prefix("http://")
        .map(|rest| rest.trim_end_matches('/'));
    match authority {
        Some(authority) if !authority.contains('/') => Some(authority.to_owned()),
        _ => panic!("BASE_URL is to be http://host:port, not {url}"),
    }
}

/// Whether hosts of one's own are out of reach; says so.
pub(super) fn left_out() -> bool {
    let elsewhere = elsewhere().is_some();
    if elsewhere {
        let thread = thread::current();
        let test = thread.name().unwrap_or("a test");
        // Past the harness, which shows what passing tests print to nobody.
        let _ = writeln!(
            io::stderr(),
            "{test} is left out: it needs a host of its own"
        );
    }
    elsewhere
}
