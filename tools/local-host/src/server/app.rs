//! Requests in, responses out: routing, and what the host answers itself.

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
    headers::{self, Unaddressed},
    routes::{InvalidRoute, Match, Routes, WELL_KNOWN},
};
use crate::{
    manifest::{ComponentId, Manifest, Route},
    runtime::{Component, Instances, LoadError, MAX_INSTANCES, Reuse, Shared},
};

/// The client of a component that is called by another, as Spin has it.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// An application, ready to serve.
pub(super) struct App {
    info: Bytes,
    routes: Routes,
    handlers: BTreeMap<ComponentId, ProxyHandler<Instances>>,
    /// The handlers take on whatever comes; instances are not that many.
    permits: Semaphore,
}

/// Why an application cannot be made ready.
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
                let instances = Instances::new(Arc::new(component), reuse);
                Ok((id.clone(), ProxyHandler::new(instances)))
            })
            .collect::<Result<_, AppError>>()?;
        Ok(Self {
            info: info(manifest),
            routes: Routes::new(&manifest.routes)?,
            handlers,
            permits: Semaphore::new(MAX_INSTANCES as usize),
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
    ) -> Result<Response<WasiBody>, Unaddressed> {
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
            tracing::error!("{path}: {error:?}");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }))
    }

    /// Calls a component for another one, as if all paths were routed to it.
    ///
    /// On Spin 4.1 a component that is not there is a trap of the one that calls it; wasmtime 48
    /// leaves an embedding no way to make it one.
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
