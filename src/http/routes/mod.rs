//! The routes, one file each.

mod cancel;
pub(super) mod delivery_report;
mod documentation;
mod health;
mod notifications;
pub(super) mod order;
mod order_email;
mod owned;
mod redeliver;
mod status;
mod trigger;

use axum::{
    Router,
    body::Body,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, on},
};
use futures_util::future::BoxFuture;
use http::{StatusCode, header::ALLOW};

use super::{
    app::{App, Host},
    context::RequestContext,
    endpoint::{Endpoint, Run},
    error::ApiError,
    failure::Failure,
};

/// A path with its one method, beside HEAD and OPTIONS.
pub(super) struct Resource<H: Host> {
    /// The path, of this project's own flavor, as the router spells it.
    pub(super) path: &'static str,
    /// All methods, as in `Allow`.
    pub(super) allowed: &'static str,
    method: MethodFilter,
    run: Run<H>,
}

/// Returns all routes. The tests of the OpenAPI document read this list too.
pub(super) fn all<H: Host>() -> [Resource<H>; 12] {
    [
        get("/order", |context, _| Box::pin(order::list(context))),
        post("/order/email", |context, body| {
            Box::pin(order_email::place(context, body))
        }),
        get("/order/{id}", |context, _| Box::pin(order::show(context))),
        get("/order/{id}/status", |context, _| {
            Box::pin(status::show(context))
        }),
        get("/order/{id}/notifications/email", |context, _| {
            Box::pin(notifications::show(context))
        }),
        put("/order/{id}/cancel", |context, _| {
            Box::pin(cancel::cancel(context))
        }),
        post("/order/{id}/redeliver", |context, _| {
            Box::pin(redeliver::redeliver(context))
        }),
        post("/trigger/pastdueorders", |context, _| {
            Box::pin(trigger::run(context))
        }),
        post(delivery_report::PATH, |context, body| {
            Box::pin(delivery_report::accept(context, body))
        }),
        get("/health", |context, _| Box::pin(health::show(context))),
        get("/openapi.json", |context, _| {
            Box::pin(documentation::show(context))
        }),
        get("/docs", |context, _| Box::pin(documentation::show(context))),
    ]
}

fn get<H: Host>(path: &'static str, run: Run<H>) -> Resource<H> {
    Resource {
        path,
        allowed: "GET, HEAD, OPTIONS",
        method: MethodFilter::GET,
        run,
    }
}

fn post<H: Host>(path: &'static str, run: Run<H>) -> Resource<H> {
    Resource {
        path,
        allowed: "POST, OPTIONS",
        method: MethodFilter::POST,
        run,
    }
}

fn put<H: Host>(path: &'static str, run: Run<H>) -> Resource<H> {
    Resource {
        path,
        allowed: "PUT, OPTIONS",
        method: MethodFilter::PUT,
        run,
    }
}

/// Returns the router of all routes.
pub(super) fn router<H: Host>() -> Router<App<H>> {
    let fallback = Endpoint {
        route: "",
        allowed: "",
        run: |_, _| Box::pin(async { Err(ApiError::UnknownPath.into()) }),
    };
    let mut router = Router::new().fallback(fallback);
    for resource in all() {
        let endpoint = |run| Endpoint {
            route: resource.path,
            allowed: resource.allowed,
            run,
        };
        let methods = on(resource.method, endpoint(resource.run))
            .options(endpoint(options))
            .fallback(endpoint(method_not_allowed));
        router = router.route(resource.path, methods);
    }
    router
}

/// Answers OPTIONS.
fn options<H: Host>(
    context: &RequestContext<H>,
    _: Body,
) -> BoxFuture<'_, Result<Response, Failure>> {
    let endpoint = context.endpoint;
    let mut response = (StatusCode::NO_CONTENT, [(ALLOW, endpoint.allowed)]).into_response();
    if endpoint.route == delivery_report::PATH {
        delivery_report::consent(context, response.headers_mut());
    }
    Box::pin(async move { Ok(response) })
}

/// Answers the methods that a path does not have.
fn method_not_allowed<H: Host>(
    context: &RequestContext<H>,
    _: Body,
) -> BoxFuture<'_, Result<Response, Failure>> {
    let allowed = context.endpoint.allowed;
    Box::pin(async move { Err(ApiError::MethodNotAllowed { allowed }.into()) })
}
