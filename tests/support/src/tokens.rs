//! Credentials: valid ones of both kinds, and the keys to make any others.

use std::{env, path::Path, sync::LazyLock};

use test_issuer::{Algorithm, Claims, Issuer, Issuers};

use crate::clock;

/// A scope that lets a bearer order.
pub const SCOPE: &str = "altinn:notifications.create";

/// The other scope that lets a bearer order.
pub const SERVICE_OWNER_SCOPE: &str = "altinn:serviceowner/notifications.create";

/// The organisation of [`bearer`]. It is not the one whose platform tokens are trusted.
pub const ORG: &str = "skd";

/// Another organisation.
pub const OTHER_ORG: &str = "nav";

/// Returns the issuers that the service under test trusts: those of the folder `ISSUER_KEYS`, or new
/// ones.
pub fn trusted() -> &'static Issuers {
    static TRUSTED: LazyLock<Issuers> = LazyLock::new(|| {
        match env::var_os("ISSUER_KEYS") {
            Some(folder) => Issuers::load(Path::new(&folder)),
            None => Issuers::generate(),
        }
        .expect("keys of the issuers")
    });
    &TRUSTED
}

/// Returns issuers of the same names as the trusted ones, with other keys.
pub fn impostors() -> &'static Issuers {
    static IMPOSTORS: LazyLock<Issuers> = LazyLock::new(|| Issuers {
        bearer: Issuer::generate(trusted().bearer.name()).expect("keys"),
        platform: Issuer::generate(trusted().platform.name()).expect("keys"),
    });
    &IMPOSTORS
}

/// Returns the claims of a token that an issuer signs now, valid for an hour.
pub fn claims_by(issuer: &str) -> Claims {
    Claims::at(issuer, clock::now().unix_timestamp())
}

/// Returns the claims of a bearer without scope and organisation.
pub fn bearer_claims() -> Claims {
    claims_by(trusted().bearer.name())
}

/// Returns the claims of a valid platform token.
pub fn platform_claims() -> Claims {
    claims_by(trusted().platform.name())
}

/// Returns the claims of a valid bearer of an organisation.
pub fn claims_of(org: &str) -> Claims {
    bearer_claims().scope(SCOPE).org(org)
}

/// Returns a valid bearer of [`ORG`], always the same one: an instance verifies each token once.
///
/// It is valid for a week, because some cases let days pass.
pub fn bearer() -> String {
    const WEEK: i64 = 7 * 24 * 3600;
    static BEARER: LazyLock<String> =
        LazyLock::new(|| bearer_with(&claims_of(ORG).expires_in(WEEK)));
    BEARER.clone()
}

/// Returns a valid bearer of an organisation.
pub fn bearer_of(org: &str) -> String {
    signed_by(&trusted().bearer, &claims_of(org))
}

/// Returns a token that the bearers' issuer has signed.
pub fn bearer_with(claims: &Claims) -> String {
    signed_by(&trusted().bearer, claims)
}

/// Returns a valid platform token.
pub fn platform() -> String {
    platform_with(&platform_claims())
}

/// Returns a token that the platform tokens' issuer has signed.
pub fn platform_with(claims: &Claims) -> String {
    signed_by(&trusted().platform, claims)
}

/// Returns a token, signed with the key that is verified quickest.
pub fn signed_by(issuer: &Issuer, claims: &Claims) -> String {
    issuer
        .key(Algorithm::EdDsa)
        .token(claims)
        .expect("a signature")
}
