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
            ("At first", samples::status(family)),
            ("After it was cancelled", samples::cancelled(family)),
            ("After it was sent", samples::completed(family)),
        ];
        let mut found = answer::<StatusView<'_>>("How far the order has come.", &examples);
        found.headers.insert("ETag".to_owned(), etag().into());
        OperationBuilder::new()
            .about(
                "Follow an order",
                "How far the order has come, and since when. Ask again with `If-None-Match` to \
                 be answered with 304 as long as nothing has changed.",
            )
            .response("200", found)
            .of_an_order()
            .cached()
    },
};
