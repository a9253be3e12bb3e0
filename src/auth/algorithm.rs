//! Signature algorithms (RFC 7518, section 3; RFC 8037).

/// An asymmetric signature algorithm that a token may use; there is no `none`, and no HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};

/// What an RSA key can do.
pub(super) const RSA: &[Algorithm] = &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512];
/// What a key on the curve P-256 can do.
pub(super) const P256: &[Algorithm] = &[Es256];
/// What a key on the curve P-384 can do.
pub(super) const P384: &[Algorithm] = &[Es384];
/// What an Ed25519 key can do.
pub(super) const ED25519: &[Algorithm] = &[EdDsa];

impl Algorithm {
    const ALL: [Self; 9] = [
        Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, EdDsa,
    ];

    /// Reads an `alg`, which is case-sensitive. `Ed25519` is `EdDSA` by its newer name (RFC 9864).
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(EdDsa);
        }
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Rs256 => "RS256",
            Rs384 => "RS384",
            Rs512 => "RS512",
            Ps256 => "PS256",
            Ps384 => "PS384",
            Ps512 => "PS512",
            Es256 => "ES256",
            Es384 => "ES384",
            EdDsa => "EdDSA",
        }
    }
}
