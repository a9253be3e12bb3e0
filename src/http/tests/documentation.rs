//! `GET /openapi.json` and `GET /docs` in other spellings.

use http::StatusCode;

use super::{FakeHost, send};

#[test]
fn documentation_in_another_spelling_is_forwarded() {
    let mut host = FakeHost::new();
    for (has_documentation, expected) in [(true, StatusCode::OK), (false, StatusCode::NOT_FOUND)] {
        host.has_documentation = has_documentation;
        for (uri, path) in [
            ("/OPENAPI.JSON", "/openapi.json"),
            ("/OpenAPI.json/", "/openapi.json"),
            ("/openapi%2Ejson", "/openapi.json"),
            ("/Docs", "/docs"),
            ("/docs/", "/docs"),
            ("/%64ocs", "/docs"),
        ] {
            let (status, body) = send(&host, "GET", uri, false);
            assert_eq!(status, expected, "{uri}: {body}");
            if has_documentation {
                assert_eq!(body, path, "{uri}");
            }
        }
    }
}

/// The host has routes for these paths, so they come here only if it has no such component.
#[test]
fn documentation_in_the_spelling_of_its_route_is_404() {
    let mut host = FakeHost::new();
    host.has_documentation = true;
    for uri in ["/openapi.json", "/docs"] {
        let (status, body) = send(&host, "GET", uri, false);
        assert_eq!(status, StatusCode::NOT_FOUND, "{uri}: {body}");
    }
}
