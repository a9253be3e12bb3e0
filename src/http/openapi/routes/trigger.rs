//! `POST /trigger/pastdueorders`

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer},
        samples,
    },
    view::RunView,
};

pub(in crate::http::openapi) const RUN: Route = Route {
    method: HttpMethod::Post,
    path: "/trigger/pastdueorders",
    name: "processPastDueOrders",
    describe: |_| {
        OperationBuilder::new()
            .about(
                "Send the orders that are due",
                "Sends the notifications of orders whose send time has come, up to 200 orders per \
                 call. Call it every minute, and again at once while `more` is true. Overlapping \
                 calls are safe.",
            )
            .response(
                "200",
                answer::<RunView>("The result of this run.", &[("Two orders", samples::run())]),
            )
            .by_trigger()
    },
};
