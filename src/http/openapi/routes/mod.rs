//! The routes as the document describes them, one file each.

mod cancel;
mod delivery_report;
mod documentation;
mod health;
mod notifications;
mod order;
mod order_email;
mod status;
mod trigger;

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use crate::http::path::Family;

/// One operation, as it is in each family of paths that it belongs to.
pub(super) struct Route {
    pub(super) method: HttpMethod,
    /// In this project's own family.
    pub(super) path: &'static str,
    /// The name of the operation, without that of a family.
    pub(super) name: &'static str,
    pub(super) describe: fn(Family) -> OperationBuilder,
}

/// All operations, in the order in which a person reads them.
pub(super) const ROUTES: [Route; 11] = [
    order_email::PLACE,
    order::SHOW,
    status::SHOW,
    notifications::SHOW,
    cancel::CANCEL,
    order::LIST,
    trigger::RUN,
    delivery_report::TAKE,
    health::SHOW,
    documentation::DOCUMENT,
    documentation::PAGE,
];
