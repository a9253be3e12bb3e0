//! The methods of each path.

use test_support::{Answer, Call, Host, assert_rows, case, tokens};
use uuid::Uuid;

/// Returns known paths with their methods, without OPTIONS.
fn paths() -> Vec<(String, &'static [&'static str])> {
    const READ: &[&str] = &["GET", "HEAD"];
    let id = Uuid::new_v4();
    vec![
        ("/health".to_owned(), READ),
        ("/Health/".to_owned(), READ),
        ("/order/email".to_owned(), &["POST"]),
        ("/ORDER/email/".to_owned(), &["POST"]),
        ("/notifications/api/v1/orders/email".to_owned(), &["POST"]),
        (format!("/order/{id}"), READ),
        (format!("/order/{}/", id.simple()), READ),
        (format!("/notifications/api/v1/orders/{id}"), READ),
    ]
}

const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW", "get",
];

#[case]
async fn unknown_method_is_405_with_allow(host: &Host) {
    let mut rows = Vec::new();
    for (path, known) in paths() {
        for method in METHODS.into_iter().filter(|method| !known.contains(method)) {
            for call in [
                Call::new(method, &path),
                Call::new(method, &path).bearer(tokens::bearer()),
            ] {
                let answer = call.send(host).await;
                // An answer to HEAD has no body.
                if method != "HEAD" {
                    answer.problem();
                }
                rows.push((
                    format!("{method} {path}"),
                    allowed(&answer),
                    (405, sorted(known)),
                ));
            }
        }
    }
    assert_rows(rows);
}

#[case]
async fn options_is_204_with_allow(host: &Host) {
    let mut rows = Vec::new();
    for (path, known) in paths() {
        let answer = Call::new("OPTIONS", &path).send(host).await;
        rows.push((path, allowed(&answer), (204, sorted(known))));
    }
    assert_rows(rows);
}

#[case]
async fn options_of_an_unknown_path_is_404(host: &Host) {
    for path in ["/", "/orders", "/order/email/x"] {
        Call::new("OPTIONS", path)
            .send(host)
            .await
            .expect(404)
            .problem();
    }
}

fn allowed(answer: &Answer) -> (u16, Vec<String>) {
    (answer.status.as_u16(), answer.allowed_methods())
}

fn sorted(methods: &[&str]) -> Vec<String> {
    let mut methods: Vec<_> = methods.iter().map(ToString::to_string).collect();
    methods.sort();
    methods
}
