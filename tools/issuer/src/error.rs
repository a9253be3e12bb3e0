//! What can go wrong with keys.

use std::{io, path::PathBuf};

/// Why keys could not be made, kept, read or used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// A key could not be generated, read or used.
    #[error("{algorithm} key: {reason}")]
    Key {
        /// Of which kind.
        algorithm: crate::Algorithm,
        /// What the cryptographic library says.
        reason: String,
    },
    /// A file of keys could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of keys holds something else.
    #[error("{} is not a file of keys: {reason}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
