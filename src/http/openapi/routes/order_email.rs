//! `POST /order/email`

use utoipa::{
    ToSchema as _,
    openapi::{
        AllOfBuilder, HttpMethod, ObjectBuilder, Ref, Required, Schema, Type, link::LinkBuilder,
        path::OperationBuilder, request_body::RequestBodyBuilder, response::Response,
    },
};

use super::Route;
use crate::{
    http::{
        openapi::{
            operation::{
                Describe as _, answer, answer_header, answer_of, content, header, query, text,
            },
            operation_name,
            refusal::Refusal,
            samples,
        },
        path::ApiFlavor as Family,
        view::PlacedView,
    },
    order::{OrderId, OrderRequest},
};

pub(in crate::http::openapi) const PLACE: Route = Route {
    method: HttpMethod::Post,
    path: "/order/email",
    name: "placeOrder",
    describe: |family| {
        OperationBuilder::new()
            .about(
                "Place an order",
                "Validates the order, stores it durably, and only then accepts it. An invalid \
                 order is answered with all its errors at once.",
            )
            .parameter(
                query(
                    "dryRun",
                    Required::False,
                    "With `true`, everything is checked and nothing is stored. The answer is 200, or \
                     the error that the order would get.",
                )
                .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean))),
            )
            .parameter(
                header(
                    "Idempotency-Key",
                    "Your name for this request, so that you can repeat it safely \
                     (draft-ietf-httpapi-idempotency-key-header): a quoted string or a bare token \
                     of 1 to 255 visible ASCII characters. The same request again gets the same \
                     answer. Another request with the same key gets 422.",
                )
                // No example: a page that fills it in would send the same key for every caller.
                .schema(Some(text().pattern(Some(KEY)))),
            )
            .request_body(Some(
                RequestBodyBuilder::new()
                    .description(Some("The order."))
                    .required(Some(Required::True))
                    .content(
                        "application/json",
                        content(
                            &OrderRequest::name(),
                            &[
                                ("Required members", samples::short_request()),
                                ("All members", samples::whole_request()),
                            ],
                        )
                        .build(),
                    )
                    .build(),
            ))
            .response("202", accepted(family))
            .response(
                "200",
                answer::<PlacedView>(
                    "The order is valid. Nothing was stored, because this was a dry run.",
                    &[
                        ("Without a look-up", serde_json::json!({})),
                        ("With a look-up", samples::checked()),
                    ],
                ),
            )
            .authorized()
            .refused(&[
                Refusal::InvalidOrder,
                Refusal::KeyInUse,
                Refusal::ContentTooLarge,
                Refusal::UnsupportedMediaType,
                Refusal::KeyReused,
                Refusal::TooManyRequests,
            ])
    },
};

/// Matches a string of RFC 9651, section 3.3.3, or a bare token, and any parameters.
const KEY: &str = concat!(
    r#"^(?:"(?:[!#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--:<-~]{1,255})"#,
    r#"(?:; *[a-z*][a-z0-9_.*\-]*(?:=(?:[!#-+\--:<-~]+|%?"(?:[ !#-\[\]-~]|\\["\\])*"))?)*$"#,
);

/// Names the schema of the answer to an accepted order.
pub(in crate::http::openapi) const ACCEPTED: &str = "AcceptedOrder";

/// Returns that schema: a [`PlacedView`] that has the order's id.
///
/// Both successful answers have the same members, so that a typed client can read `orderId` without
/// a check of the status.
pub(in crate::http::openapi) fn accepted_order() -> Schema {
    AllOfBuilder::new()
        .description(Some("The answer to an accepted order."))
        .item(Ref::from_schema_name(PlacedView::name()))
        .item(
            ObjectBuilder::new()
                .property("orderId", Ref::from_schema_name(OrderId::name()))
                .required("orderId"),
        )
        .build()
        .into()
}

fn accepted(family: Family) -> Response {
    let description = "The order is accepted and stored durably.";
    let examples = [("With a look-up", samples::accepted())];
    let mut response = answer_of(ACCEPTED, description, &examples);
    response.headers.insert(
        "Location".to_owned(),
        answer_header("The URL of the order.", samples::location(family)).into(),
    );
    response.headers.insert(
        "Idempotent-Replayed".to_owned(),
        answer_header(
            "`true` if an earlier request with this key has placed the order; else absent.",
            "true",
        )
        .into(),
    );
    for (link, operation) in [
        ("order", "getOrder"),
        ("status", "getOrderStatus"),
        ("notifications", "getNotifications"),
        ("cancel", "cancelOrder"),
    ] {
        let link_to = LinkBuilder::new()
            .operation_id(operation_name(operation, family))
            .parameter("id", "$response.body#/orderId");
        response
            .links
            .insert(link.to_owned(), link_to.build().into());
    }
    response
}
