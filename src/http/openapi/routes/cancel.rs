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
                "Has it not sent, as long as nothing has been done for it and its send time is \
                 more than 5 minutes ahead. To cancel again what is cancelled changes nothing.",
            )
            .parameter(
                header(
                    "If-Match",
                    "The `ETag` of the order's status: if that has changed, nothing is done.",
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
