//! `GET /health`

use utoipa::openapi::{
    ContentBuilder, HttpMethod, Ref, path::OperationBuilder, response::ResponseBuilder,
};

use super::Route;
use crate::http::openapi::{
    operation::{Describe as _, text},
    refusal::Refusal,
};

pub(in crate::http::openapi) const SHOW: Route = Route {
    method: HttpMethod::Get,
    path: "/health",
    name: "getHealth",
    describe: |_| {
        let healthy = ContentBuilder::new()
            .schema(Some(text()))
            .example(Some("Healthy".into()))
            .build();
        OperationBuilder::new()
            .about(
                "Ask whether the service is well",
                "Reads from the store, so that a service that cannot take orders is not well.",
            )
            .parameter_ref(Ref::new("#/components/parameters/traceparent"))
            .response(
                "200",
                ResponseBuilder::new()
                    .description("It is.")
                    .content("text/plain", healthy),
            )
            .refused(&[Refusal::Unavailable])
    },
};
