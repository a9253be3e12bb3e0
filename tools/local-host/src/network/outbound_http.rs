//! Sends the outbound HTTP requests of components.
//!
//! A request is sent if the component's `allowed_outbound_hosts` list its URL, else it fails with
//! `http-request-denied`. A URL without a host, or with the host `self.alt`, means the application
//! itself. The host `<component>.spin.internal` means another of its components (service chaining),
//! which is called without a connection, whatever networks are blocked. All components share a pool
//! of connections.

use std::{
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::{
    Request, Response, Uri,
    header::HOST,
    uri::{Authority, Scheme},
};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{self, Client},
    rt::TokioExecutor,
};
use url::Url;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    allowed_hosts::CHAINING_SUFFIX,
    connector::{CONNECT_TIMEOUT, ConnectError, Connector, TlsRootsError},
    policy::Policy,
    resolver::Resolver,
    timed_body::TimedBody,
};
use crate::{
    calls::Call,
    faults::{Injected, Probe},
};

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// The connections of one server.
#[derive(Clone)]
pub(crate) struct HttpClients {
    client: Client<Connector, WasiBody>,
    /// The address of the application itself, once it is served.
    itself: Arc<OnceLock<SocketAddr>>,
    /// Calls a component of the application, once it is served.
    chain: Arc<OnceLock<Chain>>,
}

/// Calls the component of this name.
type Chain = Box<dyn Fn(String, Request<WasiBody>) -> Chained + Send + Sync>;

type Chained = Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send>>;

impl HttpClients {
    pub(crate) fn new(tls_roots: &[PathBuf], resolver: Resolver) -> Result<Self, TlsRootsError> {
        let connector = Connector::new(tls_roots, resolver)?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            itself: Arc::default(),
            chain: Arc::default(),
        })
    }

    pub(crate) fn chained_by(&self, chain: Chain) {
        // An application is served once.
        _ = self.chain.set(chain);
    }

    pub(crate) fn served_at(&self, address: SocketAddr) {
        // A server is bound once.
        _ = self.itself.set(address);
    }
}

/// Sends the requests of one instance.
pub(crate) struct OutboundHttp {
    pub(crate) clients: HttpClients,
    pub(crate) policy: Policy,
    pub(crate) component: Arc<str>,
    pub(crate) probe: Arc<Probe>,
}

type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for OutboundHttp {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        // The guest's result of reading the response has no effect here.
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let clients = self.clients.clone();
        let policy = self.policy.clone();
        let component = Arc::clone(&self.component);
        let probe = Arc::clone(&self.probe);
        Box::new(async move {
            let url = request.uri().to_string();
            let send = async {
                let request = clients.address(request, &policy)?;
                match chaining_target(request.uri()) {
                    Some(component) => clients.call(component, request).await,
                    None => clients.send(request, options.unwrap_or_default()).await,
                }
            };
            let response = probe
                .observe(Call::OutboundHttp, &component, &[&url], send)
                .await
                .map_err(|Failure(error)| error)?;
            let written: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, written))
        })
    }
}

/// The error of a request or of an injected fault.
struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Injected> for Failure {
    fn from(injected: Injected) -> Self {
        Self(Error::InternalError(Some(injected.to_string())))
    }
}

impl HttpClients {
    /// Checks the destination of a request, and completes its URL.
    fn address(
        &self,
        mut request: Request<WasiBody>,
        policy: &Policy,
    ) -> Result<Request<WasiBody>, Error> {
        let host = request.uri().host().unwrap_or_default();
        if host.is_empty() || host == "self.alt" {
            if !policy.allows_itself() {
                return Err(Error::HttpRequestDenied);
            }
            *request.uri_mut() = self.uri_of_itself(request.uri())?;
        } else {
            let url = Url::parse(&request.uri().to_string());
            if !url.is_ok_and(|url| policy.allows(&url)) {
                return Err(Error::HttpRequestDenied);
            }
        }
        // The client sets it from the URL.
        request.headers_mut().remove(HOST);
        Ok(request)
    }

    fn uri_of_itself(&self, uri: &Uri) -> Result<Uri, Error> {
        let address = self.itself.get().ok_or(Error::HttpRequestUriInvalid)?;
        let mut parts = uri.clone().into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Authority::try_from(address.to_string()).ok();
        Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)
    }

    /// Calls a component of the application.
    async fn call(
        &self,
        component: String,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        let chain = self.chain.get().ok_or(Error::DestinationNotFound)?;
        Ok(chain(component, request).await?)
    }

    async fn send(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Failure> {
        let or_default = |timeout: Option<Duration>| timeout.unwrap_or(DEFAULT_TIMEOUT);
        let response = CONNECT_TIMEOUT.scope(
            or_default(options.connect_timeout),
            self.client.request(request),
        );
        let response = tokio::time::timeout(or_default(options.first_byte_timeout), response)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?
            .map_err(|error| request_error(&error))?;
        let pause = or_default(options.between_bytes_timeout);
        Ok(response.map(|body| TimedBody::new(body.map_err(Error::from), pause).boxed_unsync()))
    }
}

/// Returns the component that a URL means by the rules of Spin 4.1.
fn chaining_target(uri: &Uri) -> Option<String> {
    let component = uri.host()?.strip_suffix(CHAINING_SUFFIX)?;
    (!component.contains('.')).then(|| component.to_owned())
}

fn request_error(error: &legacy::Error) -> Error {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<ConnectError>() {
            return error.into();
        }
        source = cause.source();
    }
    tracing::warn!("outbound HTTP request: {error:?}");
    Error::HttpProtocolError
}
