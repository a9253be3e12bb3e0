//! The errors of starting a server.

use std::{io, net::SocketAddr, path::PathBuf};

use super::{app::AppError, routes::InvalidRoute};
use crate::{
    key_value::OpenError,
    manifest::{ComponentId, ManifestError},
    network::TlsRootsError,
    runtime::LoadError,
    variables::VariableError,
};

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The manifest is invalid, or asks for something that this host does not offer.
    #[error("{}: {source}", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// The reason.
        source: Box<ManifestError>,
    },
    /// A required variable has no value.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] OpenError),
    /// The certificates for outbound HTTPS cannot be read.
    #[error(transparent)]
    TlsRoots(#[from] TlsRootsError),
    /// A component cannot be loaded.
    #[error("component `{component}`: {source}")]
    Component {
        /// The component.
        component: ComponentId,
        /// The reason.
        source: LoadError,
    },
    /// A route is invalid.
    #[error(transparent)]
    Route(#[from] InvalidRoute),
    /// The address is in use.
    #[error("{0} is already in use")]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// Statistics may be served on loopback addresses only.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The machine lacks a resource that running components needs.
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
