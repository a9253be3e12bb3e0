//! Routes requests to components, and answers those that the host answers itself.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody, handler::ProxyHandler};

use super::{
    headers::{self, InvalidHostHeader},
    routes::{InvalidRoute, Match, Routes, WELL_KNOWN},
};
use crate::{
    manifest::{ComponentId, Manifest, Route},
    runtime::{Component, Instances, LoadError, MAX_INSTANCES, Reuse, Shared, Shutdown},
};

/// The client address of a request that another component sends, as on Spin.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// An application that is ready to serve.
pub(super) struct App {
    info: Bytes,
    routes: Routes,
    handlers: BTreeMap<ComponentId, ProxyHandler<Instances>>,
    /// Limits requests to the number of instances; the handlers accept any number.
    permits: Semaphore,
    shutdown: Shutdown,
}

/// Why an application cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum AppError {
    #[error("component `{0}`: {1}")]
    Component(ComponentId, LoadError),
    #[error(transparent)]
    Route(#[from] InvalidRoute),
}

impl App {
    pub(super) fn load(
        manifest: &Manifest,
        shared: &Shared,
        reuse: Reuse,
    ) -> Result<Self, AppError> {
        let handlers = manifest
            .components
            .iter()
            .map(|(id, written)| {
                let component = Component::load(id, written, shared)
                    .map_err(|error| AppError::Component(id.clone(), error))?;
                let instances = Instances::new(Arc::new(component), reuse, shared.shutdown.clone());
                Ok((id.clone(), ProxyHandler::new(instances)))
            })
            .collect::<Result<_, AppError>>()?;
        Ok(Self {
            info: info(manifest),
            routes: Routes::new(&manifest.routes)?,
            handlers,
            permits: Semaphore::new(MAX_INSTANCES as usize),
            shutdown: shared.shutdown.clone(),
        })
    }

    pub(super) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Answers a request. An error closes the connection.
    pub(super) async fn handle(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Response<WasiBody>, InvalidHostHeader> {
        headers::strip(&mut request);
        let path = request.uri().path().to_owned();
        if let Some(name) = path.strip_prefix(WELL_KNOWN) {
            return Ok(self.well_known(name));
        }
        let Some(route) = self.routes.find(&path) else {
            return Ok(empty(StatusCode::NOT_FOUND));
        };
        headers::address(&mut request)?;
        let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let response = self.run(request, &route, client).await;
        Ok(response.unwrap_or_else(|error| {
            if self.shutdown.has_begun() {
                tracing::debug!("{path}: cut off by the shutdown: {error}");
            } else {
                tracing::error!("{path}: {error:?}");
            }
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }))
    }

    /// Calls a component for another one, as if all paths were routed to it.
    ///
    /// On Spin 4.1 a call of a component that does not exist traps the caller. With wasmtime 48 an
    /// embedder cannot make an outbound request trap, so here it is an error.
    pub(super) async fn call(
        &self,
        component: String,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Error> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!("service chaining: {error}");
            Error::InternalError(Some(error.to_string()))
        };
        let route = Route {
            pattern: "/...".to_owned(),
            component: ComponentId::try_from(component).map_err(|error| failed(&error))?,
        };
        let routes = Routes::new(&[route]).map_err(|error| failed(&error))?;
        let path = request.uri().path().to_owned();
        let route = routes.find(&path).ok_or(Error::DestinationNotFound)?;
        self.run(request, &route, CHAINED_CLIENT)
            .await
            .map_err(|error| failed(&error))
    }

    async fn run(
        &self,
        mut request: Request<WasiBody>,
        route: &Match<'_>,
        client: SocketAddr,
    ) -> wasmtime::Result<Response<WasiBody>> {
        headers::describe(&mut request, route, client)?;
        let handler = self
            .handlers
            .get(route.component())
            .ok_or_else(|| wasmtime::format_err!("no component `{}`", route.component()))?;
        handler.handle((), request).await
    }

    fn well_known(&self, name: &str) -> Response<WasiBody> {
        match name {
            "health" => Response::new(full(Bytes::from_static(b"OK"))),
            "info" => {
                let mut response = Response::new(full(self.info.clone()));
                let json = http::HeaderValue::from_static("application/json");
                response.headers_mut().insert(CONTENT_TYPE, json);
                response
            }
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

fn info(manifest: &Manifest) -> Bytes {
    let info = serde_json::json!({ "name": manifest.name, "version": manifest.version });
    format!("{info:#}").into()
}

pub(super) fn full(bytes: Bytes) -> WasiBody {
    Full::new(bytes).map_err(Error::from).boxed_unsync()
}

pub(super) fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(Error::from).boxed_unsync());
    *response.status_mut() = status;
    response
}
