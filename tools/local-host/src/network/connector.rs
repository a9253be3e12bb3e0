//! Connects to the servers of outbound HTTP: over TCP, and for `https` with TLS.

use std::{
    io,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Duration,
};

use http::{Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};
use tokio::net::TcpStream;
use tower_service::Service;
use wasmtime_wasi_http::Error;

use super::resolver::Resolver;

tokio::task_local! {
    /// The time limit of the connection for the current request.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// The certificates that the system trusts. Reading them takes long, so it is done once.
static SYSTEM_ROOTS: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
});

/// Why the certificates that outbound HTTPS trusts cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TlsRootsError {
    /// A file is not a PEM file of certificates.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: pem::Error,
    },
    /// The TLS library refuses its configuration.
    #[error(transparent)]
    Config(#[from] rustls::Error),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the URL has no host")]
    Uri,
    #[error("the host is unknown")]
    Dns,
    #[error("the host is in a blocked network")]
    Blocked,
    #[error("the connection was refused")]
    Refused,
    #[error("the connection timed out")]
    Timeout,
    #[error("TLS failed")]
    Tls,
}

impl From<&ConnectError> for Error {
    fn from(error: &ConnectError) -> Self {
        match error {
            ConnectError::Uri => Self::HttpRequestUriInvalid,
            ConnectError::Dns => Self::DnsError {
                rcode: Some("address not available".to_owned()),
                info_code: Some(0),
            },
            ConnectError::Blocked => Self::DestinationIpProhibited,
            ConnectError::Refused => Self::ConnectionRefused,
            ConnectError::Timeout => Self::ConnectionTimeout,
            ConnectError::Tls => Self::TlsProtocolError,
        }
    }
}

/// Connects for the HTTP client, within the [`CONNECT_TIMEOUT`].
#[derive(Clone)]
pub(super) struct Connector(HttpsConnector<TcpConnector>);

impl Connector {
    /// Returns a connector that trusts the system's certificates and those in `tls_roots`.
    pub(super) fn new(tls_roots: &[PathBuf], resolver: Resolver) -> Result<Self, TlsRootsError> {
        let tcp = TcpConnector(Arc::new(resolver));
        Ok(Self((tcp, tls_config(tls_roots)?).into()))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let timeout = CONNECT_TIMEOUT.try_get().unwrap_or(Duration::MAX);
        let connect = tokio::time::timeout(timeout, self.0.call(uri));
        Box::pin(async move {
            let connected = connect.await.map_err(|_| ConnectError::Timeout)?;
            connected.map_err(|error| match error.downcast() {
                Ok(error) => *error,
                Err(error) => {
                    tracing::warn!("outbound TLS: {error}");
                    ConnectError::Tls
                }
            })
        })
    }
}

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, ConnectError>> + Send>>;

/// Connects over TCP to an address that the resolver permits.
///
/// Not hyper-util's `HttpConnector`: it asks no resolver about an IP address in a URL, so that
/// blocked networks would not be blocked.
#[derive(Clone)]
struct TcpConnector(Arc<Resolver>);

impl Service<Uri> for TcpConnector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let host = uri.host().ok_or(ConnectError::Uri)?;
            let name = host.trim_start_matches('[').trim_end_matches(']');
            let tls = uri.scheme() == Some(&Scheme::HTTPS);
            let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
            let addresses = resolver.resolve(name, port).await?;
            let stream = TcpStream::connect(&*addresses).await;
            let stream = stream.map_err(|error| match error.kind() {
                io::ErrorKind::AddrNotAvailable => ConnectError::Dns,
                _ => ConnectError::Refused,
            })?;
            Ok(TokioIo::new(stream))
        })
    }
}

fn tls_config(files: &[PathBuf]) -> Result<ClientConfig, TlsRootsError> {
    let mut roots = SYSTEM_ROOTS.clone();
    for path in files {
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| TlsRootsError::File {
                path: path.clone(),
                source,
            })?;
        roots.add_parsable_certificates(certificates);
    }
    Ok(
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}
