//! Reads public keys in PEM (RFC 7468) as members of a JSON Web Key.

use der::{
    Decode, Reader, SliceReader,
    asn1::{AnyRef, ObjectIdentifier, UintRef},
    pem,
};
use jwt_simple::prelude::*;
use serde_json::{Map, Value};
use spki::SubjectPublicKeyInfoRef;

/// Why a PEM text has no usable public key.
#[derive(Debug, thiserror::Error)]
pub(super) enum PemError {
    #[error("is not PEM")]
    NotPem,
    #[error("is neither a PUBLIC KEY nor a CERTIFICATE")]
    OtherLabel,
    #[error("has malformed content")]
    Malformed,
    #[error("has a key that is neither RSA, nor P-256, nor Ed25519")]
    OtherKind,
}

impl From<der::Error> for PemError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Returns the public key in a PEM text, or the one in its certificate.
pub(super) fn jwk(text: &str) -> Result<Map<String, Value>, PemError> {
    let decoded = pem::decode_vec(text.trim().as_bytes());
    let (label, der) = decoded.map_err(|_| PemError::NotPem)?;
    match label {
        "PUBLIC KEY" => of_public_key(&der),
        "CERTIFICATE" => of_public_key(&public_key_of_certificate(&der)?),
        _ => Err(PemError::OtherLabel),
    }
}

/// Returns the key of a certificate (RFC 5280, section 4.1): the element after the subject.
fn public_key_of_certificate(der: &[u8]) -> der::Result<Vec<u8>> {
    const VERSION: u8 = 0xa0; // [0], explicit
    const BETWEEN_VERSION_AND_KEY: usize = 5; // serial, signature, issuer, validity, subject
    SliceReader::new(der)?.sequence(|certificate| {
        let key = certificate.sequence(|tbs| {
            if tbs.peek_byte() == Some(VERSION) {
                AnyRef::decode(tbs)?;
            }
            for _ in 0..BETWEEN_VERSION_AND_KEY {
                AnyRef::decode(tbs)?;
            }
            let key = tbs.tlv_bytes()?.to_vec();
            skip_rest(tbs)?;
            Ok(key)
        })?;
        skip_rest(certificate)?;
        Ok(key)
    })
}

fn skip_rest<'a>(reader: &mut impl Reader<'a>) -> der::Result<()> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}

/// Converts a `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7) to a JWK (RFC 7518, section 6; RFC
/// 8037).
fn of_public_key(der: &[u8]) -> Result<Map<String, Value>, PemError> {
    let info = SubjectPublicKeyInfoRef::from_der(der)?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or(PemError::Malformed)?;
    match info.algorithm.oid {
        RSA => {
            let (modulus, exponent) = SliceReader::new(key)?
                .sequence(|key| Ok((UintRef::decode(key)?, UintRef::decode(key)?)))?;
            Ok(members(
                [("kty", "RSA")],
                [("n", modulus.as_bytes()), ("e", exponent.as_bytes())],
            ))
        }
        ELLIPTIC_CURVE => {
            if info.algorithm.parameters_oid() != Ok(P256) {
                return Err(PemError::OtherKind);
            }
            // SEC 1, section 2.3.3: an uncompressed point.
            let point = key.strip_prefix(&[4]).ok_or(PemError::Malformed)?;
            let (x, y) = point.split_at(point.len() / 2);
            Ok(members(
                [("kty", "EC"), ("crv", "P-256")],
                [("x", x), ("y", y)],
            ))
        }
        ED25519 => Ok(members([("kty", "OKP"), ("crv", "Ed25519")], [("x", key)])),
        _ => Err(PemError::OtherKind),
    }
}

fn members<const N: usize, const M: usize>(
    names: [(&str, &str); N],
    numbers: [(&str, &[u8]); M],
) -> Map<String, Value> {
    let names = names.map(|(name, text)| (name.to_owned(), text.into()));
    let numbers = numbers.map(|(name, bytes)| {
        let text = Base64UrlSafeNoPadding::encode_to_string(bytes).unwrap_or_default();
        (name.to_owned(), text.into())
    });
    names.into_iter().chain(numbers).collect()
}
