#![allow(clippy::cloned_ref_to_slice_refs, reason = "an array reads better")]

use http::{Request, header, header::IF_NONE_MATCH};

use super::*;
use crate::asset::ASSETS;

fn request(method: &str, path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(name, *value);
    }
    respond(&builder.body(()).unwrap().into_parts().0)
}

fn header(response: &Response<Bytes>, name: HeaderName) -> Option<&str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[test]
fn asset_is_served_plain_and_compressed() {
    for asset in ASSETS {
        let plain = request("GET", asset.path, &[]);
        assert_eq!(plain.body(), asset.plain);
        assert_eq!(header(&plain, CONTENT_ENCODING), None);
        let gzip = request(
            "GET",
            asset.path,
            &[(ACCEPT_ENCODING, "br;q=1, gzip;q=0.5")],
        );
        assert_eq!(gzip.body(), asset.gzip);
        assert_eq!(header(&gzip, CONTENT_ENCODING), Some("gzip"));
        for response in [plain, gzip] {
            assert_eq!(response.status(), 200);
            let length = response.body().len().to_string();
            assert_eq!(header(&response, CONTENT_LENGTH), Some(length.as_str()));
            assert_eq!(header(&response, CONTENT_TYPE), Some(asset.media_type));
            assert_eq!(header(&response, VARY), Some("accept-encoding"));
        }
    }
}

#[test]
fn matching_if_none_match_returns_304() {
    for encoding in ["identity", "gzip"] {
        let accept = (ACCEPT_ENCODING, encoding);
        let first = request("GET", "/docs", &[accept.clone()]);
        let tag = header(&first, ETAG).unwrap();
        let again = request("GET", "/docs", &[accept, (IF_NONE_MATCH, tag)]);
        assert_eq!(again.status(), 304);
        assert!(again.body().is_empty());
        assert_eq!(header(&again, ETAG), Some(tag));
        assert_eq!(header(&again, CONTENT_LENGTH), None);
    }
    let other = request("GET", "/docs", &[(IF_NONE_MATCH, "\"x\"")]);
    assert_eq!(other.status(), 200);
}

#[test]
fn gzip_is_sent_if_accepted() {
    for (accepted, expected) in [
        ("gzip", true),
        ("GZIP", true),
        ("deflate, gzip;q=1.0", true),
        ("gzip;q=0", false),
        ("gzip; q=0.000", false),
        ("br", false),
        ("", false),
    ] {
        let response = request("GET", "/openapi.json", &[(ACCEPT_ENCODING, accepted)]);
        let is_encoded = header(&response, CONTENT_ENCODING).is_some();
        assert_eq!(is_encoded, expected, "{accepted}");
    }
}

#[test]
fn only_paths_with_content_hash_are_immutable() {
    for asset in ASSETS {
        let response = request("GET", asset.path, &[]);
        let has_hash = asset.path.contains(&asset.tag[..12]);
        let is_immutable = header(&response, CACHE_CONTROL)
            .unwrap()
            .contains("immutable");
        assert_eq!(is_immutable, has_hash, "{}", asset.path);
    }
}

#[test]
fn page_links_to_served_paths_only() {
    let page = request("GET", "/docs", &[]);
    let page = std::str::from_utf8(page.body()).unwrap();
    let attributes = page.split(['"', ' ']).collect::<Vec<_>>();
    let links = attributes
        .windows(2)
        .filter(|pair| matches!(pair[0], "href=" | "src="));
    let links: Vec<&str> = links.map(|pair| pair[1]).collect();
    assert!(links.len() > 5, "{links:?}");
    for link in links {
        assert_eq!(request("GET", link, &[]).status(), 200, "{link}");
    }
    assert!(!page.contains('{') && !page.contains("style="), "{page}");
}

#[test]
fn equivalent_paths_return_same_asset() {
    for (path, other) in [
        ("/docs", "/Docs/"),
        ("/docs", "/%64ocs"),
        ("/openapi.json", "/OPENAPI%2Ejson"),
        (ASSETS[0].path, &ASSETS[0].path.to_uppercase()),
    ] {
        let (plain, other) = (request("GET", path, &[]), request("GET", other, &[]));
        assert_eq!(other.status(), 200, "{path}");
        assert_eq!(header(&other, ETAG), header(&plain, ETAG), "{path}");
    }
    assert_eq!(request("GET", "/docs%2F", &[]).status(), 404);
}

#[test]
fn problem_has_no_store() {
    for (method, path) in [("GET", "/docs/none"), ("POST", "/docs")] {
        let response = request(method, path, &[]);
        assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
    }
}

#[test]
fn head_returns_headers_of_get_without_body() {
    for path in ["/docs", "/docs/", "/openapi.json", "/docs/x"] {
        let (get, head) = (request("GET", path, &[]), request("HEAD", path, &[]));
        assert_eq!(head.status(), get.status());
        assert!(head.body().is_empty());
        assert_eq!(head.headers(), get.headers(), "{path}");
    }
}

#[test]
fn other_method_returns_405() {
    let options = request("OPTIONS", "/docs", &[]);
    assert_eq!(options.status(), 204);
    assert_eq!(header(&options, ALLOW), Some("GET, HEAD, OPTIONS"));
    for method in ["POST", "PUT", "DELETE", "TRACE"] {
        let response = request(method, "/openapi.json", &[]);
        assert_eq!(response.status(), 405);
        assert_eq!(header(&response, ALLOW), Some("GET, HEAD, OPTIONS"));
        assert_eq!(
            header(&response, CONTENT_TYPE),
            Some("application/problem+json")
        );
    }
}

#[test]
fn every_response_has_security_headers() {
    for (method, path) in [("GET", "/docs"), ("GET", "/docs/none"), ("POST", "/docs")] {
        let response = request(method, path, &[]);
        let policy = header(&response, header::CONTENT_SECURITY_POLICY).unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(
            header(&response, header::X_CONTENT_TYPE_OPTIONS),
            Some("nosniff")
        );
    }
}
