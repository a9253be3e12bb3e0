//! The routes, one file each.

mod cancel;
mod health;
mod notifications;
mod order;
mod order_email;
mod owned;
mod status;

use axum::{
    Router,
    response::IntoResponse,
    routing::{MethodRouter, get, post, put},
};
use http::{StatusCode, header::ALLOW};

use super::{
    app::{App, Host},
    error::ApiError,
};

/// All routes, in this project's own family of paths.
pub(super) fn router<H: Host>() -> Router<App<H>> {
    const READ: &str = "GET, HEAD, OPTIONS";
    Router::new()
        .route("/order", resource(READ, get(order::list)))
        .route(
            "/order/email",
            resource("POST, OPTIONS", post(order_email::place)),
        )
        .route("/order/{id}", resource(READ, get(order::show)))
        .route("/order/{id}/status", resource(READ, get(status::show)))
        .route(
            "/order/{id}/notifications/email",
            resource(READ, get(notifications::show)),
        )
        .route(
            "/order/{id}/cancel",
            resource("PUT, OPTIONS", put(cancel::cancel)),
        )
        .route("/health", resource(READ, get(health::show)))
        .fallback(async || ApiError::UnknownPath)
}

/// Methods on one path, with the answers to OPTIONS and to every other method.
fn resource<H: Host>(allowed: &'static str, methods: MethodRouter<App<H>>) -> MethodRouter<App<H>> {
    methods
        .options(
            move || async move { (StatusCode::NO_CONTENT, [(ALLOW, allowed)]).into_response() },
        )
        .fallback(async move || ApiError::MethodNotAllowed { allowed })
}
