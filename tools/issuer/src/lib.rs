//! A token issuer for development and tests.
//!
//! [`Issuers`] configures a service: it has one issuer of bearer tokens and one of platform tokens,
//! each with a key of every [`Algorithm`]. A [`SigningKey`] signs any [`Claims`] under any [`Header`],
//! so that a test can make a token that is wrong in exactly one way. [`forge`] makes tokens with
//! invalid signatures. The feature `server` adds a server that publishes keys over HTTP, and fails in
//! every way that a test needs.
//!
//! ```
//! # fn main() -> Result<(), test_issuer::IssuerError> {
//! use test_issuer::{Algorithm, Issuers};
//!
//! let issuers = Issuers::generate()?;
//! let claims = issuers.bearer.claims().scope("altinn:notifications.create").org("ttd");
//! let token = issuers.bearer.key(Algorithm::Es256).token(&claims)?;
//! let [(name, value), _] = issuers.environment();
//! assert_eq!(name, "SPIN_VARIABLE_BEARER_ISSUERS");
//! # assert!(value.contains("jwks") && token.split('.').count() == 3);
//! # Ok(())
//! # }
//! ```
//!
//! The private keys are stored in plain files. No deployment may trust them.

mod algorithm;
mod claims;
mod error;
pub mod forge;
mod issuer;
mod issuers;
mod jws;
mod key;
#[cfg(feature = "server")]
pub mod server;
#[cfg(test)]
mod tests;

pub use self::{
    algorithm::{Algorithm, UnknownAlgorithm},
    claims::Claims,
    error::IssuerError,
    issuer::Issuer,
    issuers::Issuers,
    jws::Header,
    key::SigningKey,
};
