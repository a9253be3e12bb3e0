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
                "See what became of each recipient",
                "One notification for each address, and for each recipient who has none; once the \
                 order was due, none before.",
            )
            .response(
                "200",
                answer::<NotificationsView<'_>>(
                    "The notifications of the order.",
                    &[
                        ("Before it is due", samples::no_notifications()),
                        ("After it was sent", samples::notifications()),
                    ],
                ),
            )
            .of_an_order()
    },
};
