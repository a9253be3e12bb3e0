//! What is measured and what measures it, built; and the credentials that it all goes with.

use std::{ffi::OsStr, fs, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use test_issuer::{Algorithm, Issuers};

use super::load::Request;
use crate::{
    build, components,
    development::{self, ORG, SCOPE},
    programs, project,
    up::host::{Host, HostChoice},
};

/// Longer than any measurement takes.
const TOKEN_LIFETIME_SECONDS: i64 = 24 * 3600;
/// The package of the component that is measured.
const COMPONENT: &str = "email-orders";

/// Everything that is needed to measure.
pub(super) struct Fixtures {
    pub(super) host: Host,
    pub(super) native: PathBuf,
    pub(super) load: PathBuf,
    /// Where servers log, and results go.
    pub(super) folder: PathBuf,
    /// What a server is told of the issuers, by its environment.
    pub(super) environment: [(&'static str, String); 2],
    token: String,
}

impl Fixtures {
    /// Builds the components, the host and the native programs.
    pub(super) fn build(choice: HostChoice, folder: PathBuf) -> Result<Self> {
        let host = Host::choose(choice)?;
        build::run()?;
        let host = host.ready()?;
        let issuers = development::issuers()?;
        Ok(Self {
            host,
            native: native_peer()?,
            // As the local host is: what both depend on is built once.
            load: programs::build(&["--workspace"], "load")?,
            folder,
            environment: issuers.environment(),
            token: token(&issuers)?,
        })
    }

    /// A POST of an order to one recipient, with a reference that no other has, and with one and
    /// the same RS256 token.
    pub(super) fn order(&self) -> Request {
        self.order_with_reference("case {n}")
    }

    /// The same with this reference.
    pub(super) fn order_with_reference(&self, reference: &str) -> Request {
        let order = json!({
            "sendersReference": reference,
            "subject": "Your case has been decided",
            "body": "Hello. There is a decision in your case; log in to read it.",
            // What is measured ends with the 202: nothing is sent.
            "requestedSendTime": "2099-01-31T08:00:00Z",
            "recipients": [{ "emailAddress": "someone@example.no" }],
        });
        Request {
            method: "POST",
            path: "/order/email".to_owned(),
            headers: vec![
                ("Authorization", self.authorization()),
                ("Content-Type", "application/json".to_owned()),
            ],
            body: order.to_string(),
            expect: 202,
        }
    }

    /// A GET with the token.
    pub(super) fn get(&self, path: String) -> Request {
        Request {
            method: "GET",
            path,
            headers: vec![("Authorization", self.authorization())],
            body: String::new(),
            expect: 200,
        }
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// How large the component is.
pub(super) fn component_bytes() -> Result<u64> {
    let components = components::all()?;
    let component = components
        .iter()
        .find(|component| component.package == COMPONENT)
        .with_context(|| format!("there is no component {COMPONENT}"))?;
    Ok(fs::metadata(&component.file)?.len())
}

/// Builds the native server, which is a workspace of its own.
fn native_peer() -> Result<PathBuf> {
    let manifest = project::native_peer();
    let target = project::target();
    let options: [&OsStr; 5] = [
        "--release".as_ref(),
        "--manifest-path".as_ref(),
        manifest.as_ref(),
        "--target-dir".as_ref(),
        target.as_ref(),
    ];
    programs::build(&options, "native-peer")
}

fn token(issuers: &Issuers) -> Result<String> {
    let claims = issuers.bearer.claims().scope(SCOPE).org(ORG);
    let claims = claims.expires_in(TOKEN_LIFETIME_SECONDS);
    Ok(issuers.bearer.key(Algorithm::Rs256).token(&claims)?)
}
