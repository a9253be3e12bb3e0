//! `GET /order/{id}/status`

use utoipa::openapi::{HttpMethod, path::OperationBuilder};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer, etag},
        samples,
    },
    view::StatusView,
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/order/{id}/status",
    name: "getOrderStatus",
    describe: |family| {
        let examples = [
            ("Registered", samples::status(family)),
            ("Cancelled", samples::cancelled(family)),
            ("Completed", samples::completed(family)),
        ];
        let mut found = answer::<StatusView<'_>>("The status of the order.", &examples);
        found.headers.insert("ETag".to_owned(), etag().into());
        OperationBuilder::new()
            .about(
                "Get the status of an order",
                "Returns how far the order has come, and since when. With `If-None-Match`, the \
                 answer is 304 as long as nothing has changed.",
            )
            .response("200", found)
            .of_an_order()
            .cached()
    },
};
