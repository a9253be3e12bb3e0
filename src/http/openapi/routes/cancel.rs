//! `PUT /order/{id}/cancel`

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer, header, text},
        refusal::Refusal,
        samples,
    },
    view::StatusView,
};

pub(in crate::http::openapi) const CANCEL: Route = Route {
    method: HttpMethod::Put,
    path: "/order/{id}/cancel",
    name: "cancelOrder",
    describe: |family| {
        OperationBuilder::new()
            .about(
                "Cancel an order",
                "Cancels an order that is still `Registered` and whose send time is more than 5 \
                 minutes ahead. Cancelling it again changes nothing.",
            )
            .parameter(
                header(
                    "If-Match",
                    "The `ETag` of the order's status. If the status has changed since, the order is \
                     not cancelled and the answer is 412.",
                )
                .schema(Some(text())),
            )
            .response(
                "200",
                answer::<StatusView<'_>>(
                    "The order is cancelled.",
                    &[("Cancelled", samples::cancelled(family))],
                ),
            )
            .of_an_order()
            .refused(&[Refusal::NotCancellable, Refusal::StatusChanged])
    },
};
