//! `POST /delivery-report/{sender}`

use serde_json::json;
use utoipa::ToSchema as _;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, ObjectBuilder, OneOfBuilder, Ref, RefOr, Required, Schema,
    example::ExampleBuilder,
    path::{OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    response::ResponseBuilder,
    schema::{AnyOfBuilder, ArrayBuilder, SchemaType},
};

use super::Route;
use crate::{
    delivery::report::DeliveryReport,
    http::{
        openapi::{
            operation::{Describe as _, text},
            refusal::Refusal,
        },
        routes::delivery_report::SENDERS,
        view::{HandshakeView, TakenView},
    },
};

pub(in crate::http::openapi) const TAKE: Route = Route {
    method: HttpMethod::Post,
    path: "/delivery-report/{sender}",
    name: "reportDeliveries",
    describe: |_| {
        let sender = ParameterBuilder::new()
            .name("sender")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(
                "The sender whose provider reports. The body's form decides how it is read.",
            ))
            .schema(Some(text().enum_values(Some(SENDERS))))
            .example(Some("acs".into()));
        OperationBuilder::new()
            .about(
                "Report the outcome of emails",
                "Accepts one report or a list, by notification id or by the provider's own id; or \
                 events of Azure Communication Services, in the schema of Azure Event Grid or of \
                 CloudEvents 1.0, including the handshakes that confirm a subscription; or an event \
                 of Resend. The sender `resend` may authenticate a request by Svix's signature \
                 (`svix-id`, `svix-timestamp`, `svix-signature`) in place of the trigger key. Items \
                 that are not understood are counted and ignored. A final status is never overwritten, \
                 except that an email that was delivered may bounce.",
            )
            .parameter(sender)
            .request_body(Some(
                RequestBodyBuilder::new()
                    .description(Some("The reports."))
                    .required(Some(Required::True))
                    .content("application/json", reports().build())
                    .content("application/cloudevents+json", cloud_events().build())
                    .content("application/cloudevents-batch+json", cloud_events().build())
                    .build(),
            ))
            .response("200", taken().build())
            .by_trigger()
            .refused(&[
                Refusal::InvalidReport,
                Refusal::UnknownSender,
                Refusal::ContentTooLarge,
                Refusal::UnsupportedReportType,
            ])
    },
};

fn reports() -> ContentBuilder {
    let report = json!({
        "notificationId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90",
        "status": "Delivered",
    });
    let event = json!([{
        "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
        "data": { "messageId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90", "status": "Bounced" },
    }]);
    let resend = json!({
        "type": "email.bounced",
        "created_at": "2030-01-31T07:00:04.000Z",
        "data": { "email_id": "56761188-7520-42d8-8898-ff6fc54ce618" },
    });
    ContentBuilder::new()
        .schema(Some(report_or_batch()))
        .examples_from_iter([
            example("A report", report),
            example("Azure Event Grid", event),
            example("Resend", resend),
        ])
}

fn cloud_events() -> ContentBuilder {
    let event = json!({
        "specversion": "1.0",
        "id": "1",
        "source": "/subscriptions/x",
        "type": "Microsoft.Communication.EmailDeliveryReportReceived",
        "data": { "messageId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90", "status": "Bounced" },
    });
    ContentBuilder::new()
        .schema(Some(report_or_batch()))
        .examples_from_iter([example("A cloud event", event)])
}

/// Returns the schema of a body. A batch may have items of any form, because those that are not
/// understood are counted as ignored.
fn report_or_batch() -> RefOr<Schema> {
    let report = || Ref::from_schema_name(DeliveryReport::name());
    let anything = ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .description(Some("Anything else is ignored."));
    let item = AnyOfBuilder::new().item(report()).item(anything);
    let either = OneOfBuilder::new()
        .item(report())
        .item(ArrayBuilder::new().items(item));
    RefOr::T(Schema::OneOf(either.build()))
}

fn taken() -> ResponseBuilder {
    let document = |name| Ref::from_schema_name(name);
    let either = OneOfBuilder::new()
        .item(document(TakenView::name()))
        .item(document(HandshakeView::name()));
    let content = ContentBuilder::new()
        .schema(Some(RefOr::T(Schema::OneOf(either.build()))))
        .examples_from_iter([
            example("Taken", json!({ "accepted": 1, "ignored": 0 })),
            example(
                "A subscription",
                json!({ "validationResponse": "512d38b6" }),
            ),
        ]);
    ResponseBuilder::new()
        .description("The reports are stored, or the subscription is confirmed.")
        .content("application/json", content.build())
}

fn example(summary: &str, value: serde_json::Value) -> (String, utoipa::openapi::example::Example) {
    let name = crate::http::openapi::operation::example_name(summary);
    let example = ExampleBuilder::new().summary(summary).value(Some(value));
    (name, example.build())
}
