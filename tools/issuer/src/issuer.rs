//! One issuer: its name, and a key of each algorithm.

use std::{fs, io::Write as _, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{Algorithm, Claims, IssuerError, SigningKey};

/// Who signs tokens.
pub struct Issuer {
    name: String,
    rs256: SigningKey,
    es256: SigningKey,
    eddsa: SigningKey,
}

/// An issuer as it is kept: a set of private JWKs with a name.
#[derive(Serialize, Deserialize)]
struct Kept {
    issuer: String,
    keys: Vec<Value>,
}

impl Issuer {
    /// An issuer with new keys.
    pub fn generate(name: &str) -> Result<Self, IssuerError> {
        Ok(Self {
            name: name.to_owned(),
            rs256: SigningKey::generate(Algorithm::Rs256)?,
            es256: SigningKey::generate(Algorithm::Es256)?,
            eddsa: SigningKey::generate(Algorithm::EdDsa)?,
        })
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key of that algorithm.
    #[must_use]
    pub fn key(&self, algorithm: Algorithm) -> &SigningKey {
        match algorithm {
            Algorithm::Rs256 => &self.rs256,
            Algorithm::Es256 => &self.es256,
            Algorithm::EdDsa => &self.eddsa,
        }
    }

    /// Claims of this issuer, issued now and good for an hour.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims::of(&self.name)
    }

    /// Its public keys as a JWK set (RFC 7517 section 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": Algorithm::ALL.map(|algorithm| self.key(algorithm).public_jwk()) })
    }

    /// Its element in the variable `bearer_issuers` or `platform_issuers`.
    #[must_use]
    pub fn configuration(&self) -> Value {
        json!({ "issuer": self.name, "jwks": self.jwks() })
    }

    /// The same with one key only, and that as PEM.
    pub fn pem_configuration(&self, algorithm: Algorithm) -> Result<Value, IssuerError> {
        Ok(json!({ "issuer": self.name, "pem": self.key(algorithm).public_pem()? }))
    }

    /// Writes name and private keys to a file that only its owner can read. The
    /// file is whole or not there.
    pub fn save(&self, path: &Path) -> Result<(), IssuerError> {
        let kept = Kept {
            issuer: self.name.clone(),
            keys: Algorithm::ALL
                .map(|algorithm| self.key(algorithm).private_jwk())
                .to_vec(),
        };
        let write = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            // A temporary file has mode 0600.
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec_pretty(&kept)?)?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| IssuerError::File {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads what [`Issuer::save`] wrote.
    pub fn load(path: &Path) -> Result<Self, IssuerError> {
        let bytes = fs::read(path).map_err(|source| IssuerError::File {
            path: path.to_owned(),
            source,
        })?;
        let other = |reason: String| IssuerError::Content {
            path: path.to_owned(),
            reason,
        };
        let kept: Kept =
            serde_json::from_slice(&bytes).map_err(|error| other(error.to_string()))?;
        let key = |algorithm| {
            let jwk = kept
                .keys
                .iter()
                .find(|jwk| Algorithm::of_jwk(jwk) == Some(algorithm))
                .ok_or_else(|| other(format!("no {algorithm} key")))?;
            SigningKey::from_private_jwk(algorithm, jwk)
        };
        Ok(Self {
            rs256: key(Algorithm::Rs256)?,
            es256: key(Algorithm::Es256)?,
            eddsa: key(Algorithm::EdDsa)?,
            name: kept.issuer,
        })
    }
}
