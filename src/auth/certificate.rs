//! The public key in a PEM text.

use der::{Decode, Reader, SliceReader, asn1::AnyRef, pem};

/// Why a PEM text gives no public key.
#[derive(Debug, thiserror::Error)]
pub(super) enum PemError {
    #[error("is not PEM")]
    NotPem,
    #[error("is neither a PUBLIC KEY nor a CERTIFICATE")]
    OtherLabel,
    #[error("is not an X.509 certificate")]
    NotACertificate,
}

/// The DER of the `SubjectPublicKeyInfo` (RFC 5280, section 4.1) in a PEM text: a public key's
/// own, or the one that a certificate is about.
pub(super) fn public_key_info(text: &str) -> Result<Vec<u8>, PemError> {
    let (label, der) = pem::decode_vec(text.trim().as_bytes()).map_err(|_| PemError::NotPem)?;
    match label {
        "PUBLIC KEY" => Ok(der),
        "CERTIFICATE" => of_certificate(&der).map_err(|_| PemError::NotACertificate),
        _ => Err(PemError::OtherLabel),
    }
}

/// Walks to the key: `Certificate` → `tbsCertificate` → the element behind the subject.
fn of_certificate(der: &[u8]) -> der::Result<Vec<u8>> {
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
            while !tbs.is_finished() {
                AnyRef::decode(tbs)?;
            }
            Ok(key)
        })?;
        while !certificate.is_finished() {
            AnyRef::decode(certificate)?;
        }
        Ok(key)
    })
}
