//! The service's access key authentication: HMAC-SHA256 over the parts that identify a request.

use std::{fmt, str::FromStr, time::SystemTime};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

const DATE: HeaderName = HeaderName::from_static("x-ms-date");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-ms-content-sha256");

/// The secret that signs requests.
#[derive(Clone)]
pub(crate) struct AccessKey(Vec<u8>);

/// The error for text that is not an access key.
#[derive(Debug, thiserror::Error)]
#[error("it is not a key in base64")]
pub(crate) struct InvalidKey;

impl FromStr for AccessKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = BASE64_STANDARD.decode(text).map_err(|_| InvalidKey)?;
        if key.is_empty() {
            return Err(InvalidKey);
        }
        Ok(Self(key))
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey")
    }
}

/// The signed parts of a request.
pub(crate) struct SignedParts<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path_and_query: &'a str,
    pub(crate) host: &'a str,
    pub(crate) body: &'a [u8],
}

impl AccessKey {
    /// Returns the headers that authenticate a request at this time.
    pub(crate) fn sign(
        &self,
        request: &SignedParts<'_>,
        now: SystemTime,
    ) -> Result<HeaderMap, header::InvalidHeaderValue> {
        let date = httpdate::fmt_http_date(now);
        let hash = BASE64_STANDARD.encode(hmac_sha256::Hash::hash(request.body));
        let SignedParts {
            method,
            path_and_query,
            host,
            ..
        } = request;
        let text = format!("{method}\n{path_and_query}\n{date};{host};{hash}");
        let signature = BASE64_STANDARD.encode(hmac_sha256::HMAC::mac(text, &self.0));
        let authorization = format!(
            "HMAC-SHA256 SignedHeaders={DATE};{};{CONTENT_HASH}&Signature={signature}",
            header::HOST
        );
        let mut authorization = HeaderValue::try_from(authorization)?;
        authorization.set_sensitive(true);
        Ok(HeaderMap::from_iter([
            (DATE, HeaderValue::try_from(date)?),
            (CONTENT_HASH, HeaderValue::try_from(hash)?),
            (header::AUTHORIZATION, authorization),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// Computed with OpenSSL from the service's description of its scheme.
    #[test]
    fn sign_known_request_returns_known_signature() {
        let key: AccessKey = "c2VjcmV0".parse().unwrap();
        let request = SignedParts {
            method: &Method::POST,
            path_and_query: "/emails:send?api-version=2025-09-01",
            host: "name.communication.azure.com",
            body: br#"{"a":"b"}"#,
        };
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let headers = key.sign(&request, now).unwrap();
        assert_eq!(headers["x-ms-date"], "Tue, 14 Nov 2023 22:13:20 GMT");
        assert_eq!(
            headers["x-ms-content-sha256"],
            "20p+yxFLxmxiOgbE/2/o2qL0nMJw6796H4HiKrBhyDc="
        );
        assert_eq!(
            headers["authorization"],
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&\
             Signature=0V34KTGzbNIK1qz/IvY5sCgE+tqTYgW3oUQN3i1un+A="
        );
    }

    #[test]
    fn debug_of_access_key_hides_it() {
        let key: AccessKey = "c2VjcmV0".parse().unwrap();
        assert_eq!(format!("{key:?}"), "AccessKey");
    }
}
