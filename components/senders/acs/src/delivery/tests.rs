use std::{cell::RefCell, collections::VecDeque, time::UNIX_EPOCH};

use futures_executor::block_on;

use super::*;
use crate::bindings::exports::email_orders::sender::sender::ContentType;

const ID: &str = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";

/// A service that gives these answers, and keeps what it is asked.
#[derive(Default)]
struct Script {
    answers: RefCell<VecDeque<Response<Bytes>>>,
    asked: RefCell<Vec<Request<Bytes>>>,
    slept: RefCell<Duration>,
}

impl Host for Script {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        self.asked.borrow_mut().push(request);
        let answer = self.answers.borrow_mut().pop_front();
        answer.ok_or_else(|| Unreachable("no connection".to_owned()))
    }

    async fn sleep(&self, duration: Duration) {
        *self.slept.borrow_mut() += duration;
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + *self.slept.borrow()
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn status(status: &str) -> Response<Bytes> {
    answer(200, &[], &format!(r#"{{"id":"{ID}","status":"{status}"}}"#))
}

fn accepted(headers: &[(&str, &str)]) -> Response<Bytes> {
    answer(
        202,
        headers,
        &format!(r#"{{"id":"{ID}","status":"Running"}}"#),
    )
}

fn run(answers: Vec<Response<Bytes>>) -> (Result<Receipt, Failure>, Script) {
    let script = Script {
        answers: RefCell::new(answers.into()),
        ..Script::default()
    };
    let settings = Settings::parse("https://name.example", "c2VjcmV0", "10").unwrap();
    let email = Email {
        notification_id: ID.to_owned(),
        from: "noreply@altinn.cloud".to_owned(),
        to: "kari@example.no".to_owned(),
        subject: "Påminnelse".to_owned(),
        body: "Blåbær".to_owned(),
        content_type: ContentType::Plain,
    };
    let outcome = block_on(deliver(&script, &settings, &email));
    (outcome, script)
}

fn is_accepted(outcome: &Result<Receipt, Failure>) -> bool {
    let receipt = Receipt {
        progress: Progress::Accepted,
        provider_id: Some(ID.to_owned()),
    };
    *outcome == Ok(receipt)
}

#[test]
fn an_email_is_sent_and_followed() {
    let location = format!("https://name.example/emails/operations/{ID}?api-version=x");
    let (outcome, script) = run(vec![
        accepted(&[("operation-location", &location), ("retry-after", "2")]),
        status("Running"),
        status("Succeeded"),
    ]);
    assert!(is_accepted(&outcome), "{outcome:?}");
    assert_eq!(*script.slept.borrow(), Duration::from_secs(3));
    let asked = script.asked.borrow();
    let uris: Vec<_> = asked
        .iter()
        .map(|request| request.uri().to_string())
        .collect();
    assert_eq!(
        uris[0],
        "https://name.example/emails:send?api-version=2025-09-01"
    );
    assert_eq!(uris[1..], [location.clone(), location]);
    assert_eq!(asked[0].headers()["operation-id"], ID);
    assert_eq!(asked[0].headers()["content-type"], "application/json");
    let length = asked[0].body().len().to_string();
    assert_eq!(asked[0].headers()["content-length"], length.as_str());
    assert!(
        asked
            .iter()
            .all(|request| request.headers().contains_key("authorization"))
    );
}

#[test]
fn what_the_service_refuses_afterwards_is_a_failure() {
    let body = r#"{"status":"Failed","error":{"code":"EmailDroppedAllRecipientsSuppressed"}}"#;
    let (outcome, _) = run(vec![accepted(&[]), answer(200, &[], body)]);
    assert!(
        matches!(outcome, Err(Failure::Suppressed(_))),
        "{outcome:?}"
    );
}

#[test]
fn an_email_that_was_taken_stays_taken() {
    let slow = (0..20).map(|_| status("Running"));
    let slow: Vec<_> = std::iter::once(accepted(&[])).chain(slow).collect();
    for answers in [
        // still in process when the time is up
        slow,
        // a longer wait than there is time
        vec![accepted(&[("retry-after", "30")])],
        // the service cannot be asked
        vec![accepted(&[])],
        vec![accepted(&[]), answer(500, &[], ""), status("Succeeded")],
        vec![accepted(&[]), answer(429, &[("retry-after", "60")], "")],
    ] {
        let (outcome, script) = run(answers);
        assert!(is_accepted(&outcome), "{outcome:?}");
        assert!(*script.slept.borrow() <= Duration::from_secs(10));
    }
}

#[test]
fn a_repeat_finds_its_operation() {
    let (outcome, script) = run(vec![answer(409, &[], ""), status("Succeeded")]);
    assert!(is_accepted(&outcome), "{outcome:?}");
    let asked = script.asked.borrow();
    assert_eq!(
        asked[1].uri().to_string(),
        format!("https://name.example/emails/operations/{ID}?api-version=2025-09-01")
    );
}

#[test]
fn a_signed_request_goes_nowhere_else() {
    let elsewhere = [(
        "operation-location",
        "https://evil.example/emails/operations/1",
    )];
    let (_, script) = run(vec![accepted(&elsewhere), status("Succeeded")]);
    let asked = script.asked.borrow();
    assert_eq!(asked.len(), 2);
    assert!(
        asked
            .iter()
            .all(|request| request.uri().host() == Some("name.example"))
    );
}

#[test]
fn what_is_not_taken_is_a_failure() {
    let (outcome, _) = run(vec![answer(429, &[("retry-after", "60")], "")]);
    assert_eq!(outcome, Err(Failure::RateLimited(Some(60))));
    let (outcome, _) = run(vec![]);
    assert!(matches!(outcome, Err(Failure::Transient(_))), "{outcome:?}");
}
