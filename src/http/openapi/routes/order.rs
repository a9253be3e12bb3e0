//! `GET /order/{id}` and `GET /order?sendersReference=`

use utoipa::openapi::{HttpMethod, ObjectBuilder, Required, Type, path::OperationBuilder};

use super::Route;
use crate::{
    http::{
        openapi::{
            operation::{Describe as _, answer, etag, query, text},
            refusal::Refusal,
            samples,
        },
        routes::order::MAX_LIMIT,
        view::{OrderList, OrderView},
    },
    store::Selection,
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/order/{id}",
    name: "getOrder",
    describe: |family| {
        let examples = [("The order", samples::order(family))];
        let mut found = answer::<OrderView<'_>>("The order as it was registered.", &examples);
        found.headers.insert("ETag".to_owned(), etag().into());
        OperationBuilder::new()
            .about(
                "Get an order",
                "Returns the order as it was registered. It never changes: addresses that were \
                 looked up do not appear in it.",
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
                "Returns your orders with exactly this `sendersReference`, in pages. If all fit on \
                 one page and neither `limit` nor `after` is given, the oldest comes first. \
                 Otherwise orders are sorted by id, so that orders placed meanwhile hide none of \
                 the others. A page of large orders may have fewer than `limit`.",
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
            .parameter(
                query(
                    "limit",
                    Required::False,
                    "The maximum number of orders on the page.",
                )
                .schema(Some(limit())),
            )
            .parameter(
                query(
                    "after",
                    Required::False,
                    "The start of the page: the value in the `next` of the page before it, with the \
                     same `sendersReference`.",
                )
                .schema(Some(text().pattern(Some("^[0-9a-f]{40}$")))),
            )
            .response(
                "200",
                answer::<OrderList<'_>>(
                    "The orders on this page. `next` leads to more.",
                    &[
                        ("One order", samples::list(family)),
                        ("One of several pages", samples::page(family)),
                        ("None", samples::empty_list(family)),
                    ],
                ),
            )
            .authorized()
            .refused(&[Refusal::InvalidQuery])
    },
};

fn limit() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(MAX_LIMIT))
        .default(Some(Selection::DEFAULT_LIMIT.into()))
}
