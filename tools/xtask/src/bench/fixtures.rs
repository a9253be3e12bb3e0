//! Builds the servers and the load generator, and makes the requests to measure with.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use test_issuer::{Algorithm, Issuers};

use super::load::Request;
use crate::{
    build, components,
    development::{self, ORG, SCOPE},
    programs, project,
    up::host::{HostChoice, HostProgram},
};

/// Longer than any measurement takes.
const TOKEN_LIFETIME_SECONDS: i64 = 24 * 3600;
/// The package of the component that is measured.
const COMPONENT: &str = "email-orders";

/// Everything that measuring takes.
pub(super) struct Fixtures {
    pub(super) host: HostProgram,
    /// The program of the native server.
    pub(super) native: PathBuf,
    /// The program of the load generator.
    pub(super) load: PathBuf,
    /// The folder of the servers' logs and of the results.
    pub(super) folder: PathBuf,
    /// The environment variables that configure the issuers.
    pub(super) environment: [(&'static str, String); 2],
    token: String,
}

impl Fixtures {
    /// Builds the components, the host and the native programs.
    pub(super) fn build(choice: HostChoice, folder: PathBuf) -> Result<Self> {
        let host = HostProgram::choose(choice)?;
        build::named_in(&[project::manifest(), project::floor_manifest()])?;
        let host = host.build()?;
        let issuers = development::issuers()?;
        Ok(Self {
            host,
            native: programs::build_native_peer()?,
            load: programs::build("load")?,
            folder,
            environment: issuers.environment(),
            token: token(&issuers)?,
        })
    }

    /// Returns a POST of an order to one recipient. Each order has a reference of its own; all have
    /// the same RS256 token.
    pub(super) fn order(&self) -> Request {
        self.order_with_reference("case {n}")
    }

    /// Does the same with this reference.
    pub(super) fn order_with_reference(&self, reference: &str) -> Request {
        let order = json!({
            "sendersReference": reference,
            "subject": "Your case has been decided",
            "body": "Hello. There is a decision in your case; log in to read it.",
            // So late that nothing is sent: the measurement ends with the 202.
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

    /// Returns a GET with the token.
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

/// Returns the size of the component.
pub(super) fn component_bytes() -> Result<u64> {
    let components = components::all()?;
    let component = components
        .iter()
        .find(|component| component.package == COMPONENT)
        .with_context(|| format!("there is no component {COMPONENT}"))?;
    Ok(fs::metadata(&component.file)?.len())
}

fn token(issuers: &Issuers) -> Result<String> {
    let claims = issuers.bearer.claims().scope(SCOPE).org(ORG);
    let claims = claims.expires_in(TOKEN_LIFETIME_SECONDS);
    Ok(issuers.bearer.key(Algorithm::Rs256).token(&claims)?)
}
