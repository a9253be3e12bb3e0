//! The API's OpenAPI document, and a page on which a person reads it and tries it out.
//!
//! A component of its own, so that the one that takes orders stays small: it answers
//! `/openapi.json`, `/docs` and what the page loads below `/docs/`. It holds all that it serves,
//! needs nothing of its host, and its page loads nothing from another.
//!
//! `openapi.json` is derived from the types of the API, by a test that fails as long as it is not
//! what they say. `UPDATE_EXPECT=1 cargo test --workspace --lib openapi` writes it anew.

mod answer;
mod asset;
mod policy;
mod problem;
// Shared with the API: the workaround for responses to HEAD.
#[cfg(target_family = "wasm")]
#[path = "../../src/component/response.rs"]
mod response;
// The same files as the API's: there is one rule for the spelling of paths, and one for trace ids.
#[path = "../../src/http/spelling.rs"]
mod spelling;
#[path = "../../src/http/trace.rs"]
mod trace;

pub use answer::answer;

#[cfg(target_family = "wasm")]
mod component {
    use bytes::Bytes;
    use spin_sdk::{
        http::{FullBody, Request},
        http_service,
    };

    use super::response::Response;

    #[http_service]
    async fn handle(request: Request) -> Response<FullBody<Bytes>> {
        let (request, _) = request.into_parts();
        Response(super::answer(&request).map(FullBody::new))
    }
}
