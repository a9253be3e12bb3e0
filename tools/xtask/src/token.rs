//! `token`: prints a token that is signed with the development keys.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use test_issuer::{Algorithm, Claims, Issuers};

use crate::development::{self, ORG, SCOPE};

/// The claims of the token.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Make a platform token, for the header `PlatformAccessToken`; it has neither scope nor org, and
    /// its issuer is the creator of its orders
    #[arg(long, conflicts_with_all = ["scope", "org"])]
    platform: bool,
    /// The scopes, separated by spaces, in `urn:altinn:scope`; empty for none
    #[arg(long, default_value = SCOPE)]
    scope: String,
    /// The service owner, in `urn:altinn:org`; empty for none
    #[arg(long, default_value = ORG)]
    org: String,
    /// The issuer, in `iss`; only that of the development keys is trusted
    #[arg(long)]
    issuer: Option<String>,
    /// How long it is valid, such as 90s, 1h, 7days
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration)]
    expires_in: Duration,
    /// Make a token that expired an hour ago
    #[arg(long, conflicts_with = "expires_in")]
    expired: bool,
    /// The algorithm of the signature: rs256, es256 or eddsa
    #[arg(long, default_value_t = Algorithm::Rs256)]
    alg: Algorithm,
    /// Any other claim; a value that is not JSON is taken as a string
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = claim)]
    claims: Vec<(String, Value)>,
}

/// Prints the token and nothing else.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let issuers = development::issuers()?;
    let issuer = if arguments.platform {
        &issuers.platform
    } else {
        &issuers.bearer
    };
    let token = issuer
        .key(arguments.alg)
        .token(&arguments.claims(&issuers)?)?;
    println!("{token}");
    Ok(())
}

impl Arguments {
    fn claims(&self, issuers: &Issuers) -> Result<Claims> {
        let mut claims = if self.platform {
            issuers.platform.claims()
        } else {
            let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let mut claims = issuers.bearer.claims();
            if let Some(scope) = stated(&self.scope) {
                claims = claims.scope(&scope);
            }
            if let Some(org) = stated(&self.org) {
                claims = claims.org(&org);
            }
            claims
        };
        claims = if self.expired {
            claims.issued_in(-2 * 3600).expires_in(-3600)
        } else {
            let seconds = i64::try_from(self.expires_in.as_secs());
            claims.expires_in(seconds.context("--expires-in is too long")?)
        };
        if let Some(issuer) = &self.issuer {
            claims = claims.with("iss", issuer.as_str());
        }
        let extra = self.claims.iter().cloned();
        Ok(extra.fold(claims, |claims, (name, value)| claims.with(&name, value)))
    }
}

fn claim(text: &str) -> Result<(String, Value)> {
    let Some((name, value)) = text.split_once('=') else {
        bail!("a claim is NAME=VALUE");
    };
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((name.to_owned(), value))
}
