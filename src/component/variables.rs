//! The host's variables.

use send_wrapper::SendWrapper;
use spin_sdk::variables;

use crate::config::{ConfigError, Variables};

pub(super) async fn read() -> Result<Variables, ConfigError> {
    Ok(Variables {
        bearer_issuers: get("bearer_issuers").await?,
        platform_issuers: get("platform_issuers").await?,
        required_scopes: get("required_scopes").await?,
        public_base_url: get("public_base_url").await?,
        default_from_address: get("default_from_address").await?,
        max_body_bytes: get("max_body_bytes").await?,
    })
}

/// The variable `trigger_key` alone.
pub(super) async fn trigger_key() -> Result<String, ConfigError> {
    get("trigger_key").await
}

/// The variable `documentation`, which a manifest need not have; None if it is empty too.
pub(super) async fn documentation() -> Option<String> {
    let url = get("documentation").await.ok()?;
    (!url.is_empty()).then_some(url)
}

async fn get(name: &'static str) -> Result<String, ConfigError> {
    // A component has one thread, so that the future never leaves it.
    SendWrapper::new(variables::get(name))
        .await
        .map_err(|error| ConfigError::new(name, error))
}
