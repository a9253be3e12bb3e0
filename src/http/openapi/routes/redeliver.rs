//! `POST /order/{id}/redeliver`

use utoipa::openapi::{HttpMethod, path::OperationBuilder, security::SecurityRequirement};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer},
        refusal::Refusal,
        samples, security,
    },
    view::StatusView,
};

pub(in crate::http::openapi) const REDELIVER: Route = Route {
    method: HttpMethod::Post,
    path: "/order/{id}/redeliver",
    name: "redeliverOrder",
    describe: |family| {
        OperationBuilder::new()
            .about(
                "Send failed notifications again",
                "Sends the notifications of a `Completed` order that have failed once more, with the \
                 same ids, if they have an address. What providers have reported of them is \
                 forgotten. The owner of the order may do so, and the holder of the trigger key for \
                 orders of every owner.",
            )
            .response(
                "200",
                answer::<StatusView<'_>>(
                    "The notifications are being sent, or there are none that have failed.",
                    &[("Completed", samples::completed(family))],
                ),
            )
            .of_an_order()
            .security(SecurityRequirement::new(security::TRIGGER, [""; 0]))
            .refused(&[Refusal::NotCompleted])
    },
};
