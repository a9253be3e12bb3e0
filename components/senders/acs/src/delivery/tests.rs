use std::{cell::RefCell, collections::VecDeque, time::UNIX_EPOCH};

use futures_executor::block_on;
use sender_shared::ContentType;

use super::*;

const ID: &str = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";

/// A service with scripted responses that records the requests.
#[derive(Default)]
struct FakeService {
    responses: RefCell<VecDeque<Response<Bytes>>>,
    requests: RefCell<Vec<Request<Bytes>>>,
    slept: RefCell<Duration>,
}

impl Ports for FakeService {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        self.requests.borrow_mut().push(request);
        let response = self.responses.borrow_mut().pop_front();
        response.ok_or_else(|| Unreachable::Failed("no connection".to_owned()))
    }

    async fn sleep(&self, duration: Duration) {
        *self.slept.borrow_mut() += duration;
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + *self.slept.borrow()
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn status(status: &str) -> Response<Bytes> {
    response(200, &[], &format!(r#"{{"id":"{ID}","status":"{status}"}}"#))
}

fn accepted(headers: &[(&str, &str)]) -> Response<Bytes> {
    response(
        202,
        headers,
        &format!(r#"{{"id":"{ID}","status":"Running"}}"#),
    )
}

fn run(responses: Vec<Response<Bytes>>) -> (Result<Receipt, Failure>, FakeService) {
    let service = FakeService {
        responses: RefCell::new(responses.into()),
        ..FakeService::default()
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
    let result = block_on(deliver(&service, &settings, &email));
    (result, service)
}

fn is_accepted(result: &Result<Receipt, Failure>) -> bool {
    let receipt = Receipt {
        progress: Progress::Accepted,
        provider_id: Some(ID.to_owned()),
    };
    *result == Ok(receipt)
}

#[test]
fn deliver_accepted_email_polls_until_success() {
    let location = format!("https://name.example/emails/operations/{ID}?api-version=x");
    let (result, service) = run(vec![
        accepted(&[("operation-location", &location), ("retry-after", "2")]),
        status("Running"),
        status("Succeeded"),
    ]);
    assert!(is_accepted(&result), "{result:?}");
    assert_eq!(*service.slept.borrow(), Duration::from_secs(3));
    let requests = service.requests.borrow();
    let uris: Vec<_> = requests
        .iter()
        .map(|request| request.uri().to_string())
        .collect();
    assert_eq!(
        uris[0],
        "https://name.example/emails:send?api-version=2025-09-01"
    );
    assert_eq!(uris[1..], [location.clone(), location]);
    assert_eq!(requests[0].headers()["operation-id"], ID);
    assert_eq!(requests[0].headers()["content-type"], "application/json");
    let length = requests[0].body().len().to_string();
    assert_eq!(requests[0].headers()["content-length"], length.as_str());
    assert!(
        requests
            .iter()
            .all(|request| request.headers().contains_key("authorization"))
    );
}

#[test]
fn deliver_operation_that_fails_returns_failure() {
    let body = r#"{"status":"Failed","error":{"code":"EmailDroppedAllRecipientsSuppressed"}}"#;
    let (result, _) = run(vec![accepted(&[]), response(200, &[], body)]);
    assert!(matches!(result, Err(Failure::Suppressed(_))), "{result:?}");
}

#[test]
fn deliver_accepted_email_ignores_polling_errors() {
    let slow = (0..20).map(|_| status("Running"));
    let slow: Vec<_> = std::iter::once(accepted(&[])).chain(slow).collect();
    for responses in [
        // the operation is still in progress when the time is up
        slow,
        // the service asks for a longer wait than the time left
        vec![accepted(&[("retry-after", "30")])],
        // polling fails
        vec![accepted(&[])],
        vec![accepted(&[]), response(500, &[], ""), status("Succeeded")],
        vec![accepted(&[]), response(429, &[("retry-after", "60")], "")],
    ] {
        let (result, service) = run(responses);
        assert!(is_accepted(&result), "{result:?}");
        assert!(*service.slept.borrow() <= Duration::from_secs(10));
    }
}

#[test]
fn deliver_repeat_follows_existing_operation() {
    for statuses in [&["Succeeded"][..], &["Running", "Succeeded"]] {
        let responses = statuses.iter().copied().map(status);
        let responses = std::iter::once(response(409, &[], "")).chain(responses);
        let (result, service) = run(responses.collect());
        assert!(is_accepted(&result), "{result:?}");
        let requests = service.requests.borrow();
        assert_eq!(requests.len(), 1 + statuses.len());
        assert_eq!(
            requests[1].uri().to_string(),
            format!("https://name.example/emails/operations/{ID}?api-version=2025-09-01")
        );
    }
    // Its state is not known, so nothing is sent again.
    for responses in [vec![], vec![response(404, &[], "")]] {
        let (result, service) = run([vec![response(409, &[], "")], responses].concat());
        assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
        assert_eq!(service.requests.borrow().len(), 2);
    }
}

#[test]
fn deliver_repeat_of_failed_operation_starts_a_new_one() {
    let failed = |code: &str| {
        let body = format!(r#"{{"status":"Failed","error":{{"code":"{code}"}}}}"#);
        response(200, &[], &body)
    };
    let existing = || response(409, &[], "");
    let (result, service) = run(vec![
        existing(),
        failed("InternalServerError"),
        existing(),
        failed("TooManyRequests"),
        accepted(&[]),
        status("Succeeded"),
    ]);
    let requests = service.requests.borrow();
    let sent = requests
        .iter()
        .filter(|request| request.method() == Method::POST);
    let operations: Vec<_> = sent
        .map(|request| request.headers()["operation-id"].to_str().unwrap())
        .collect();
    assert_eq!(operations.len(), 3);
    assert_eq!(operations[0], ID);
    assert_ne!(operations[1], operations[0]);
    assert_ne!(operations[2], operations[1]);
    let receipt = result.unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some(operations[2]));
    let polled = requests[5].uri().path();
    assert_eq!(polled, format!("/emails/operations/{}", operations[2]));

    // A final failure stays final.
    let (result, service) = run(vec![existing(), failed("Unheard")]);
    assert!(matches!(result, Err(Failure::Rejected(_))), "{result:?}");
    assert_eq!(service.requests.borrow().len(), 2);

    // A new failure waits for the next attempt.
    let (result, service) = run(vec![accepted(&[]), failed("InternalServerError")]);
    assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
    assert_eq!(service.requests.borrow().len(), 2);
}

#[test]
fn deliver_operation_that_always_fails_is_transient_in_bounded_requests() {
    let pair = || {
        let body = r#"{"status":"Failed","error":{"code":"InternalServerError"}}"#;
        [response(409, &[], ""), response(200, &[], body)]
    };
    let (result, service) = run((0..20).flat_map(|_| pair()).collect());
    assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
    assert_eq!(service.requests.borrow().len(), 16);
}

#[test]
fn deliver_repeat_has_the_same_repeatability_headers() {
    let send = || {
        let (_, service) = run(vec![accepted(&[]), status("Succeeded")]);
        let requests = service.requests.take();
        let of = |request: &Request<Bytes>, name| request.headers().get(name).cloned();
        let [sent, polled] = &requests[..] else {
            panic!("two requests")
        };
        assert_eq!(of(polled, REPEATABILITY_REQUEST_ID), None);
        [REPEATABILITY_REQUEST_ID, REPEATABILITY_FIRST_SENT].map(|name| of(sent, name).unwrap())
    };
    let [id, first_sent] = send();
    assert!(id.to_str().unwrap().parse::<Uuid>().is_ok());
    assert_eq!(first_sent, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(send(), [id, first_sent]);
}

#[test]
fn deliver_foreign_operation_location_is_ignored() {
    let elsewhere = [(
        "operation-location",
        "https://evil.example/emails/operations/1",
    )];
    let (_, service) = run(vec![accepted(&elsewhere), status("Succeeded")]);
    let requests = service.requests.borrow();
    assert_eq!(requests.len(), 2);
    assert!(
        requests
            .iter()
            .all(|request| request.uri().host() == Some("name.example"))
    );
}

#[test]
fn deliver_refused_email_returns_failure() {
    let (result, _) = run(vec![response(429, &[("retry-after", "60")], "")]);
    assert_eq!(result, Err(Failure::RateLimited(Some(60))));
    let (result, _) = run(vec![]);
    assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
}
