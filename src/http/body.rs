//! Bodies: media type, content coding and size of requests, and JSON of responses.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;

use super::error::ApiError;

/// The media types that an operation accepts.
#[derive(Debug, Clone, Copy)]
pub(super) enum MediaTypes {
    /// `application/json`.
    Json,
    /// `application/json` and the two of CloudEvents.
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

    /// Returns the names as a list in a header.
    pub(super) fn list(self) -> String {
        self.names().join(", ")
    }
}

/// Requires a body of one of these media types, with any parameters, and without a content coding.
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

/// Returns whether `Content-Encoding` names a coding other than `identity` (RFC 9110, section 8.4).
fn is_coded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|line| {
        let codings = line.to_str().unwrap_or("?").split(',').map(str::trim);
        codings
            .filter(|coding| !coding.is_empty())
            .any(|coding| !coding.eq_ignore_ascii_case("identity"))
    })
}

/// Reads a body. Rejects one of more than `limit` bytes before it is read whole.
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
    // Does not wait for the end of the stream after the last announced byte: on Spin 4.1 that takes
    // two more calls between host and instance.
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

/// Returns the length of the body, if the headers state it.
///
/// `Transfer-Encoding` overrides `Content-Length` (RFC 9112, section 6.3). Spin 4.1 passes both
/// headers on, and reads the body by the former.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns 200 with a JSON document.
pub(super) fn ok(document: &impl Serialize) -> Response {
    json_response(StatusCode::OK, to_json(document))
}

/// Writes a document as JSON.
pub(super) fn to_json(document: &impl Serialize) -> Vec<u8> {
    // Writing fails only for maps whose keys are not strings. No document has such a map.
    serde_json::to_vec(document).unwrap_or_default()
}

/// Returns a response with this JSON as its body.
pub(super) fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use http::HeaderName;

    use super::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn media_type_of_the_operation_is_accepted() {
        let is_accepted = |media_type: &str, media_types| {
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
                is_accepted(media_type, MediaTypes::Json),
                is_accepted(media_type, MediaTypes::JsonOrCloudEvents),
            );
            assert_eq!(got, (of_an_order, of_a_report), "{media_type}");
        }
    }

    #[test]
    fn content_coding_other_than_identity_is_refused() {
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
    fn transfer_encoding_overrides_content_length() {
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
}
