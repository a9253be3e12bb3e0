//! Bodies of requests: their media type, their coding and their size. Bodies of responses.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH,
        IF_NONE_MATCH, TRANSFER_ENCODING,
    },
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// What an operation reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum MediaTypes {
    /// `application/json`.
    Json,
    /// The same, and what CloudEvents come as.
    JsonOrCloudEvents,
}

impl MediaTypes {
    fn names(self) -> &'static [&'static str] {
        const ALL: [&str; 3] = [
            "application/json",
            "application/cloudevents+json",
            "application/cloudevents-batch+json",
        ];
        match self {
            Self::Json => &ALL[..1],
            Self::JsonOrCloudEvents => &ALL,
        }
    }

    /// The names as a list in a header.
    pub(super) fn list(self) -> String {
        self.names().join(", ")
    }
}

/// Holds that the body is of one of these media types, with any parameters, and not coded.
pub(super) fn require(headers: &HeaderMap, media_types: MediaTypes) -> Result<(), ApiError> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let media_type = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().unwrap_or_default(),
        _ => "",
    };
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let mut names = media_types.names().iter();
    if !names.any(|name| media_type.eq_ignore_ascii_case(name)) {
        return Err(ApiError::UnsupportedMediaType(media_types));
    }
    if is_coded(headers) {
        return Err(ApiError::UnsupportedContentCoding);
    }
    Ok(())
}

/// Whether `Content-Encoding` names another coding than `identity` (RFC 9110, section 8.4).
fn is_coded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|line| {
        let codings = line.to_str().unwrap_or("?").split(',').map(str::trim);
        codings
            .filter(|coding| !coding.is_empty())
            .any(|coding| !coding.eq_ignore_ascii_case("identity"))
    })
}

/// Reads a body of at most `limit` bytes; a larger one is refused before it is read whole.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::ContentTooLarge { limit });
    }
    let mut body = Limited::new(body, limit);
    let mut content = Vec::with_capacity(announced.unwrap_or_default());
    // To wait for the end behind the last byte announced takes the host two more calls of this
    // instance.
    while announced.is_none_or(|length| content.len() < length) {
        match body.frame().await {
            Some(Ok(frame)) => content.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Some(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(ApiError::ContentTooLarge { limit });
            }
            Some(Err(_)) => return Err(ApiError::BodyCutShort),
            None => break,
        }
    }
    Ok(content)
}

/// How long the body is, if that is known before it is read.
///
/// `Transfer-Encoding` overrides `Content-Length` (RFC 9112, section 6.3). Spin 4.1 leaves both in
/// the request, and reads the body by the former.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// 200 with a JSON body.
pub(super) fn ok(value: &impl Serialize) -> Response {
    json(StatusCode::OK, value)
}

/// 200 with a JSON body and its entity tag, or 304 if the client has just that (RFC 9110, section
/// 13.1.2).
pub(super) fn with_etag(request: &HeaderMap, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let tag = entity_tag_of(&body);
    let weakly = |known: &str| known.strip_prefix("W/").unwrap_or(known) == tag;
    let mut response = if names(request, &IF_NONE_MATCH, weakly) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        json_bytes(StatusCode::OK, body)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    // An order is its creator's alone, and its status may change at any time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Holds that `If-Match`, where there is one, names the present document of a resource that exists
/// (RFC 9110, section 13.1.1). The document's tag is computed only if it is needed.
pub(super) fn require_match(
    request: &HeaderMap,
    tag: impl FnOnce() -> Result<String, ApiError>,
) -> Result<(), ApiError> {
    if !request.contains_key(IF_MATCH) {
        return Ok(());
    }
    let tag = tag()?;
    if names(request, &IF_MATCH, |known| known == tag) {
        Ok(())
    } else {
        Err(ApiError::PreconditionFailed)
    }
}

/// Returns the strong entity tag of a document.
pub(super) fn entity_tag(value: &impl Serialize) -> String {
    entity_tag_of(&serde_json::to_vec(value).unwrap_or_default())
}

fn entity_tag_of(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    format!("\"{}\"", hex(&hash[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a list of entity tags is `*`, or has one that is as wanted.
fn names(request: &HeaderMap, header: &HeaderName, wanted: impl Fn(&str) -> bool) -> bool {
    let lines = request.get_all(header).iter();
    // No tag of this API has a comma in it, so that one of somebody else's may be torn there.
    let mut tags = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(',').map(str::trim));
    tags.any(|tag| tag == "*" || wanted(tag))
}

/// A response with a JSON body.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // What is written here has string keys only, so writing it cannot fail.
    json_bytes(status, serde_json::to_vec(value).unwrap_or_default())
}

fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_what_is_read_is_taken() {
        let taken = |media_type: &str, media_types| {
            require(&headers(&[(CONTENT_TYPE, media_type)]), media_types).is_ok()
        };
        for (media_type, of_an_order, of_a_report) in [
            ("application/json", true, true),
            ("Application/JSON; charset=utf-8", true, true),
            ("application/cloudevents+json", false, true),
            (
                "application/CloudEvents-batch+JSON;charset=UTF-8",
                false,
                true,
            ),
            ("application/cloudevents", false, false),
            ("application/json, application/json", false, false),
            ("text/plain", false, false),
            ("", false, false),
        ] {
            let got = (
                taken(media_type, MediaTypes::Json),
                taken(media_type, MediaTypes::JsonOrCloudEvents),
            );
            assert_eq!(got, (of_an_order, of_a_report), "{media_type}");
        }
    }

    #[test]
    fn a_coded_body_is_refused() {
        for (codings, coded) in [
            (&[][..], false),
            (&["identity"], false),
            (&["Identity", "IDENTITY, identity"], false),
            (&[""], false),
            (&["gzip"], true),
            (&["x-gzip"], true),
            (&["identity, br"], true),
            (&["identity", "deflate"], true),
        ] {
            let lines: Vec<_> = codings
                .iter()
                .map(|coding| (CONTENT_ENCODING, *coding))
                .chain([(CONTENT_TYPE, "application/json")])
                .collect();
            let refused = require(&headers(&lines), MediaTypes::Json).is_err();
            assert_eq!(refused, coded, "{codings:?}");
        }
    }

    #[test]
    fn a_transfer_coding_overrides_the_length() {
        let body = || Body::from("0123456789");
        let both = headers(&[(CONTENT_LENGTH, "4"), (TRANSFER_ENCODING, "chunked")]);
        let read_of = |headers: &HeaderMap, limit| block_on(read(headers, body(), limit));
        assert_eq!(read_of(&both, 10).unwrap(), b"0123456789");
        assert!(matches!(
            read_of(&both, 9),
            Err(ApiError::ContentTooLarge { limit: 9 })
        ));
        let too_long = headers(&[(CONTENT_LENGTH, "11"), (TRANSFER_ENCODING, "chunked")]);
        assert_eq!(read_of(&too_long, 10).unwrap(), b"0123456789");
        let length = headers(&[(CONTENT_LENGTH, "11")]);
        assert!(matches!(
            read_of(&length, 10),
            Err(ApiError::ContentTooLarge { limit: 10 })
        ));
    }

    #[test]
    fn a_precondition_is_of_the_present_document_and_strong() {
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
            let lines: Vec<_> = lines.iter().map(|line| (IF_MATCH, *line)).collect();
            let held = require_match(&headers(&lines), || Ok(entity_tag(&1)));
            assert_eq!(held.is_ok(), holds, "{lines:?}");
        }
    }
}
