//! Delivering one email: a request to send, then its operation followed for a while.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use uuid::Uuid;

use crate::{
    bindings::exports::email_orders::sender::sender::{Email, Failure, Progress, Receipt},
    message::Message,
    operation::{Operation, retry_after},
    settings::Settings,
    signature::Signed,
    verdict,
};

const API_VERSION: &str = "2025-09-01";

const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// How long to wait where the service does not say.
const PAUSE: Duration = Duration::from_secs(1);

/// What a delivery asks of its host.
pub(crate) trait Host {
    /// Sends a request and reads the whole answer, both in bounded time.
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable>;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// The time of day.
    fn now(&self) -> SystemTime;
}

/// There is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the service: {0}")]
pub(crate) struct Unreachable(pub(crate) String);

/// Delivers one email.
pub(crate) async fn deliver<H: Host>(
    host: &H,
    settings: &Settings,
    email: &Email,
) -> Result<Receipt, Failure> {
    let id = email.notification_id.parse();
    let id: Uuid =
        id.map_err(|error| Failure::Rejected(format!("the notification id: {error}")))?;
    let delivery = Delivery { host, settings, id };
    delivery.run(email).await
}

struct Delivery<'a, H> {
    host: &'a H,
    settings: &'a Settings,
    id: Uuid,
}

impl<H: Host> Delivery<'_, H> {
    async fn run(&self, email: &Email) -> Result<Receipt, Failure> {
        let body = serde_json::to_vec(&Message::from(email)).map_err(|error| {
            // Strings are always JSON.
            Failure::Rejected(error.to_string())
        })?;
        let path = format!("/emails:send?api-version={API_VERSION}");
        let answer = self.call(Method::POST, &path, body.into()).await?;
        let operation = match answer.status() {
            StatusCode::ACCEPTED => self.location(&answer),
            // A repeat of an operation that is there.
            StatusCode::CONFLICT => self.own_location(),
            _ => return Err(verdict::of_answer(&answer)),
        };
        let first = Operation::of(&answer).unwrap_or(Operation::InProcess);
        self.follow(&operation, first, retry_after(&answer)).await?;
        Ok(Receipt {
            progress: Progress::Accepted,
            provider_id: Some(self.id.to_string()),
        })
    }

    /// Asks for the operation until it has ended or the time is up. Whatever goes wrong with
    /// asking, the service has the email.
    async fn follow(
        &self,
        path: &str,
        mut operation: Operation,
        mut pause: Option<Duration>,
    ) -> Result<(), Failure> {
        let deadline = self.host.now() + self.settings.follow;
        loop {
            match operation {
                Operation::Succeeded => return Ok(()),
                Operation::Failed(error) => return Err(verdict::of_operation(&error)),
                Operation::InProcess => {}
            }
            let wait = pause.unwrap_or(PAUSE).max(PAUSE);
            let left = deadline.duration_since(self.host.now());
            if wait > left.unwrap_or_default() {
                return Ok(());
            }
            self.host.sleep(wait).await;
            let Ok(answer) = self.call(Method::GET, path, Bytes::new()).await else {
                return Ok(());
            };
            pause = retry_after(&answer);
            operation = Operation::of(&answer).unwrap_or(Operation::InProcess);
        }
    }

    /// Where the service says that the operation is: below the endpoint, or it does not count,
    /// since a signed request goes nowhere else.
    fn location(&self, answer: &Response<Bytes>) -> String {
        let said = answer.headers().get(OPERATION_LOCATION);
        said.and_then(|location| location.to_str().ok())
            .and_then(|location| self.settings.endpoint.below(location))
            .unwrap_or_else(|| self.own_location())
    }

    /// Where the operation of this notification is.
    fn own_location(&self) -> String {
        let id = self.id;
        format!("/emails/operations/{id}?api-version={API_VERSION}")
    }

    async fn call(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, Failure> {
        let request = self.request(method, path_and_query, body);
        let request = request.map_err(|error| Failure::Transient(error.to_string()))?;
        let answer = self.host.call(request).await;
        answer.map_err(|error| Failure::Transient(error.to_string()))
    }

    fn request(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<Request<Bytes>, http::Error> {
        let Settings { endpoint, key, .. } = self.settings;
        let signed = Signed {
            method: &method,
            path_and_query,
            host: endpoint.host(),
            body: &body,
        };
        let signature = key.sign(&signed, self.host.now())?;
        let id = HeaderValue::try_from(self.id.to_string())?;
        let mut request = Request::builder()
            .uri(endpoint.join(path_and_query)?)
            .header(header::ACCEPT, "application/json")
            .header(CLIENT_REQUEST_ID, id.clone());
        if method == Method::POST {
            // Without its length, the host would send it in chunks.
            request = request
                .header(header::CONTENT_LENGTH, body.len())
                .header(header::CONTENT_TYPE, "application/json")
                .header(OPERATION_ID, id);
        }
        let mut request = request.method(method).body(body)?;
        request.headers_mut().extend(signature);
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
