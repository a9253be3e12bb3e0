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
                "Check the service",
                "Reads from the store. A service that cannot accept orders is not healthy.",
            )
            .parameter_ref(Ref::new("#/components/parameters/traceparent"))
            .response(
                "200",
                ResponseBuilder::new()
                    .description("The store answers.")
                    .content("text/plain", healthy),
            )
            .refused(&[Refusal::Unavailable])
    },
};
