use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use uuid::Uuid;

use super::{Access, respond};
use crate::{
    Sandbox,
    journal::UnixMillis,
    mail::{ContentType, Mail},
    store::fake::FakeStore,
};

const EVIL: &str = "<script>alert('x')</script>";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn sandbox() -> Sandbox<FakeStore> {
    let sandbox = Sandbox::new(FakeStore::default());
    for (n, content_type) in [(1, ContentType::Plain), (2, ContentType::Html)] {
        let mail = Mail {
            id: id(n),
            from: format!("{EVIL}@example.no"),
            to: format!("{EVIL}@example.no"),
            subject: EVIL.to_owned(),
            body: format!("{EVIL} blåbærsyltetøy"),
            content_type,
        };
        sandbox
            .send(&mail, UnixMillis(u64::try_from(n).unwrap()))
            .unwrap();
    }
    sandbox
}

fn get(path: &str) -> Response<Bytes> {
    call(Method::GET, path, &[])
}

fn call(method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    call_as(Access::Open, method, path, headers)
}

/// Calls the page as Spin does for a route of `/dev/mail/...`.
fn call_as(
    access: Access,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Response<Bytes> {
    let below = path.split('?').next().unwrap();
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("/dev/mail{path}"))
        .header("spin-path-info", below);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let sandbox = sandbox();
    respond(&parts, access, || Ok(&sandbox))
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[test]
fn list_shows_newest_mail_first() {
    for path in ["", "/"] {
        let page = get(path);
        let links = [2, 1].map(|n| {
            let link = format!("href=\"/dev/mail/{}\"", id(n));
            text(&page).find(&link).unwrap()
        });
        assert!(links.is_sorted());
    }
}

#[test]
fn page_with_html_in_mail_escapes_it() {
    for path in ["/".to_owned(), format!("/{}", id(1)), format!("/{}", id(2))] {
        let page = get(&path);
        assert!(header(&page, "content-security-policy").starts_with("default-src 'none'"));
        assert!(!text(&page).contains("<script"), "{path}");
        assert!(text(&page).contains("&lt;script&gt;"), "{path}");
    }
}

#[test]
fn html_body_is_framed_and_sandboxed() {
    let page = get(&format!("/{}", id(2)));
    let frame = format!("src=\"/dev/mail/{}/body\"", id(2));
    assert!(text(&page).contains("sandbox=\"\"") && text(&page).contains(&frame));

    let body = get(&format!("/{}/body", id(2)));
    assert!(header(&body, "content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(header(&body, "content-type"), "text/html; charset=utf-8");
    assert_eq!(text(&body), format!("{EVIL} blåbærsyltetøy"));

    let plain = get(&format!("/{}/body", id(1)));
    assert_eq!(header(&plain, "content-type"), "text/plain; charset=utf-8");
}

#[test]
fn json_requested_by_query_or_accept_is_returned() {
    let responses = [
        get("/?format=json&limit=1"),
        call(
            Method::GET,
            "/?limit=1",
            &[("accept", "text/x;q=0.1, application/json")],
        ),
    ];
    for response in responses {
        assert_eq!(header(&response, "content-type"), "application/json");
        let list: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            (&list["total"], &list["deliveries"]),
            (&2.into(), &2.into())
        );
        let mails = list["mails"].as_array().unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0]["id"], id(2).to_string());
        assert_eq!(mails[0]["attempts"][0]["outcome"], "delivered");
        assert_eq!(mails[0].get("body"), None);
    }
    let one = get(&format!("/{}?format=json", id(1)));
    let one: serde_json::Value = serde_json::from_slice(one.body()).unwrap();
    assert_eq!(one["body"], format!("{EVIL} blåbærsyltetøy"));
    assert_eq!(
        (&one["contentType"], &one["deliveries"]),
        (&"Plain".into(), &1.into())
    );
}

#[test]
fn unknown_path_or_method_returns_problem() {
    for (path, status) in [
        (format!("/{}", id(3)), StatusCode::NOT_FOUND),
        (format!("/{}/body", id(3)), StatusCode::NOT_FOUND),
        (format!("/{}/more", id(1)), StatusCode::NOT_FOUND),
        ("/x".to_owned(), StatusCode::NOT_FOUND),
        ("/?limit=x".to_owned(), StatusCode::BAD_REQUEST),
        ("/?format=xml".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        assert_problem(&get(&path), status);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let refused = call(method, "/", &[]);
        assert_problem(&refused, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&refused, "allow"), "GET, HEAD, OPTIONS");
    }
    let nowhere = call(Method::POST, "/x", &[]);
    assert_problem(&nowhere, StatusCode::NOT_FOUND);
}

#[track_caller]
fn assert_problem(response: &Response<Bytes>, status: StatusCode) {
    assert_eq!(response.status(), status);
    assert_eq!(header(response, "content-type"), "application/problem+json");
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(document["status"], status.as_u16());
    assert!(
        document["detail"].as_str().unwrap().len() > 10,
        "{document}"
    );
    let trace = document["traceId"].as_str().unwrap();
    assert!(trace.starts_with("00-") && trace.len() == 55, "{trace}");
}

#[test]
fn options_returns_allowed_methods() {
    let options = call(Method::OPTIONS, "/", &[]);
    assert_eq!(options.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&options, "allow"), "GET, HEAD, OPTIONS");
    assert!(options.body().is_empty());
    assert_eq!(options.headers().get(header::CONTENT_LENGTH), None);
    assert_problem(&call(Method::OPTIONS, "/x", &[]), StatusCode::NOT_FOUND);
}

#[test]
fn closed_page_returns_404_at_every_path() {
    for variable in ["", "closed", "true", "Open", " open"] {
        assert_eq!(Access::of(variable), Access::Closed, "{variable}");
    }
    assert_eq!(Access::of("open"), Access::Open);
    for path in ["", "/", &format!("/{}", id(1)), "/style.css", "/x"] {
        for method in [Method::GET, Method::OPTIONS, Method::POST] {
            let response = call_as(Access::Closed, method, path, &[]);
            assert_problem(&response, StatusCode::NOT_FOUND);
            assert_eq!(header(&response, "cache-control"), "no-store");
        }
        let head = call_as(Access::Closed, Method::HEAD, path, &[]);
        assert_eq!(head.status(), StatusCode::NOT_FOUND);
        assert!(head.body().is_empty());
    }
}

#[test]
fn every_response_has_no_store_and_nosniff() {
    let mail = format!("/{}", id(2));
    for path in [
        "/",
        "/?format=json",
        "/style.css",
        "/x",
        &mail,
        &format!("{mail}/body"),
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
            let response = call(method, path, &[]);
            assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
            assert_eq!(
                header(&response, "x-content-type-options"),
                "nosniff",
                "{path}"
            );
        }
    }
}

#[test]
fn head_returns_length_without_body() {
    let page = get("/");
    let head = call(Method::HEAD, "/", &[]);
    assert!(head.body().is_empty());
    assert_eq!(
        head.headers()[header::CONTENT_LENGTH],
        page.headers()[header::CONTENT_LENGTH]
    );
}

#[test]
fn failing_store_returns_503() {
    let (parts, ()) = http::Request::new(()).into_parts();
    let failed = || Err::<&Sandbox<FakeStore>, _>(FakeStore::error("gone"));
    let response = respond(&parts, Access::Open, failed);
    assert_problem(&response, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text(&response).contains("gone"));
    assert_eq!(header(&response, "retry-after"), "5");
}
