//! Conditional requests (RFC 9110, section 13): `ETag`, `If-None-Match` and `If-Match`.

use axum::response::{IntoResponse as _, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, ETAG, IF_MATCH},
};
use http_shared::{if_match, if_none_match};
use serde::Serialize;

use super::{body, error::ApiError};
use crate::digest::half_sha256;

/// Returns 200 with a JSON document and its entity tag, or 304 if `If-None-Match` names that.
pub(super) fn respond(request: &HeaderMap, document: &impl Serialize) -> Response {
    let json = body::to_json(document);
    let tag = tag_of(&json);
    let mut response = if if_none_match(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body::json_response(StatusCode::OK, json)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    // Only its creator may see an order, and the status may change at any time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Requires that `If-Match`, if present, names the current document. Computes that document's tag
/// only if it is needed.
pub(super) fn require_match<E: From<ApiError>>(
    request: &HeaderMap,
    tag: impl FnOnce() -> Result<String, E>,
) -> Result<(), E> {
    if !request.contains_key(IF_MATCH) {
        return Ok(());
    }
    let tag = tag()?;
    if if_match(request, &tag) {
        Ok(())
    } else {
        Err(ApiError::PreconditionFailed.into())
    }
}

/// Returns the strong entity tag of a document.
pub(super) fn entity_tag(document: &impl Serialize) -> String {
    tag_of(&body::to_json(document))
}

fn tag_of(json: &[u8]) -> String {
    format!("\"{:032x}\"", half_sha256(&[json]))
}

#[cfg(test)]
mod tests {
    use http::header::IF_NONE_MATCH;

    use super::*;

    #[test]
    fn if_match_compares_strongly_with_the_current_document() {
        let tag = entity_tag(&1);
        let other = entity_tag(&2);
        for (lines, holds) in [
            (&[][..], true),
            (&[&*tag][..], true),
            (&["*"], true),
            (&[&format!("{other}, {tag}")], true),
            (&[&other, &tag], true),
            (&[&other], false),
            (&[&format!("W/{tag}")], false),
            (&[&tag.replace('"', "")], false),
            (&[""], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IF_MATCH, HeaderValue::from_str(line).unwrap());
            }
            let held = require_match::<ApiError>(&headers, || Ok(entity_tag(&1)));
            assert_eq!(held.is_ok(), holds, "{lines:?}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let tag = entity_tag(&1);
        for (line, status) in [
            (tag.clone(), StatusCode::NOT_MODIFIED),
            (format!("W/{tag}"), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            (entity_tag(&2), StatusCode::OK),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(IF_NONE_MATCH, HeaderValue::from_str(&line).unwrap());
            assert_eq!(respond(&headers, &1).status(), status, "{line}");
        }
    }
}
