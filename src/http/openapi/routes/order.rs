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
                "Your orders that were placed with exactly this `sendersReference`, in pages. \
                 Where all of them have room in one, and neither `limit` nor `after` is given, the \
                 oldest is first; pages of more are in the order of the ids, so that orders which \
                 come meanwhile hide none of the others. A page of large orders has fewer than it \
                 may have.",
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
                    "How many orders the page may have.",
                )
                .schema(Some(limit())),
            )
            .parameter(
                query(
                    "after",
                    Required::False,
                    "Where the page begins: as it is in the `next` of another page, of the same \
                     `sendersReference`.",
                )
                .schema(Some(text().pattern(Some("^[0-9a-f]{40}$")))),
            )
            .response(
                "200",
                answer::<OrderList<'_>>(
                    "The orders; their `count` is 0 if there are none, and `next` leads to more.",
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
