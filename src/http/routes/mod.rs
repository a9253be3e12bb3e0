//! The routes, one file each.

mod health;
mod order;
mod order_email;

use axum::{
    Router,
    response::IntoResponse,
    routing::{MethodRouter, get, post},
};
use http::{StatusCode, header::ALLOW};

use super::{
    app::{App, Host},
    error::ApiError,
};

/// All routes, in this project's own family of paths.
pub(super) fn router<H: Host>() -> Router<App<H>> {
    Router::new()
        .route(
            "/order/email",
            resource("POST, OPTIONS", post(order_email::place)),
        )
        .route(
            "/order/{id}",
            resource("GET, HEAD, OPTIONS", get(order::show)),
        )
        .route("/health", resource("GET, HEAD, OPTIONS", get(health::show)))
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
