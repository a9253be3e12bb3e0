//! Signature algorithms (RFC 7518, section 3; RFC 8037).

/// A supported signature algorithm. All are asymmetric: `none` and HMAC are not supported.
///
/// The list has the algorithms that known issuers use. Each further hash or curve would make the
/// component larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

use Algorithm::{EdDsa, Es256, Ps256, Rs256};

/// The algorithms of an RSA key, the usual one first.
pub(super) const RSA: &[Algorithm] = &[Rs256, Ps256];
/// The algorithms of a key on the curve P-256.
pub(super) const P256: &[Algorithm] = &[Es256];
/// The algorithms of an Ed25519 key.
pub(super) const ED25519: &[Algorithm] = &[EdDsa];

impl Algorithm {
    const ALL: [Self; 4] = [Rs256, Ps256, Es256, EdDsa];

    /// Parses an `alg`, which is case-sensitive. `Ed25519` is the newer name of `EdDSA` (RFC 9864).
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(EdDsa);
        }
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Rs256 => "RS256",
            Ps256 => "PS256",
            Es256 => "ES256",
            EdDsa => "EdDSA",
        }
    }
}
