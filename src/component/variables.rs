//! Spin variables.

use send_wrapper::SendWrapper;
use spin_sdk::variables;

use crate::config::VariableError;

/// Reads a variable.
pub(super) async fn get(variable: &'static str) -> Result<String, VariableError> {
    // The component is single-threaded, so the future never moves to another thread.
    SendWrapper::new(variables::get(variable))
        .await
        .map_err(|error| VariableError {
            variable,
            reason: error.to_string(),
        })
}

/// Reads the variable `documentation`. Returns None if it is empty, or if the manifest lacks it.
pub(super) async fn documentation() -> Option<String> {
    let url = get("documentation").await.ok()?;
    (!url.is_empty()).then_some(url)
}
