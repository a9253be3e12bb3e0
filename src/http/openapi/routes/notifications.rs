//! `GET /order/{id}/notifications/email`

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer},
        samples,
    },
    view::NotificationsView,
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/order/{id}/notifications/email",
    name: "getNotifications",
    describe: |_| {
        OperationBuilder::new()
            .about(
                "Get the outcome for each recipient",
                "Returns one notification for each address, and one for each recipient without an \
                 address. Before the order is due, there are none.",
            )
            .response(
                "200",
                answer::<NotificationsView<'_>>(
                    "The notifications of the order.",
                    &[
                        ("Before the send time", samples::no_notifications()),
                        ("After sending", samples::notifications()),
                    ],
                ),
            )
            .of_an_order()
    },
};
