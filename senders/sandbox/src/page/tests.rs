use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use uuid::Uuid;

use super::answer;
use crate::{
    Sandbox, StoreError, journal::Timestamp, mail::ContentType, mail::Mail, store::memory::Memory,
};

const EVIL: &str = "<script>alert('x')</script>";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn sandbox() -> Sandbox<Memory> {
    let sandbox = Sandbox::new(Memory::default());
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
            .send(&mail, Timestamp(u64::try_from(n).unwrap()))
            .unwrap();
    }
    sandbox
}

fn get(path: &str) -> Response<Bytes> {
    call(Method::GET, path, &[])
}

/// Calls the page as Spin does when it is routed to below `/dev/mail`.
fn call(method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let below = path.split('?').next().unwrap();
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("/dev/mail{path}"))
        .header("spin-path-info", below);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    answer(&parts, || Ok(sandbox()))
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[test]
fn the_newest_mail_is_listed_first() {
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
fn a_mail_is_escaped_wherever_it_is_part_of_a_page() {
    for path in ["/".to_owned(), format!("/{}", id(1)), format!("/{}", id(2))] {
        let page = get(&path);
        assert!(header(&page, "content-security-policy").starts_with("default-src 'none'"));
        assert!(!text(&page).contains("<script"), "{path}");
        assert!(text(&page).contains("&lt;script&gt;"), "{path}");
    }
}

#[test]
fn an_html_body_is_framed_and_cut_off() {
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
fn json_by_query_or_by_accept() {
    let asked = [
        get("/?format=json&limit=1"),
        call(
            Method::GET,
            "/?limit=1",
            &[("accept", "text/x;q=0.1, application/json")],
        ),
    ];
    for response in asked {
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
fn what_is_not_there_or_not_allowed() {
    for (path, status) in [
        (format!("/{}", id(3)), StatusCode::NOT_FOUND),
        (format!("/{}/body", id(3)), StatusCode::NOT_FOUND),
        (format!("/{}/more", id(1)), StatusCode::NOT_FOUND),
        ("/x".to_owned(), StatusCode::NOT_FOUND),
        ("/?limit=x".to_owned(), StatusCode::BAD_REQUEST),
        ("/?format=xml".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(get(&path).status(), status, "{path}");
    }
    let refused = call(Method::POST, "/", &[]);
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&refused, "allow"), "GET, HEAD");
}

#[test]
fn a_head_has_the_length_and_no_body() {
    let page = get("/");
    let head = call(Method::HEAD, "/", &[]);
    assert!(head.body().is_empty());
    assert_eq!(
        head.headers()[header::CONTENT_LENGTH],
        page.headers()[header::CONTENT_LENGTH]
    );
}

#[test]
fn a_store_that_fails_is_503() {
    let (parts, ()) = http::Request::new(()).into_parts();
    let failed = || Err::<Sandbox<Memory>, _>(StoreError::Host("gone".to_owned()));
    let response = answer(&parts, failed);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
