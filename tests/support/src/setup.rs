//! What a host is started with.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
};

use crate::{State, backend, tokens::trusted};

/// The trigger key of hosts that have one.
pub const TRIGGER_KEY: &str = "a-key-for-tests";

/// What a host is started with, in terms that all backends share.
#[derive(Clone, Default)]
#[must_use]
pub struct Setup {
    /// Values of the application's variables.
    pub variables: BTreeMap<String, String>,
    /// The store, if it is to outlive the host.
    pub state: Option<Arc<dyn State>>,
    /// How many requests an instance of the component serves, if not as many as by default.
    pub requests_per_instance: Option<usize>,
    /// Names that lead to this machine, whatever a look-up of them gives.
    pub local_names: Vec<String>,
    /// What a look-up of a name gives the component; without it the host offers none.
    pub look_ups: Option<LookUps>,
    /// Makes claims fail.
    pub claim_fault: Option<ClaimFault>,
}

/// How a host looks up names for components.
#[derive(Clone, Debug)]
pub enum LookUps {
    /// It knows these names, and fails for others.
    Known(BTreeMap<String, Vec<IpAddr>>),
    /// It never answers.
    Hanging,
}

/// An outage of the claims component while the switch is on.
#[derive(Clone, Debug)]
pub struct ClaimFault {
    /// Whether claims fail.
    pub switch: Arc<AtomicBool>,
    /// Whether a claim fails after it was decided, or before.
    pub after_effect: bool,
}

/// Returns a setup with these variables besides the trusted issuers.
pub fn setup(variables: &[(&str, &str)]) -> Setup {
    let trusted = [
        ("bearer_issuers", trusted().bearer_variable()),
        ("platform_issuers", trusted().platform_variable()),
    ];
    let trusted = trusted.map(|(name, value)| (name.to_owned(), value));
    let given = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Setup {
        variables: trusted.into_iter().chain(given).collect(),
        ..Setup::default()
    }
}

impl Setup {
    /// Uses a store that outlives the host.
    pub fn on(mut self, state: &Arc<dyn State>) -> Self {
        self.state = Some(Arc::clone(state));
        self
    }

    /// Lets an instance of the component serve this many requests.
    pub fn with_requests_per_instance(mut self, count: usize) -> Self {
        self.requests_per_instance = Some(count);
        self
    }
}

/// Returns an empty store that outlives hosts.
pub fn empty_state() -> Arc<dyn State> {
    backend::chosen().state()
}
