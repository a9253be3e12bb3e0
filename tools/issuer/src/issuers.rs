//! The two issuers that a service under development or test trusts.

use std::path::Path;

use serde_json::json;

use crate::{Issuer, IssuerError};

/// An issuer of each kind of credential. They have different names and keys.
pub struct Issuers {
    /// Signs tokens for `Authorization: Bearer`.
    pub bearer: Issuer,
    /// Signs tokens for `PlatformAccessToken`.
    pub platform: Issuer,
}

impl Issuers {
    /// The name of the bearer tokens' issuer.
    pub const BEARER: &str = "https://issuer.test";
    /// The name of the platform tokens' issuer: the short name of the organisation that is the creator
    /// of its orders.
    pub const PLATFORM: &str = "ttd";

    /// The environment variable of the bearer tokens' issuers.
    pub const BEARER_VARIABLE: &str = "SPIN_VARIABLE_BEARER_ISSUERS";
    /// The environment variable of the platform tokens' issuers.
    pub const PLATFORM_VARIABLE: &str = "SPIN_VARIABLE_PLATFORM_ISSUERS";

    const BEARER_FILE: &str = "bearer.json";
    const PLATFORM_FILE: &str = "platform.json";

    /// Creates both with new keys.
    pub fn generate() -> Result<Self, IssuerError> {
        Ok(Self {
            bearer: Issuer::generate(Self::BEARER)?,
            platform: Issuer::generate(Self::PLATFORM)?,
        })
    }

    /// Writes both to a folder, which is created if it is missing.
    pub fn save(&self, folder: &Path) -> Result<(), IssuerError> {
        self.bearer.save(&folder.join(Self::BEARER_FILE))?;
        self.platform.save(&folder.join(Self::PLATFORM_FILE))
    }

    /// Reads a folder that [`Issuers::save`] wrote.
    pub fn load(folder: &Path) -> Result<Self, IssuerError> {
        Ok(Self {
            bearer: Issuer::load(&folder.join(Self::BEARER_FILE))?,
            platform: Issuer::load(&folder.join(Self::PLATFORM_FILE))?,
        })
    }

    /// Reads both from a folder. An issuer that is missing is created and written.
    pub fn load_or_generate(folder: &Path) -> Result<Self, IssuerError> {
        let load_or_generate = |file, name| {
            let path = folder.join(file);
            if path.exists() {
                return Issuer::load(&path);
            }
            let issuer = Issuer::generate(name)?;
            issuer.save(&path)?;
            Ok(issuer)
        };
        Ok(Self {
            bearer: load_or_generate(Self::BEARER_FILE, Self::BEARER)?,
            platform: load_or_generate(Self::PLATFORM_FILE, Self::PLATFORM)?,
        })
    }

    /// Returns the value of the variable `bearer_issuers`.
    #[must_use]
    pub fn bearer_variable(&self) -> String {
        json!([self.bearer.configuration()]).to_string()
    }

    /// Returns the value of the variable `platform_issuers`.
    #[must_use]
    pub fn platform_variable(&self) -> String {
        json!([self.platform.configuration()]).to_string()
    }

    /// Returns both environment variables.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            (Self::BEARER_VARIABLE, self.bearer_variable()),
            (Self::PLATFORM_VARIABLE, self.platform_variable()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Algorithm;

    #[test]
    fn load_or_generate_reads_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let created = Issuers::load_or_generate(folder.path()).unwrap();
        let read = Issuers::load_or_generate(folder.path()).unwrap();
        assert_eq!(created.environment(), read.environment());
        let read = Issuers::load(folder.path()).unwrap();
        for algorithm in Algorithm::ALL {
            let key = created.platform.key(algorithm);
            assert_eq!(key.id(), read.platform.key(algorithm).id());
        }
    }

    #[cfg(unix)]
    #[test]
    fn save_writes_files_that_only_the_owner_can_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Issuers::generate().unwrap().save(folder.path()).unwrap();
        for entry in folder.path().read_dir().unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn environment_contains_no_private_key() {
        let issuers = Issuers::generate().unwrap();
        for (_, value) in issuers.environment() {
            for member in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\""] {
                assert!(!value.contains(member), "{member}");
            }
        }
    }
}
