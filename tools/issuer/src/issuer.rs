//! An issuer of tokens, with a key of each algorithm.

use std::{fs, io::Write as _, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{Algorithm, Claims, IssuerError, SigningKey};

/// An issuer of tokens.
pub struct Issuer {
    name: String,
    rs256: SigningKey,
    es256: SigningKey,
    eddsa: SigningKey,
}

/// The file of an issuer: its name and its private JWKs.
#[derive(Serialize, Deserialize)]
struct IssuerFile {
    issuer: String,
    keys: Vec<Value>,
}

impl Issuer {
    /// Creates an issuer with new keys.
    pub fn generate(name: &str) -> Result<Self, IssuerError> {
        Ok(Self {
            name: name.to_owned(),
            rs256: SigningKey::generate(Algorithm::Rs256)?,
            es256: SigningKey::generate(Algorithm::Es256)?,
            eddsa: SigningKey::generate(Algorithm::EdDsa)?,
        })
    }

    /// Returns the `iss` of its tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its key of an algorithm.
    #[must_use]
    pub fn key(&self, algorithm: Algorithm) -> &SigningKey {
        match algorithm {
            Algorithm::Rs256 => &self.rs256,
            Algorithm::Es256 => &self.es256,
            Algorithm::EdDsa => &self.eddsa,
        }
    }

    /// Returns claims of this issuer, issued now and valid for an hour.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims::of(&self.name)
    }

    /// Returns its public keys as a JWK set (RFC 7517 section 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": Algorithm::ALL.map(|algorithm| self.key(algorithm).public_jwk()) })
    }

    /// Returns its entry in the variable `bearer_issuers` or `platform_issuers`.
    #[must_use]
    pub fn configuration(&self) -> Value {
        json!({ "issuer": self.name, "jwks": self.jwks() })
    }

    /// Returns an entry with only one key, as PEM.
    pub fn pem_configuration(&self, algorithm: Algorithm) -> Result<Value, IssuerError> {
        Ok(json!({ "issuer": self.name, "pem": self.key(algorithm).public_pem()? }))
    }

    /// Writes the name and the private keys to a file that only its owner can read. The file appears
    /// atomically.
    pub fn save(&self, path: &Path) -> Result<(), IssuerError> {
        let file_content = IssuerFile {
            issuer: self.name.clone(),
            keys: Algorithm::ALL
                .map(|algorithm| self.key(algorithm).private_jwk())
                .to_vec(),
        };
        let write = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            // Temporary files have mode 0600.
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec_pretty(&file_content)?)?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| IssuerError::File {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a file that [`Issuer::save`] wrote.
    pub fn load(path: &Path) -> Result<Self, IssuerError> {
        let bytes = fs::read(path).map_err(|source| IssuerError::File {
            path: path.to_owned(),
            source,
        })?;
        let invalid = |reason: String| IssuerError::Content {
            path: path.to_owned(),
            reason,
        };
        let content: IssuerFile =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        let key = |algorithm| {
            let jwk = content
                .keys
                .iter()
                .find(|jwk| Algorithm::of_jwk(jwk) == Some(algorithm))
                .ok_or_else(|| invalid(format!("no {algorithm} key")))?;
            SigningKey::from_private_jwk(algorithm, jwk)
        };
        Ok(Self {
            rs256: key(Algorithm::Rs256)?,
            es256: key(Algorithm::Es256)?,
            eddsa: key(Algorithm::EdDsa)?,
            name: content.issuer,
        })
    }
}
