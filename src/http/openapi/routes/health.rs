//! `GET /health`

use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        AllOfBuilder, ContentBuilder, HttpMethod, Ref, RefOr, Required, Schema,
        path::OperationBuilder, response::ResponseBuilder, security::SecurityRequirement,
    },
};

use super::Route;
use crate::http::{
    health::HealthReport,
    openapi::{
        operation::{Describe as _, content, query, text},
        refusal::Refusal,
        samples, security,
    },
    problem::Document,
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/health",
    name: "getHealth",
    describe: |_| {
        // Text, because every value but `false` counts, the empty one too.
        let verbose = query(
            "verbose",
            Required::False,
            "Returns a report, unless it is `false`. The report needs the trigger key.",
        )
        .schema(Some(text()));
        let healthy = ContentBuilder::new()
            .schema(Some(text()))
            .example(Some("Healthy".into()));
        let report = content(&HealthReport::name(), &[("Healthy", samples::health())]);
        let response = ResponseBuilder::new()
            .description("The service is healthy.")
            .content("text/plain", healthy.build())
            .content("application/json", report.build());
        OperationBuilder::new()
            .about(
                "Check the service",
                "Reads from the store. A service that cannot accept orders is not healthy. With \
                 `verbose`, returns the state of every variable and issuer, the age of the oldest \
                 overdue order, the pause and the last configuration fault of the sender, and the \
                 last run of the trigger; the answer is 503 if the configuration is broken, if the \
                 sender has named a fault of its configuration, or if an order has been overdue \
                 for more than 15 minutes.",
            )
            .parameter(verbose)
            .parameter_ref(Ref::new("#/components/parameters/traceparent"))
            .response("200", response)
            .refused(&[
                Refusal::NoTrigger,
                Refusal::NoTriggerKey,
                Refusal::Unhealthy,
            ])
            .securities(Some([
                SecurityRequirement::default(),
                SecurityRequirement::new(security::TRIGGER, [""; 0]),
            ]))
    },
};

/// Names the schema of the problem of an unhealthy service.
pub(in crate::http::openapi) const PROBLEM: &str = "HealthProblem";

/// Returns that schema: a problem document that may have the members of a report.
pub(in crate::http::openapi) fn problem() -> Schema {
    let mut problem = AllOfBuilder::new()
        .description(Some(
            "Why the service is not healthy. With `verbose`, it has the members of the report.",
        ))
        .item(Ref::from_schema_name(Document::name()));
    if let RefOr::T(Schema::Object(mut report)) = HealthReport::schema() {
        report.required.clear();
        problem = problem.item(report);
    }
    problem.build().into()
}
