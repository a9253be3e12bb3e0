//! The errors of issuers and keys.

use std::{io, path::PathBuf};

/// Why a key could not be generated, saved, loaded or used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// A key could not be generated, read or used.
    #[error("{algorithm} key: {reason}")]
    Key {
        /// The algorithm of the key.
        algorithm: crate::Algorithm,
        /// The message of the cryptographic library.
        reason: String,
    },
    /// A file of keys could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file does not contain keys.
    #[error("{} is not a file of keys: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}
