//! `POST /order/email`

use utoipa::openapi::{
    HttpMethod, ObjectBuilder, Required, Type, link::LinkBuilder, path::OperationBuilder,
    request_body::RequestBodyBuilder, response::Response,
};

use super::Route;
use crate::{
    http::{
        openapi::{
            operation::{Describe as _, answer, answer_header, content, header, query, text},
            operation_name,
            refusal::Refusal,
            samples,
        },
        path::Family,
        view::{Accepted, LookupView},
    },
    order::OrderRequest,
};

pub(in crate::http::openapi) const PLACE: Route = Route {
    method: HttpMethod::Post,
    path: "/order/email",
    name: "placeOrder",
    describe: |family| {
        OperationBuilder::new()
            .about(
                "Place an order",
                "Checks the order, stores it durably, and only then accepts it. Where something \
                 is wrong, everything that is wrong is said at once.",
            )
            .parameter(
                query(
                    "dryRun",
                    Required::False,
                    "With `true`, everything is checked and nothing is stored: the answer is 200, \
                     or the refusal that the order would get.",
                )
                .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean))),
            )
            .parameter(
                header(
                    "Idempotency-Key",
                    "What you call this request, so that it can be repeated safely \
                     (draft-ietf-httpapi-idempotency-key-header): a quoted string or a bare token \
                     of 1 to 255 visible ASCII characters. The same request again gets the same \
                     answer; another request with the same key is refused with 422.",
                )
                // Without an example: a page that fills it in would repeat the key of whoever
                // tried it last.
                .schema(Some(text().pattern(Some(KEY)))),
            )
            .request_body(Some(
                RequestBodyBuilder::new()
                    .description(Some("The order."))
                    .required(Some(Required::True))
                    .content(
                        "application/json",
                        content::<OrderRequest>(&[
                            ("Short", samples::short_request()),
                            ("Everything", samples::whole_request()),
                        ])
                        .build(),
                    )
                    .build(),
            ))
            .response("202", accepted(family))
            .response(
                "200",
                answer::<LookupView>(
                    "The order is in order, and nothing was stored: it was a dry run.",
                    &[
                        ("Nobody is looked up", serde_json::json!({})),
                        ("Somebody is looked up", samples::checked()),
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

/// A string of RFC 9651, section 3.3.3, or a bare token; parameters may follow.
const KEY: &str = concat!(
    r#"^(?:"(?:[!#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--:<-~]{1,255})"#,
    r#"(?:; *[a-z*][a-z0-9_.*\-]*(?:=(?:[!#-+\--:<-~]+|%?"(?:[ !#-\[\]-~]|\\["\\])*"))?)*$"#,
);

fn accepted(family: Family) -> Response {
    let description = "The order is accepted: it is stored durably.";
    let examples = [("Somebody is looked up", samples::accepted())];
    let mut response = answer::<Accepted>(description, &examples);
    response.headers.insert(
        "Location".to_owned(),
        answer_header("Where the order is.", samples::location(family)).into(),
    );
    response.headers.insert(
        "Idempotent-Replayed".to_owned(),
        answer_header(
            "There, and `true`, if an earlier request with this key has placed the order.",
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
