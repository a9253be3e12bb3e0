//! The OpenAPI document of the API, and a page to read it and try the API.
//!
//! This is a component of its own, so that the order component stays small. It serves
//! `/openapi.json`, `/docs` and the files that the page loads below `/docs/`. It contains all of
//! them, makes no call to its host, and its page loads nothing from other hosts.
//!
//! A test of the order component derives `openapi.json` from the types of the API, and fails if the
//! file differs. `UPDATE_EXPECT=1 cargo test --workspace --lib openapi` updates the file.

mod asset;
mod policy;
mod problem;
mod response;

pub use response::respond;

#[cfg(target_family = "wasm")]
mod component {
    use bytes::Bytes;
    use http_shared::HostResponse;
    use spin_sdk::{
        http::{FullBody, Request},
        http_service,
    };

    #[http_service]
    async fn handle(request: Request) -> HostResponse<FullBody<Bytes>> {
        let (request, _) = request.into_parts();
        HostResponse(super::respond(&request).map(FullBody::new))
    }
}
