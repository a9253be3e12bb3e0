//! The service under test.

use std::{env, path::Path, time::Duration};

use local_host::{CallCounts, Options, RequestFuel, Server};
use test_hosts::{Program, Setup, left_out};
use tokio::sync::OnceCell;

use super::tokens::trusted;

/// The application as it is shipped.
pub(crate) const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml");

/// The trigger key of hosts that have one.
pub(crate) const TRIGGER_KEY: &str = "a-key-for-tests";

/// Why a test leaves itself out where it gets no local host.
pub(crate) const COUNTS: &str = "only the local host counts calls";
pub(crate) const FAULTS: &str = "only the local host lets calls to the host fail";
pub(crate) const FUEL: &str = "only the local host counts fuel";
pub(crate) const MEMORY: &str = "only the local host knows an instance's memory";
pub(crate) const PROVIDERS: &str = "only the local host plays every key-value provider";

/// Why a test leaves itself out where `BASE_URL` names the host.
const ELSEWHERE: &str = "it needs a host of its own, and BASE_URL names one for all";

/// A host that serves the API.
pub(crate) struct Host {
    authority: String,
    /// None if it runs elsewhere.
    own: Option<test_hosts::Host>,
}

/// The host that tests share: the one at `BASE_URL`, or one of the tests' own with state in memory.
pub(crate) async fn shared() -> &'static Host {
    static SHARED: OnceCell<Host> = OnceCell::const_new();
    SHARED
        .get_or_init(async || match elsewhere() {
            Some(authority) => Host {
                authority,
                own: None,
            },
            None => test_hosts::Host::start(&setup(&[])).await.into(),
        })
        .await
}

/// What a host of the tests is started with: these variables besides the trusted issuers.
pub(crate) fn setup(variables: &[(&str, &str)]) -> Setup {
    let setup = Setup::new(MANIFEST)
        .with([
            ("bearer_issuers", trusted().bearer_variable()),
            ("platform_issuers", trusted().platform_variable()),
        ])
        .with(variables.iter().copied());
    Setup {
        // What an instance does once shall be seen once, however busy the machine is.
        idle: Some(Duration::from_mins(1)),
        ..setup
    }
}

/// A test that needs a host of its own gets None where the tests run against a host elsewhere, and
/// is then left out. The same goes for a test that needs a local host, where the hosts are Spins.
impl Host {
    /// A host of the test's own.
    pub(crate) async fn start(setup: &Setup) -> Option<Self> {
        if is_elsewhere() {
            return None;
        }
        Some(test_hosts::Host::start(setup).await.into())
    }

    /// The same, with these variables besides the trusted issuers, and with state in memory.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Option<Self> {
        Self::start(&setup(variables)).await
    }

    /// The same, with its state in a folder.
    pub(crate) async fn durable(state: &Path) -> Option<Self> {
        Self::start(&setup(&[]).on_disk(state)).await
    }

    /// A host of the test's own in a process of its own, which can be killed, with its state in a
    /// folder and with a trigger key.
    pub(crate) async fn process(state: &Path) -> Option<Self> {
        if is_elsewhere() {
            return None;
        }
        let setup = setup(&[("trigger_key", TRIGGER_KEY)]).on_disk(state);
        Some(test_hosts::Host::process(&setup).await.into())
    }

    /// A local host, set up as no Spin can be; `why` goes with the report of a test that is left
    /// out.
    pub(crate) async fn local(
        why: &str,
        setup: Setup,
        adjust: impl FnOnce(&mut Options),
    ) -> Option<Self> {
        if is_elsewhere() {
            return None;
        }
        if Program::chosen() != Program::LocalHost {
            left_out(why);
            return None;
        }
        let host = test_hosts::Host::local(&setup, adjust).await;
        Some(host.into())
    }

    /// A local host, for its counts.
    pub(crate) async fn counting(variables: &[(&str, &str)]) -> Option<Self> {
        Self::local(COUNTS, setup(variables), |_| {}).await
    }

    /// Where it is: a host and a port.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The calls that the component made since the last reset.
    pub(crate) fn calls(&self) -> CallCounts {
        self.local_server().calls()
    }

    /// What each request has cost since the last reset, once the next one of its instance came.
    pub(crate) fn fuel(&self) -> Vec<RequestFuel> {
        self.local_server().fuel()
    }

    /// The most linear memory that one instance has had, in bytes.
    pub(crate) fn peak_memory(&self) -> usize {
        self.local_server().peak_memory()
    }

    /// Counts calls and fuel from zero.
    pub(crate) fn reset_calls(&self) {
        self.local_server().reset_stats();
    }

    /// What the component has logged so far.
    pub(crate) fn log(&self) -> String {
        self.own().log()
    }

    /// Ends it in good order.
    pub(crate) async fn stop(self) {
        if let Some(own) = self.own {
            own.stop().await;
        }
    }

    /// Asks its process to end, waits until it has, and says whether it calls that a success.
    pub(crate) async fn terminate(self) -> bool {
        self.into_own().terminate().await
    }

    /// Kills its process in the middle of what it is doing.
    pub(crate) fn kill(&self) {
        self.own().kill();
    }

    /// Waits until its process has ended.
    pub(crate) async fn ended(self) {
        self.into_own().ended().await;
    }

    /// The local host in this process, if it is one.
    pub(crate) fn server(&self) -> Option<&Server> {
        self.own.as_ref()?.server()
    }

    fn local_server(&self) -> &Server {
        self.server().expect("a local host")
    }

    fn own(&self) -> &test_hosts::Host {
        self.own.as_ref().expect("a host of the test's own")
    }

    fn into_own(self) -> test_hosts::Host {
        self.own.expect("a host of the test's own")
    }
}

impl From<test_hosts::Host> for Host {
    fn from(own: test_hosts::Host) -> Self {
        Self {
            authority: own.authority().to_owned(),
            own: Some(own),
        }
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

/// Whether hosts of one's own are out of reach; reports it.
fn is_elsewhere() -> bool {
    let elsewhere = elsewhere().is_some();
    if elsewhere {
        left_out(ELSEWHERE);
    }
    elsewhere
}
