//! The documentation's component.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::{fetch, variables};
use crate::auth::FetchError;

/// GETs a path of the documentation's component, with these headers. Returns None if the manifest does
/// not name it.
///
/// The variable `documentation` is its URL for service chaining. Without the variable nothing may be
/// tried: on Spin 4.1 a call of a component that does not exist ends the calling instance with all
/// its requests.
pub(super) async fn get(
    path: &str,
    headers: &HeaderMap,
) -> Result<Option<Response<Bytes>>, FetchError> {
    let Some(base) = variables::documentation().await else {
        return Ok(None);
    };
    let mut request = Request::get(format!("{base}{path}"));
    if let Some(all) = request.headers_mut() {
        all.clone_from(headers);
    }
    fetch::in_time(fetch::whole(request)).await.map(Some)
}
