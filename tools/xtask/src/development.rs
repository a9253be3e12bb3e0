//! Creates the development keys under `target/dev-keys/`. No deployment may trust them.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;
use test_issuer::{Algorithm, Issuers};

use crate::project;

/// One of the scopes that the component requires by default.
pub(crate) const SCOPE: &str = "altinn:serviceowner/notifications.create";
/// The service owner in bearer tokens.
pub(crate) const ORG: &str = "ttd";

/// The environment variable of the trigger key.
pub(crate) const TRIGGER_KEY: &str = "SPIN_VARIABLE_TRIGGER_KEY";

/// The environment variable that decides whether `/dev/mail` shows the sandbox's emails.
pub(crate) const DEV_MAIL: &str = "SPIN_VARIABLE_DEV_MAIL";

/// Returns the folder of the keys.
pub(crate) fn folder() -> PathBuf {
    project::target().join("dev-keys")
}

/// Returns both issuers, and creates them the first time.
pub(crate) fn issuers() -> Result<Issuers> {
    let folder = folder();
    Issuers::load_or_generate(&folder).with_context(|| {
        let folder = folder.display();
        format!("the development keys in {folder} (remove that folder for new ones)")
    })
}

/// Returns whether the environment configures issuers.
pub(crate) fn issuers_are_configured() -> bool {
    [Issuers::BEARER_VARIABLE, Issuers::PLATFORM_VARIABLE]
        .into_iter()
        .any(|name| env::var_os(name).is_some())
}

/// Returns the environment variables of a host in development: both issuers, and a trigger key
/// unless the environment has one.
pub(crate) fn environment(issuers: &Issuers) -> Result<Vec<(&'static str, String)>> {
    let mut variables = issuers.environment().to_vec();
    if env::var_os(TRIGGER_KEY).is_none() {
        variables.push((TRIGGER_KEY, own_trigger_key()?));
    }
    Ok(variables)
}

/// Returns the trigger key of a host in development.
pub(crate) fn trigger_key() -> Result<String> {
    env::var(TRIGGER_KEY).or_else(|_| own_trigger_key())
}

/// Returns a random secret, which is created the first time: the id of a key made for it.
fn own_trigger_key() -> Result<String> {
    let path = folder().join("trigger-key");
    match fs::read_to_string(&path) {
        Ok(key) => return Ok(key),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    }
    let key = test_issuer::SigningKey::generate(Algorithm::EdDsa)?;
    write_private(&path, key.id()).with_context(|| format!("writing {}", path.display()))?;
    Ok(key.id().to_owned())
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    // Temporary files have mode 0600.
    let mut file = NamedTempFile::new_in(folder())?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
