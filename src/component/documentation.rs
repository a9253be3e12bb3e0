//! The component that holds the documentation.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::{fetch, variables};
use crate::auth::FetchError;

/// GETs a path of the documentation's component, with these headers; None where there is none.
///
/// The manifest names it in the variable `documentation`, by its URL for service chaining. Only the
/// manifest can say whether it is there: on Spin 4.1 a call of a component that is not there ends
/// the instance that calls, with all its requests.
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
