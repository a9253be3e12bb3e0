//! The keys of development: made once under `target/dev-keys/`, and worth
//! nothing anywhere else.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;
use test_issuer::{Algorithm, Issuers};

use crate::project;

/// A scope that the component asks for unless it is configured otherwise.
pub(crate) const SCOPE: &str = "altinn:serviceowner/notifications.create";
/// The service owner of bearer tokens.
pub(crate) const ORG: &str = "ttd";

/// What a host reads the trigger key from.
pub(crate) const TRIGGER_KEY: &str = "SPIN_VARIABLE_TRIGGER_KEY";

/// What a host reads from whether it shows the sandbox's emails.
pub(crate) const DEV_MAIL: &str = "SPIN_VARIABLE_DEV_MAIL";

/// The folder of the keys.
pub(crate) fn folder() -> PathBuf {
    project::target().join("dev-keys")
}

/// Both issuers, made where they are not there yet.
pub(crate) fn issuers() -> Result<Issuers> {
    let folder = folder();
    Issuers::load_or_generate(&folder).with_context(|| {
        let folder = folder.display();
        format!("the development keys in {folder} (remove that folder for new ones)")
    })
}

/// Whether the environment says whose tokens are good.
pub(crate) fn issuers_are_configured() -> bool {
    [Issuers::BEARER_VARIABLE, Issuers::PLATFORM_VARIABLE]
        .into_iter()
        .any(|name| env::var_os(name).is_some())
}

/// What a host under development has in its environment: both issuers, and a
/// trigger key unless there is one.
pub(crate) fn environment(issuers: &Issuers) -> Result<Vec<(&'static str, String)>> {
    let mut variables = issuers.environment().to_vec();
    if env::var_os(TRIGGER_KEY).is_none() {
        variables.push((TRIGGER_KEY, own_trigger_key()?));
    }
    Ok(variables)
}

/// The trigger key of a host with that environment.
pub(crate) fn trigger_key() -> Result<String> {
    env::var(TRIGGER_KEY).or_else(|_| own_trigger_key())
}

/// A secret of its own: the id of a key that was made for nothing else.
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
    // A temporary file has mode 0600.
    let mut file = NamedTempFile::new_in(folder())?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
