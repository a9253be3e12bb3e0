//! Delivery of one email: one request.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, header};
use sender_http::Unreachable;
use sender_shared::{Email, Failure, Progress, Receipt};
use serde::Deserialize;

use crate::{classify, message::Message, settings::Settings};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Resend refuses requests without one.
const USER_AGENT: &str = concat!("email-orders/", env!("CARGO_PKG_VERSION"));

/// The outside world, as a delivery uses it.
pub(crate) trait Ports {
    /// Sends a request and reads the whole response, in bounded time.
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable>;

    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

#[derive(Default, Deserialize)]
struct Sent {
    id: Option<String>,
}

/// Delivers one email.
pub(crate) async fn deliver<P: Ports>(
    ports: &P,
    settings: &Settings,
    email: &Email,
) -> Result<Receipt, Failure> {
    let message =
        Message::try_from(email).map_err(|error| Failure::InvalidAddress(error.to_string()))?;
    let body = serde_json::to_vec(&message).map_err(|error| {
        // Not expected: every string has a JSON form.
        Failure::Rejected(error.to_string())
    })?;
    let request = request(settings, &email.notification_id, body)
        .map_err(|error| Failure::Transient(error.to_string()))?;
    let response = ports.call(request).await;
    let response = response.map_err(|error| Failure::Transient(error.to_string()))?;
    if !response.status().is_success() {
        return Err(classify::response(&response, ports.now()));
    }
    let sent: Sent = serde_json::from_slice(response.body()).unwrap_or_default();
    Ok(Receipt {
        progress: Progress::Accepted,
        provider_id: sent.id,
    })
}

fn request(
    settings: &Settings,
    notification: &str,
    body: Vec<u8>,
) -> Result<Request<Bytes>, http::Error> {
    Request::builder()
        .method(Method::POST)
        .uri(settings.endpoint.join("/emails")?)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, settings.authorization.clone())
        // Without `Content-Length`, the host would send the body in chunks (Spin 4.1).
        .header(header::CONTENT_LENGTH, body.len())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header(IDEMPOTENCY_KEY, notification)
        .body(body.into())
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, time::UNIX_EPOCH};

    use futures_executor::block_on;
    use serde_json::Value;

    use super::*;
    use crate::message::tests::email;

    /// A service that checks what the real one documents, and answers with one response.
    struct FakeService {
        response: RefCell<Option<Response<Bytes>>>,
        requests: RefCell<Vec<Request<Bytes>>>,
    }

    impl Ports for FakeService {
        async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
            self.requests.borrow_mut().push(request);
            let response = self.response.borrow_mut().take();
            response.ok_or_else(|| Unreachable::Failed("no connection".to_owned()))
        }

        fn now(&self) -> SystemTime {
            UNIX_EPOCH
        }
    }

    fn send(response: Option<(u16, &str)>) -> (Result<Receipt, Failure>, Vec<Request<Bytes>>) {
        let response = response.map(|(status, body)| {
            let body = Bytes::copy_from_slice(body.as_bytes());
            Response::builder().status(status).body(body).unwrap()
        });
        let service = FakeService {
            response: RefCell::new(response),
            requests: RefCell::default(),
        };
        let settings = Settings::parse("re_1", "").unwrap();
        let result = block_on(deliver(&service, &settings, &email()));
        (result, service.requests.take())
    }

    #[test]
    fn deliver_accepted_email_returns_the_id() {
        let (result, requests) = send(Some((200, r#"{"id":"49a3999c"}"#)));
        let receipt = result.unwrap();
        assert_eq!(receipt.progress, Progress::Accepted);
        assert_eq!(receipt.provider_id.as_deref(), Some("49a3999c"));
        let [request] = &requests[..] else {
            panic!("one request")
        };
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://api.resend.com/emails");
        let headers = request.headers();
        assert_eq!(headers["authorization"], "Bearer re_1");
        assert_eq!(headers["idempotency-key"], email().notification_id.as_str());
        assert_eq!(headers["content-type"], "application/json");
        assert!(headers.contains_key("user-agent"));
        assert_eq!(
            headers["content-length"],
            request.body().len().to_string().as_str()
        );
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["to"][0], "kari@xn--blbr-roah.no");
    }

    #[test]
    fn deliver_repeat_is_the_same_request() {
        let bodies = [(); 2].map(|()| {
            let (_, requests) = send(Some((500, "")));
            let [request] = &requests[..] else {
                panic!("one request")
            };
            (request.headers().clone(), request.body().clone())
        });
        assert_eq!(bodies[0], bodies[1]);
    }

    #[test]
    fn deliver_success_without_id_is_accepted() {
        let (result, _) = send(Some((200, "<html>")));
        assert_eq!(result.unwrap().provider_id, None);
    }

    #[test]
    fn deliver_refused_or_unanswered_email_returns_failure() {
        let (result, _) = send(Some((413, "")));
        assert!(matches!(result, Err(Failure::TooLarge(_))), "{result:?}");
        let (result, _) = send(None);
        assert!(matches!(result, Err(Failure::Transient(_))), "{result:?}");
    }
}
