//! Who may do what: from a request's credentials to the [`Creator`](crate::order::Creator) that
//! its orders belong to.
//!
//! Two credentials, either of which suffices: a bearer (RFC 6750) with one of the required scopes,
//! and a platform access token. A token is an [`UnverifiedToken`] until a key of its issuer has
//! verified it; only [`VerifiedToken`] has claims to read.

mod algorithm;
mod claims;
mod credentials;
mod grant;
mod host;
mod issuer;
mod issuer_config;
mod issuers;
mod key;
mod key_holders;
mod key_set;
mod lifetime;
mod pem;
mod present;
mod remote;
mod seal;
mod shared_tokens;
#[cfg(test)]
mod tests;
mod token;
mod trigger_keys;
mod verified_tokens;

pub use credentials::{Credentials, Presented};
pub use grant::{AuthError, Grant, authorize};
pub use host::{FetchError, Fetched, KeyHost};
pub use issuer::IssuerUnavailable;
pub use issuer_config::{IssuerError, IssuersError};
pub use issuers::{Issuers, read as read_issuers};
pub use key_set::NoUsableKey;
pub use remote::NotAKeyUrl;
pub use seal::Seal;
pub use token::{UnverifiedToken, VerifiedToken};
pub use trigger_keys::TriggerKeys;
