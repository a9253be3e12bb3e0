//! A key pair that signs tokens.

use std::fmt::Display;

use jwt_simple::prelude::{
    ECDSAP256KeyPairLike as _, ES256KeyPair, Ed25519KeyPair, EdDSAKeyPairLike as _, RS256KeyPair,
    RSAKeyPairLike as _,
};
use p256::ecdsa::signature::Signer as _;
use serde_json::Value;
use superboring::{hash::MessageDigest, pkey::PKey, rsa::Padding, sign::Signer};

use crate::{Algorithm, Claims, Header, IssuerError, jws};

const RSA_BITS: usize = 2048;

/// A key pair of one algorithm. Its id is the thumbprint of the public key (RFC 7638).
pub struct SigningKey {
    id: String,
    pair: KeyPair,
}

enum KeyPair {
    Rs256(Box<RS256KeyPair>),
    Es256(ES256KeyPair),
    EdDsa(Ed25519KeyPair),
}

impl SigningKey {
    /// Generates a key.
    pub fn generate(algorithm: Algorithm) -> Result<Self, IssuerError> {
        let pair = match algorithm {
            Algorithm::Rs256 => RS256KeyPair::generate(RSA_BITS)
                .map(Box::new)
                .map(KeyPair::Rs256)
                .map_err(failed(algorithm))?,
            Algorithm::Es256 => KeyPair::Es256(ES256KeyPair::generate()),
            Algorithm::EdDsa => KeyPair::EdDsa(Ed25519KeyPair::generate()),
        };
        Ok(Self::of(pair))
    }

    /// Reads a private JWK.
    pub(crate) fn from_private_jwk(algorithm: Algorithm, jwk: &Value) -> Result<Self, IssuerError> {
        let jwk = jwk.to_string();
        let pair = match algorithm {
            Algorithm::Rs256 => RS256KeyPair::from_jwk(&jwk)
                .map(Box::new)
                .map(KeyPair::Rs256),
            Algorithm::Es256 => ES256KeyPair::from_jwk(&jwk).map(KeyPair::Es256),
            Algorithm::EdDsa => Ed25519KeyPair::from_jwk(&jwk).map(KeyPair::EdDsa),
        };
        pair.map(Self::of).map_err(failed(algorithm))
    }

    fn of(pair: KeyPair) -> Self {
        let (id, pair) = match pair {
            KeyPair::Rs256(pair) => {
                let id = pair.jwk_thumbprint();
                (id.clone(), KeyPair::Rs256(Box::new(pair.with_key_id(&id))))
            }
            KeyPair::Es256(pair) => {
                let id = pair.jwk_thumbprint();
                (id.clone(), KeyPair::Es256(pair.with_key_id(&id)))
            }
            KeyPair::EdDsa(pair) => {
                let id = pair.public_key().jwk_thumbprint();
                (id.clone(), KeyPair::EdDsa(pair.with_key_id(&id)))
            }
        };
        Self { id, pair }
    }

    /// Returns the algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            KeyPair::Rs256(_) => Algorithm::Rs256,
            KeyPair::Es256(_) => Algorithm::Es256,
            KeyPair::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// Returns the id: the `kid` of its tokens and of its JWK.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the public key as a JWK (RFC 7517).
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let jwk = match &self.pair {
            KeyPair::Rs256(pair) => pair.public_key().to_jwk(),
            KeyPair::Es256(pair) => pair.public_key().to_jwk(),
            KeyPair::EdDsa(pair) => pair.public_key().to_jwk(),
        };
        parsed(&jwk)
    }

    /// Returns the public key as PEM (RFC 7468).
    pub fn public_pem(&self) -> Result<String, IssuerError> {
        match &self.pair {
            KeyPair::Rs256(pair) => pair.public_key().to_pem(),
            KeyPair::Es256(pair) => pair.public_key().to_pem(),
            KeyPair::EdDsa(pair) => Ok(pair.public_key().to_pem()),
        }
        .map_err(failed(self.algorithm()))
    }

    pub(crate) fn private_jwk(&self) -> Value {
        let jwk = match &self.pair {
            KeyPair::Rs256(pair) => pair.to_jwk(),
            KeyPair::Es256(pair) => pair.to_jwk(),
            KeyPair::EdDsa(pair) => pair.to_jwk(),
        };
        parsed(&jwk)
    }

    /// Signs a valid token.
    pub fn token(&self, claims: &Claims) -> Result<String, IssuerError> {
        self.token_with(&Header::of(self), claims)
    }

    /// Signs a token with any header. The signature is always made with this key.
    pub fn token_with(&self, header: &Header, claims: &Claims) -> Result<String, IssuerError> {
        let input = header.signing_input(claims);
        let signature = self.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", jws::encode(signature)))
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, IssuerError> {
        match &self.pair {
            KeyPair::Rs256(pair) => rs256(pair, input).map_err(failed(Algorithm::Rs256)),
            KeyPair::Es256(pair) => {
                let signature: p256::ecdsa::Signature = pair.key_pair().as_ref().sign(input);
                Ok(signature.to_vec())
            }
            KeyPair::EdDsa(pair) => Ok(pair.key_pair().as_ref().sk.sign(input, None).to_vec()),
        }
    }
}

fn rs256(pair: &RS256KeyPair, input: &[u8]) -> Result<Vec<u8>, superboring::error::ErrorStack> {
    let key = PKey::from_rsa(pair.key_pair().as_ref().clone())?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    signer.set_rsa_padding(Padding::PKCS1)?;
    signer.update(input)?;
    signer.sign_to_vec()
}

fn failed<E: Display>(algorithm: Algorithm) -> impl FnOnce(E) -> IssuerError {
    move |error| IssuerError::Key {
        algorithm,
        reason: error.to_string(),
    }
}

/// Parses JSON that the library has written.
fn parsed(jwk: &str) -> Value {
    serde_json::from_str(jwk).unwrap_or_default()
}
