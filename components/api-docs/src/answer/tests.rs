#![allow(clippy::cloned_ref_to_slice_refs, reason = "an array reads better")]
//! What a client is answered.

use http::{Request, header};

use super::*;
use crate::asset::ASSETS;

fn ask(method: &str, path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    answer(&request.body(()).unwrap().into_parts().0)
}

fn header(response: &Response<Bytes>, name: HeaderName) -> Option<&str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[test]
fn every_asset_is_served_in_both_forms() {
    for asset in ASSETS {
        let plain = ask("GET", asset.path, &[]);
        assert_eq!(plain.body(), asset.plain);
        assert_eq!(header(&plain, CONTENT_ENCODING), None);
        let gzip = ask(
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
fn what_has_not_changed_is_not_sent_again() {
    for encoding in ["identity", "gzip"] {
        let accept = (ACCEPT_ENCODING, encoding);
        let first = ask("GET", "/docs", &[accept.clone()]);
        let tag = header(&first, ETAG).unwrap();
        let again = ask("GET", "/docs", &[accept, (IF_NONE_MATCH, tag)]);
        assert_eq!(again.status(), 304);
        assert!(again.body().is_empty());
        assert_eq!(header(&again, ETAG), Some(tag));
        assert_eq!(header(&again, CONTENT_LENGTH), None);
    }
    let other = ask("GET", "/docs", &[(IF_NONE_MATCH, "\"x\"")]);
    assert_eq!(other.status(), 200);
}

#[test]
fn gzip_is_sent_to_whoever_takes_it() {
    for (accepted, taken) in [
        ("gzip", true),
        ("GZIP", true),
        ("deflate, gzip;q=1.0", true),
        ("gzip;q=0", false),
        ("gzip; q=0.000", false),
        ("br", false),
        ("", false),
    ] {
        let response = ask("GET", "/openapi.json", &[(ACCEPT_ENCODING, accepted)]);
        let encoded = header(&response, CONTENT_ENCODING).is_some();
        assert_eq!(encoded, taken, "{accepted}");
    }
}

#[test]
fn only_what_a_name_pins_is_kept_for_long() {
    for asset in ASSETS {
        let response = ask("GET", asset.path, &[]);
        let pinned = asset.path.contains(&asset.tag[..12]);
        let kept = header(&response, CACHE_CONTROL)
            .unwrap()
            .contains("immutable");
        assert_eq!(kept, pinned, "{}", asset.path);
    }
}

#[test]
fn the_page_loads_what_is_there_and_nothing_else() {
    let page = ask("GET", "/docs", &[]);
    let page = std::str::from_utf8(page.body()).unwrap();
    let attributes = page.split(['"', ' ']).collect::<Vec<_>>();
    let links = attributes
        .windows(2)
        .filter(|pair| matches!(pair[0], "href=" | "src="));
    let links: Vec<&str> = links.map(|pair| pair[1]).collect();
    assert!(links.len() > 5, "{links:?}");
    for link in links {
        assert_eq!(ask("GET", link, &[]).status(), 200, "{link}");
    }
    assert!(!page.contains('{') && !page.contains("style="), "{page}");
}

#[test]
fn the_spelling_of_a_path_does_not_matter() {
    for (path, other) in [
        ("/docs", "/Docs/"),
        ("/docs", "/%64ocs"),
        ("/openapi.json", "/OPENAPI%2Ejson"),
        (ASSETS[0].path, &ASSETS[0].path.to_uppercase()),
    ] {
        let (plain, other) = (ask("GET", path, &[]), ask("GET", other, &[]));
        assert_eq!(other.status(), 200, "{path}");
        assert_eq!(header(&other, ETAG), header(&plain, ETAG), "{path}");
    }
    assert_eq!(ask("GET", "/docs%2F", &[]).status(), 404);
}

#[test]
fn problems_are_not_stored() {
    for (method, path) in [("GET", "/docs/none"), ("POST", "/docs")] {
        let response = ask(method, path, &[]);
        assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
    }
}

#[test]
fn head_is_get_without_a_body() {
    for path in ["/docs", "/docs/", "/openapi.json", "/docs/x"] {
        let (get, head) = (ask("GET", path, &[]), ask("HEAD", path, &[]));
        assert_eq!(head.status(), get.status());
        assert!(head.body().is_empty());
        assert_eq!(head.headers(), get.headers(), "{path}");
    }
}

#[test]
fn other_methods_are_refused() {
    let options = ask("OPTIONS", "/docs", &[]);
    assert_eq!(options.status(), 204);
    assert_eq!(header(&options, ALLOW), Some("GET, HEAD, OPTIONS"));
    for method in ["POST", "PUT", "DELETE", "TRACE"] {
        let response = ask(method, "/openapi.json", &[]);
        assert_eq!(response.status(), 405);
        assert_eq!(header(&response, ALLOW), Some("GET, HEAD, OPTIONS"));
        assert_eq!(
            header(&response, CONTENT_TYPE),
            Some("application/problem+json")
        );
    }
}

#[test]
fn everything_has_the_policy() {
    for (method, path) in [("GET", "/docs"), ("GET", "/docs/none"), ("POST", "/docs")] {
        let response = ask(method, path, &[]);
        let policy = header(&response, header::CONTENT_SECURITY_POLICY).unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(
            header(&response, header::X_CONTENT_TYPE_OPTIONS),
            Some("nosniff")
        );
    }
}
