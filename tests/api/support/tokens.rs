//! Credentials: good ones of both kinds, and the keys to make any others.

use std::{env, path::Path, sync::LazyLock};

use test_issuer::{Algorithm, Claims, Issuer, Issuers};

/// A scope that lets a bearer order.
pub(crate) const SCOPE: &str = "altinn:notifications.create";

/// The other scope that does.
pub(crate) const SERVICE_OWNER_SCOPE: &str = "altinn:serviceowner/notifications.create";

/// The organisation of the good bearer: not the one whose platform tokens are trusted.
pub(crate) const ORG: &str = "skd";

/// Another organisation.
pub(crate) const OTHER_ORG: &str = "nav";

/// The issuers that the service under test trusts: those of the folder `ISSUER_KEYS`, or new ones.
pub(crate) fn trusted() -> &'static Issuers {
    static TRUSTED: LazyLock<Issuers> = LazyLock::new(|| {
        match env::var_os("ISSUER_KEYS") {
            Some(folder) => Issuers::load(Path::new(&folder)),
            None => Issuers::generate(),
        }
        .expect("keys of the issuers")
    });
    &TRUSTED
}

/// Issuers of the same names as the trusted ones, with keys of their own.
pub(crate) fn impostors() -> &'static Issuers {
    static IMPOSTORS: LazyLock<Issuers> = LazyLock::new(|| Issuers {
        bearer: Issuer::generate(trusted().bearer.name()).expect("keys"),
        platform: Issuer::generate(trusted().platform.name()).expect("keys"),
    });
    &IMPOSTORS
}

/// What a good bearer of an organisation claims.
pub(crate) fn claims_of(org: &str) -> Claims {
    trusted().bearer.claims().scope(SCOPE).org(org)
}

/// A good bearer of [`ORG`], always the same: one that is new costs an instance more.
pub(crate) fn bearer() -> String {
    static BEARER: LazyLock<String> = LazyLock::new(|| bearer_of(ORG));
    BEARER.clone()
}

/// A good bearer of an organisation.
pub(crate) fn bearer_of(org: &str) -> String {
    signed_by(&trusted().bearer, &claims_of(org))
}

/// A token of the bearers' issuer.
pub(crate) fn bearer_with(claims: &Claims) -> String {
    signed_by(&trusted().bearer, claims)
}

/// A good platform token.
pub(crate) fn platform() -> String {
    platform_with(&trusted().platform.claims())
}

/// A token of the platform tokens' issuer.
pub(crate) fn platform_with(claims: &Claims) -> String {
    signed_by(&trusted().platform, claims)
}

/// A token, signed with the key that is verified quickest.
pub(crate) fn signed_by(issuer: &Issuer, claims: &Claims) -> String {
    issuer
        .key(Algorithm::EdDsa)
        .token(claims)
        .expect("a signature")
}
