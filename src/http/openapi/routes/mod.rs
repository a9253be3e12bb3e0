//! The description of each route, one file each.

mod cancel;
mod delivery_report;
mod documentation;
pub(super) mod health;
mod notifications;
mod order;
pub(super) mod order_email;
mod redeliver;
mod status;
mod trigger;

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use crate::http::path::ApiFlavor as Family;

/// One operation, in every family that has its path.
pub(super) struct Route {
    pub(super) method: HttpMethod,
    /// The path in this project's own family.
    pub(super) path: &'static str,
    /// The operation id in this project's own family.
    pub(super) name: &'static str,
    pub(super) describe: fn(Family) -> OperationBuilder,
}

/// All operations, in reading order.
pub(super) const ROUTES: [Route; 12] = [
    order_email::PLACE,
    order::SHOW,
    status::SHOW,
    notifications::SHOW,
    cancel::CANCEL,
    redeliver::REDELIVER,
    order::LIST,
    trigger::RUN,
    delivery_report::TAKE,
    health::SHOW,
    documentation::DOCUMENT,
    documentation::PAGE,
];
