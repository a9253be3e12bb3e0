//! Unknown paths.

use test_support::{Call, Host, assert_rows, case, order::order, tokens};
use uuid::Uuid;

#[case]
async fn unknown_path_is_404_for_any_method_and_credentials(host: &Host) {
    let id = Uuid::new_v4();
    let paths = [
        "/".to_owned(),
        "/orders".to_owned(),
        "/healthy".to_owned(),
        "/health/x".to_owned(),
        "/health//".to_owned(),
        "//health".to_owned(),
        "/order/email/x".to_owned(),
        "/order/email//".to_owned(),
        "/order//email".to_owned(),
        "//order/email".to_owned(),
        "/orderemail".to_owned(),
        "/order/sms/x".to_owned(),
        format!("/order/{id}/x"),
        format!("/order/{id}//"),
        format!("/orders/{id}"),
        "/notifications".to_owned(),
        "/notifications/api/v1".to_owned(),
        "/notifications/api/v1/order/email".to_owned(),
        "/notifications/api/v2/orders/email".to_owned(),
        "/api/v1/orders/email".to_owned(),
        "/x/order/email".to_owned(),
        "/favicon.ico".to_owned(),
        "/.env".to_owned(),
        "/order%2Femail".to_owned(),
        "/order/%2565mail/x".to_owned(),
        "/\u{25}00".to_owned(),
        "/%ff".to_owned(),
        format!("/{}", "x/".repeat(2000)),
    ];
    let mut rows = Vec::new();
    for path in paths {
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            for call in [
                Call::new(method, &path),
                Call::new(method, &path)
                    .bearer(tokens::bearer())
                    .json(&order()),
            ] {
                let answer = call.send(host).await;
                rows.push((
                    format!("{method} {path}"),
                    answer.outcome(),
                    (404, Vec::new()),
                ));
            }
        }
        let head = Call::new("HEAD", &path).send(host).await;
        rows.push((
            format!("HEAD {path}"),
            (head.status.as_u16(), Vec::new()),
            (404, Vec::new()),
        ));
    }
    assert_rows(rows);
}
