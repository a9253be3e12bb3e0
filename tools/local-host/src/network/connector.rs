//! Connections for outbound HTTP: TCP, and TLS over it for `https`.

use std::{
    io,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use http::{Uri, uri::Scheme};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use wasmtime_wasi_http::Error;

use super::resolver::Resolver;

tokio::task_local! {
    /// How long the connection for the request at hand may take.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// Which certificates TLS trusts: the system's, and maybe more.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsRoots {
    /// PEM files of further certificates.
    pub(crate) files: Vec<PathBuf>,
}

impl TlsRoots {
    fn client_config(&self) -> Result<ClientConfig, ConnectError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for file in &self.files {
            let certificates = CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| ConnectError::tls(&error))?;
            roots.add_parsable_certificates(certificates);
        }
        Ok(
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| ConnectError::tls(&error))?
                .with_root_certificates(roots)
                .with_no_client_auth(),
        )
    }
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the URL names no host")]
    Uri,
    #[error("the host is not known")]
    Dns,
    #[error("the host is in a network that is blocked")]
    Blocked,
    #[error("the connection was refused")]
    Refused,
    #[error("the connection took too long")]
    Timeout,
    #[error("TLS failed")]
    Tls,
}

impl ConnectError {
    fn tls(error: &dyn std::error::Error) -> Self {
        tracing::warn!("outbound TLS: {error}");
        Self::Tls
    }
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

/// Makes connections for the HTTP client.
#[derive(Clone)]
pub(super) struct Connector {
    tls: Arc<Tls>,
    resolver: Arc<Resolver>,
}

struct Tls {
    roots: TlsRoots,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Connector {
    pub(super) fn new(roots: TlsRoots, resolver: Resolver) -> Self {
        let config = OnceLock::new();
        Self {
            tls: Arc::new(Tls { roots, config }),
            resolver: Arc::new(resolver),
        }
    }

    async fn connect(self, uri: Uri) -> Result<Stream, ConnectError> {
        let host = uri.host().ok_or(ConnectError::Uri)?;
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let tls = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let addresses = self.resolver.resolve(name, port).await?;
        let tcp = TcpStream::connect(&*addresses)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AddrNotAvailable => ConnectError::Dns,
                _ => ConnectError::Refused,
            })?;
        if !tls {
            return Ok(Stream(Box::new(tcp)));
        }
        let name = ServerName::try_from(name.to_owned()).map_err(|_| ConnectError::Dns)?;
        TlsConnector::from(self.tls.config()?)
            .connect(name, tcp)
            .await
            .map(|stream| Stream(Box::new(stream)))
            .map_err(|error| ConnectError::tls(&error))
    }
}

impl Tls {
    /// Reading the system's certificates takes its time: only when needed.
    fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.roots.client_config()?);
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let timeout = CONNECT_TIMEOUT.try_get().unwrap_or(Duration::MAX);
        let connect = tokio::time::timeout(timeout, self.clone().connect(uri));
        Box::pin(async move {
            let stream = connect.await.map_err(|_| ConnectError::Timeout)??;
            Ok(TokioIo::new(stream))
        })
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection, with or without TLS.
pub(super) struct Stream(Box<dyn Duplex>);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
