//! The routes, one file each.

mod cancel;
pub(super) mod delivery_report;
mod documentation;
mod health;
mod notifications;
pub(super) mod order;
mod order_email;
mod owned;
mod status;
mod trigger;

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

/// The router of all routes.
pub(super) fn router<H: Host>() -> Router<App<H>> {
    all(Router::new()).fallback(async || ApiError::UnknownPath)
}

/// All routes, in this project's own family of paths. The document describes each: its tests read
/// this table too.
pub(super) fn all<H: Host, T: Table<H>>(table: T) -> T {
    const READ: &str = "GET, HEAD, OPTIONS";
    table
        .resource("/order", READ, get(order::list))
        .resource("/order/email", "POST, OPTIONS", post(order_email::place))
        .resource("/order/{id}", READ, get(order::show))
        .resource("/order/{id}/status", READ, get(status::show))
        .resource(
            "/order/{id}/notifications/email",
            READ,
            get(notifications::show),
        )
        .resource("/order/{id}/cancel", "PUT, OPTIONS", put(cancel::cancel))
        .resource(
            "/trigger/pastdueorders",
            "POST, OPTIONS",
            post(trigger::past_due_orders),
        )
        .resource(
            "/delivery-report/{sender}",
            "POST, OPTIONS",
            post(delivery_report::take),
        )
        .resource("/health", READ, get(health::show))
        .resource("/openapi.json", READ, get(documentation::show))
        .resource("/docs", READ, get(documentation::show))
}

/// What takes up the routes.
pub(super) trait Table<H: Host> {
    /// Takes up a path with its methods; `allowed` names them.
    #[must_use]
    fn resource(
        self,
        path: &'static str,
        allowed: &'static str,
        methods: MethodRouter<App<H>>,
    ) -> Self;
}

impl<H: Host> Table<H> for Router<App<H>> {
    /// Answers OPTIONS, and every other method.
    fn resource(
        self,
        path: &'static str,
        allowed: &'static str,
        methods: MethodRouter<App<H>>,
    ) -> Self {
        let options = methods.options(move || async move {
            (StatusCode::NO_CONTENT, [(ALLOW, allowed)]).into_response()
        });
        let other = async move || ApiError::MethodNotAllowed { allowed };
        self.route(path, options.fallback(other))
    }
}
