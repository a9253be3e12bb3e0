//! `GET /openapi.json` and `GET /docs`, which the component `api-docs` answers.

use utoipa::openapi::{
    ContentBuilder, HttpMethod, ObjectBuilder, path::OperationBuilder, response::ResponseBuilder,
};

use super::Route;
use crate::http::openapi::{
    operation::{Describe as _, etag, text},
    refusal::Refusal,
};

pub(in crate::http::openapi) const DOCUMENT: Route = Route {
    method: HttpMethod::Get,
    path: "/openapi.json",
    name: "getDocument",
    describe: |_| {
        let document = ContentBuilder::new().schema(Some(ObjectBuilder::new()));
        OperationBuilder::new()
            .about(
                "Get this document",
                "Returns the description of the API in OpenAPI 3.1.",
            )
            .response(
                "200",
                ResponseBuilder::new()
                    .description("This document.")
                    .header("ETag", etag())
                    .content("application/json", document.build()),
            )
            .cached()
            .public()
            .refused(&[Refusal::NoDocumentation])
    },
};

pub(in crate::http::openapi) const PAGE: Route = Route {
    method: HttpMethod::Get,
    path: "/docs",
    name: "getDocumentation",
    describe: |_| {
        let page = ContentBuilder::new().schema(Some(text()));
        OperationBuilder::new()
            .about(
                "Get this document as a page",
                "Returns a page that shows the API and can call every operation.",
            )
            .response(
                "200",
                ResponseBuilder::new()
                    .description("The page.")
                    .header("ETag", etag())
                    .content("text/html", page.build()),
            )
            .cached()
            .public()
            .refused(&[Refusal::NoDocumentation])
    },
};
