//! The components behind the probe, called over HTTP.

use std::{collections::BTreeMap, ops::Deref};

use http::StatusCode;
use local_host::Options;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use test_hosts::Host;
use test_support::{Call, get, post};

use crate::{
    app::{App, Serving},
    email::{Email, SendResult},
};

/// A host that serves the probe.
pub(crate) struct Probe(Serving);

/// What a call of the claims returns.
pub(crate) type Decision<T = ()> = Result<T, ClaimFailure>;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) enum ClaimFailure {
    Lost,
    Inconclusive(String),
}

impl App {
    /// Serves the probe with these components.
    pub(crate) async fn serve_probe(&self) -> Probe {
        Probe(Serving::start(&self.probe_manifest(), &BTreeMap::new()).await)
    }

    /// Serves the probe on a local host with other options; `why` says why it must be a local host.
    pub(crate) async fn serve_probe_locally(
        &self,
        why: &str,
        adjust: impl FnOnce(&mut Options),
    ) -> Probe {
        let manifest = self.probe_manifest();
        Probe(Serving::local(&manifest, &BTreeMap::new(), why, adjust).await)
    }
}

impl Probe {
    /// Sends an email through the sender.
    pub(crate) async fn send(&self, email: &Email) -> SendResult {
        self.post("/send", email).await
    }

    /// Looks identifiers up in the contacts.
    pub(crate) async fn look_up(&self, identifiers: Value) -> Result<Value, String> {
        self.post("/look-up", &identifiers).await
    }

    /// Claims a name for a contender.
    pub(crate) async fn claim(&self, name: &str, contender: &str) -> Decision {
        self.post("/claim", &(name, contender)).await
    }

    /// Takes the next number of a sequence.
    pub(crate) async fn next(&self, sequence: &str) -> Decision<u64> {
        self.post("/next", &sequence).await
    }

    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, document: &impl Serialize) -> T {
        let body = serde_json::to_vec(document).expect("JSON");
        json_of(self, post(path).body(body)).await
    }
}

impl Deref for Probe {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

/// Gets a document that the API does not describe.
pub(crate) async fn json(host: &Host, path: &str) -> Value {
    json_of(host, get(path).header("accept", "application/json")).await
}

async fn json_of<T: DeserializeOwned>(host: &Host, call: Call) -> T {
    let name = call.name();
    let response = host.exchange(call).await;
    let text = String::from_utf8_lossy(response.body());
    assert_eq!(response.status(), StatusCode::OK, "{name}: {text}");
    serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {text}"))
}
