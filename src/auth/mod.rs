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
mod key;
mod key_set;
mod pem;
mod remote;
mod shared_tokens;
mod token;
mod verified_tokens;

pub use credentials::Credentials;
pub use grant::{AuthError, Grant, authorize};
pub use host::{FetchError, Fetched, KeyHost};
pub use issuer::{Issuers, IssuersError};
pub use key_set::NoUsableKey;
pub use remote::{KeysUnavailable, NotAKeyUrl};
pub use token::{UnverifiedToken, VerifiedToken};
