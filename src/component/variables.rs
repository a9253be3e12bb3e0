//! The host's variables.

use send_wrapper::SendWrapper;
use spin_sdk::variables;

use crate::config::VariableError;

/// Reads a variable.
pub(super) async fn get(variable: &'static str) -> Result<String, VariableError> {
    // A component has one thread, so that the future never leaves it.
    SendWrapper::new(variables::get(variable))
        .await
        .map_err(|error| VariableError {
            variable,
            reason: error.to_string(),
        })
}

/// Reads the variable `documentation`, which a manifest need not have. Returns `None` if it is empty.
pub(super) async fn documentation() -> Option<String> {
    let url = get("documentation").await.ok()?;
    (!url.is_empty()).then_some(url)
}
