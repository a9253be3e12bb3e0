//! The error of an attempt.

use crate::store::StoreError;

/// The store failed during an attempt. A later attempt continues.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{step}: {error}")]
pub struct AttemptError {
    step: &'static str,
    error: StoreError,
}

/// Names the step that a result belongs to.
pub(in crate::delivery) trait During<T> {
    /// Adds the step to an error. Steps read as `storing a page`.
    fn during(self, step: &'static str) -> Result<T, AttemptError>;
}

impl<T> During<T> for Result<T, StoreError> {
    fn during(self, step: &'static str) -> Result<T, AttemptError> {
        self.map_err(|error| AttemptError { step, error })
    }
}

impl From<StoreError> for AttemptError {
    /// Takes an error of opening the store.
    fn from(error: StoreError) -> Self {
        Self {
            step: "opening the store",
            error,
        }
    }
}
