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
                "Work off what is due",
                "Sends the notifications of orders whose send time has come, as many as one call \
                 may. To be called every minute by any timer; several calls at once do no harm.",
            )
            .response(
                "200",
                answer::<RunView>("What was done.", &[("Two orders", samples::run())]),
            )
            .by_trigger()
    },
};
