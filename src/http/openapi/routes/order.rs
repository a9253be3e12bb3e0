//! `GET /order/{id}` and `GET /order?sendersReference=`

use utoipa::openapi::{HttpMethod, Required, path::OperationBuilder};

use super::Route;
use crate::http::{
    openapi::{
        operation::{Describe as _, answer, etag, query, text},
        refusal::Refusal,
        samples,
    },
    view::{OrderList, OrderView},
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/order/{id}",
    name: "getOrder",
    describe: |family| {
        let examples = [("The order", samples::order(family))];
        let mut found = answer::<OrderView<'_>>("The order, as it was registered.", &examples);
        found.headers.insert("ETag".to_owned(), etag().into());
        OperationBuilder::new()
            .about(
                "Read an order",
                "The order as it was registered; nothing of it ever changes. Addresses that were \
                 looked up are not written into it.",
            )
            .response("200", found)
            .of_an_order()
            .cached()
    },
};

pub(in crate::http::openapi) const LIST: Route = Route {
    method: HttpMethod::Get,
    path: "/order",
    name: "findOrders",
    describe: |family| {
        OperationBuilder::new()
            .about(
                "Find orders by reference",
                "Your orders that were placed with exactly this `sendersReference`.",
            )
            .parameter(
                query(
                    "sendersReference",
                    Required::True,
                    "The `sendersReference` of the orders.",
                )
                .schema(Some(text().min_length(Some(1))))
                .example(Some(samples::REFERENCE.into())),
            )
            .response(
                "200",
                answer::<OrderList<'_>>(
                    "The orders; their `count` is 0 if there are none.",
                    &[
                        ("One order", samples::list(family)),
                        ("None", samples::empty_list(family)),
                    ],
                ),
            )
            .authorized()
            .refused(&[Refusal::InvalidQuery])
    },
};
