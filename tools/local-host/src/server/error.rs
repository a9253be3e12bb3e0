//! Why a server cannot be started.

use std::{io, net::SocketAddr, path::PathBuf};

use super::{app::AppError, routes::InvalidRoute};
use crate::{
    key_value::OpenError,
    manifest::{ComponentId, ManifestError},
    runtime::LoadError,
    variables::VariableError,
};

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The manifest cannot be run.
    #[error("{}: {source}", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: Box<ManifestError>,
    },
    /// A required variable has no value.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] OpenError),
    /// A component cannot be loaded.
    #[error("component `{component}`: {source}")]
    Component {
        /// The component.
        component: ComponentId,
        /// Why.
        source: LoadError,
    },
    /// A route cannot be read.
    #[error(transparent)]
    Route(#[from] InvalidRoute),
    /// The address is in use.
    #[error("{0} is already in use")]
    AddressInUse(SocketAddr),
    /// Nothing can listen on the address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// What is counted would be served to others.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The machine does not give what running components takes.
    #[error("cannot set up the runtime: {0:#}")]
    Runtime(wasmtime::Error),
}

impl From<AppError> for StartError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Component(component, source) => Self::Component { component, source },
            AppError::Route(error) => Self::Route(error),
        }
    }
}
