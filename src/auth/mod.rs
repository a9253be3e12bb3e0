//! Authentication and authorization: from the credentials of a request to the
//! [`Creator`](crate::order::Creator) of its orders.
//!
//! Either of two credentials suffices: a bearer token (RFC 6750) with one of the required scopes, or
//! a platform access token. A token is an [`UnverifiedToken`] until a key of its issuer has verified
//! it. Only a [`VerifiedToken`] has claims.

mod algorithm;
mod claims;
mod credentials;
mod error_kind;
mod grant;
mod host;
mod issuer;
mod issuer_config;
mod issuers;
mod json_error;
mod key;
mod key_owners;
mod key_set;
mod lifetime;
mod pem;
mod present;
mod rejection;
mod remote;
mod seal;
mod shared_tokens;
#[cfg(test)]
mod tests;
mod token;
mod token_cache;
mod trigger_keys;
mod webhook;

pub use credentials::{Credentials, Presented};
pub use error_kind::error_kind;
pub use grant::{AuthError, AuthErrorKind, Grant, authorize};
pub use host::{FetchError, Fetched, KeyHost};
pub use issuer_config::{IssuerError, IssuersError};
pub use issuers::{Issuers, read as read_issuers};
pub use json_error::JsonError;
pub use key_set::NoUsableKey;
pub use rejection::{Rejection, RejectionReason};
pub use remote::NotAKeyUrl;
pub use seal::Seal;
pub use token::{UnverifiedToken, VerifiedToken};
pub use trigger_keys::TriggerKeys;
pub use webhook::{WebhookSecret, WebhookSignature};
