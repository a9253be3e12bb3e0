//! The handler that all routes share.
//!
//! axum compiles extractors, a future and a response conversion for each handler function. To keep
//! the component small, the routes are functions of one signature, and axum sees a single handler
//! type, [`Endpoint`]. It also logs the requests that fail.

use axum::{body::Body, extract::Request, handler::Handler, response::Response};
use futures_util::future::BoxFuture;

use super::{
    app::{App, Host},
    context::RequestContext,
    failure::Failure,
    problem::Problem,
};

/// What a route does with a request and its body.
pub(super) type Run<H> =
    for<'a> fn(&'a RequestContext<H>, Body) -> BoxFuture<'a, Result<Response, Failure>>;

/// A route with one of its methods.
pub(super) struct Endpoint<H: Host> {
    /// The path, as the router spells it; empty for paths that have no route.
    pub(super) route: &'static str,
    /// The methods of the path, as in `Allow`.
    pub(super) allowed: &'static str,
    pub(super) run: Run<H>,
}

impl<H: Host> Clone for Endpoint<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: Host> Copy for Endpoint<H> {}

impl<H: Host> Handler<(), App<H>> for Endpoint<H> {
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, app: App<H>) -> Self::Future {
        Box::pin(self.answer(request, app))
    }
}

impl<H: Host> Endpoint<H> {
    async fn answer(self, request: Request, app: App<H>) -> Response {
        let (head, body) = request.into_parts();
        let context = RequestContext::new(head, app, self).await;
        match (self.run)(&context, body).await {
            Ok(response) => response,
            Err(failure) => {
                if let Some(line) = failure.line(&context) {
                    line.write();
                }
                Problem::from(failure.error).write(context.trace)
            }
        }
    }
}
