//! The two issuers that a service under development or test trusts.

use std::path::Path;

use serde_json::json;

use crate::{Issuer, IssuerError};

/// An issuer of each kind of credential. They share neither name nor key.
pub struct Issuers {
    /// Signs tokens for `Authorization: Bearer`.
    pub bearer: Issuer,
    /// Signs tokens for `PlatformAccessToken`.
    pub platform: Issuer,
}

impl Issuers {
    /// The name of the bearer tokens' issuer.
    pub const BEARER: &str = "https://issuer.test";
    /// The name of the platform tokens' issuer: an organisation's short name, and
    /// so the creator of what is done with them.
    pub const PLATFORM: &str = "ttd";

    /// What a host reads the bearer tokens' issuers from.
    pub const BEARER_VARIABLE: &str = "SPIN_VARIABLE_BEARER_ISSUERS";
    /// What a host reads the platform tokens' issuers from.
    pub const PLATFORM_VARIABLE: &str = "SPIN_VARIABLE_PLATFORM_ISSUERS";

    const BEARER_FILE: &str = "bearer.json";
    const PLATFORM_FILE: &str = "platform.json";

    /// Both, with new keys.
    pub fn generate() -> Result<Self, IssuerError> {
        Ok(Self {
            bearer: Issuer::generate(Self::BEARER)?,
            platform: Issuer::generate(Self::PLATFORM)?,
        })
    }

    /// Keeps both in a folder, which is made where it is not there.
    pub fn save(&self, folder: &Path) -> Result<(), IssuerError> {
        self.bearer.save(&folder.join(Self::BEARER_FILE))?;
        self.platform.save(&folder.join(Self::PLATFORM_FILE))
    }

    /// Reads what [`Issuers::save`] kept.
    pub fn load(folder: &Path) -> Result<Self, IssuerError> {
        Ok(Self {
            bearer: Issuer::load(&folder.join(Self::BEARER_FILE))?,
            platform: Issuer::load(&folder.join(Self::PLATFORM_FILE))?,
        })
    }

    /// Reads what a folder keeps; what is not there yet is made and kept.
    pub fn load_or_generate(folder: &Path) -> Result<Self, IssuerError> {
        let kept = |file, name| {
            let path = folder.join(file);
            if path.exists() {
                return Issuer::load(&path);
            }
            let issuer = Issuer::generate(name)?;
            issuer.save(&path)?;
            Ok(issuer)
        };
        Ok(Self {
            bearer: kept(Self::BEARER_FILE, Self::BEARER)?,
            platform: kept(Self::PLATFORM_FILE, Self::PLATFORM)?,
        })
    }

    /// The value of the variable `bearer_issuers`.
    #[must_use]
    pub fn bearer_variable(&self) -> String {
        json!([self.bearer.configuration()]).to_string()
    }

    /// The value of the variable `platform_issuers`.
    #[must_use]
    pub fn platform_variable(&self) -> String {
        json!([self.platform.configuration()]).to_string()
    }

    /// Both variables as a host reads them from its environment.
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
    fn what_is_kept_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let made = Issuers::load_or_generate(folder.path()).unwrap();
        let read = Issuers::load_or_generate(folder.path()).unwrap();
        assert_eq!(made.environment(), read.environment());
        let read = Issuers::load(folder.path()).unwrap();
        for algorithm in Algorithm::ALL {
            let key = made.platform.key(algorithm);
            assert_eq!(key.id(), read.platform.key(algorithm).id());
        }
    }

    #[cfg(unix)]
    #[test]
    fn private_keys_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Issuers::generate().unwrap().save(folder.path()).unwrap();
        for entry in folder.path().read_dir().unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_configured_holds_no_private_member() {
        let issuers = Issuers::generate().unwrap();
        for (_, value) in issuers.environment() {
            for member in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\""] {
                assert!(!value.contains(member), "{member}");
            }
        }
    }
}
