//! `GET /openapi.json` and `GET /docs`, which a component of their own answers.

use utoipa::openapi::{
    ContentBuilder, HttpMethod, ObjectBuilder, path::OperationBuilder, response::ResponseBuilder,
};

use super::Route;
use crate::http::openapi::operation::{Describe as _, etag, text};

pub(in crate::http::openapi) const DOCUMENT: Route = Route {
    method: HttpMethod::Get,
    path: "/openapi.json",
    name: "getDocument",
    describe: |_| {
        let document = ContentBuilder::new().schema(Some(ObjectBuilder::new()));
        OperationBuilder::new()
            .about(
                "Read this document",
                "The API, as OpenAPI 3.1 describes it.",
            )
            .response(
                "200",
                ResponseBuilder::new()
                    .description("This document.")
                    .header("ETag", etag())
                    .content("application/json", document.build()),
            )
            .cached()
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
                "Read this document as a page",
                "A page for people, on which every operation can be tried out.",
            )
            .response(
                "200",
                ResponseBuilder::new()
                    .description("The page.")
                    .header("ETag", etag())
                    .content("text/html", page.build()),
            )
            .cached()
    },
};
