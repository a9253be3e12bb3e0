//! Delivery of one email: the request to send, then polling of its operation.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use sender_http::{Unreachable, retry_after};
use sender_shared::{Email, Failure, Progress, Receipt};
use uuid::Uuid;

use crate::{
    classify,
    identity::{OperationId, Repeatability},
    message::Message,
    operation::Operation,
    settings::Settings,
    signature::SignedParts,
};

const API_VERSION: &str = "2025-09-01";

const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");
const REPEATABILITY_REQUEST_ID: HeaderName = HeaderName::from_static("repeatability-request-id");
const REPEATABILITY_FIRST_SENT: HeaderName = HeaderName::from_static("repeatability-first-sent");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// The minimum pause between two polls, and the default if the service names none.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The maximum number of operations of one notification.
const MAX_OPERATIONS: u32 = 8;

/// The time in which a call may start an operation, so that it ends within 30 seconds.
const START_LIMIT: Duration = Duration::from_secs(6);

/// The time in which a call may poll an operation, for the same reason.
const FOLLOW_LIMIT: Duration = Duration::from_secs(22);

/// The outside world, as a delivery uses it.
pub(crate) trait Ports {
    /// Sends a request and reads the whole response, in bounded time.
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable>;

    /// Waits for a duration.
    async fn sleep(&self, duration: Duration);

    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

/// Delivers one email.
pub(crate) async fn deliver<P: Ports>(
    ports: &P,
    settings: &Settings,
    email: &Email,
) -> Result<Receipt, Failure> {
    let id = email.notification_id.parse();
    let id: Uuid =
        id.map_err(|error| Failure::Rejected(format!("the notification id: {error}")))?;
    let delivery = Delivery {
        ports,
        settings,
        id,
        begun: ports.now(),
    };
    delivery.run(email).await
}

struct Delivery<'a, P> {
    ports: &'a P,
    settings: &'a Settings,
    id: Uuid,
    begun: SystemTime,
}

impl<P: Ports> Delivery<'_, P> {
    async fn run(&self, email: &Email) -> Result<Receipt, Failure> {
        let message =
            Message::try_from(email).map_err(|error| Failure::InvalidAddress(error.to_string()))?;
        let body = serde_json::to_vec(&message).map_err(|error| {
            // Not expected: every string has a JSON form.
            Failure::Rejected(error.to_string())
        })?;
        let body = Bytes::from(body);
        let mut failed = 0;
        loop {
            let id = OperationId::new(self.id, failed);
            let (existed, result) = self.operate(id, body.clone()).await?;
            let is_early = self.ports.now() < self.begun + START_LIMIT;
            failed += 1;
            match result {
                Ok(()) => {
                    return Ok(Receipt {
                        progress: Progress::Accepted,
                        provider_id: Some(id.0.to_string()),
                    });
                }
                // An earlier attempt knows of this failure, and the service does not run the same
                // operation again.
                Err(Failure::Transient(_) | Failure::RateLimited(_))
                    if existed && failed < MAX_OPERATIONS && is_early => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Starts an operation and follows it. Returns whether it existed before, and its outcome.
    async fn operate(
        &self,
        id: OperationId,
        body: Bytes,
    ) -> Result<(bool, Result<(), Failure>), Failure> {
        let path = format!("/emails:send?api-version={API_VERSION}");
        let response = self.call(Method::POST, &path, body, id).await?;
        let now = self.ports.now();
        if response.status() == StatusCode::CONFLICT {
            // A repeat: the operation exists already, or the same request is in progress.
            let path = own_location(id);
            let response = self.call(Method::GET, &path, Bytes::new(), id).await?;
            if !response.status().is_success() {
                let status = response.status().as_u16();
                let text = format!("the service answers 409, and {status} about the operation");
                return Err(Failure::Transient(text));
            }
            let operation = Operation::of(&response).unwrap_or(Operation::InProgress);
            let has_failed = matches!(operation, Operation::Failed(_));
            let pause = retry_after(&response, now);
            return Ok((has_failed, self.follow(&path, id, operation, pause).await));
        }
        if response.status() != StatusCode::ACCEPTED {
            return Err(classify::response(&response, now));
        }
        let path = self.location(&response, id);
        let first = Operation::of(&response).unwrap_or(Operation::InProgress);
        let has_failed = matches!(first, Operation::Failed(_));
        let pause = retry_after(&response, now);
        Ok((has_failed, self.follow(&path, id, first, pause).await))
    }

    /// Polls the operation until it has ended or the time is up. An error while polling is not a
    /// failure, because the service has accepted the email.
    async fn follow(
        &self,
        path: &str,
        id: OperationId,
        mut operation: Operation,
        mut pause: Option<Duration>,
    ) -> Result<(), Failure> {
        let deadline = self.ports.now() + self.settings.follow;
        let deadline = deadline.min(self.begun + FOLLOW_LIMIT);
        loop {
            match operation {
                Operation::Succeeded => return Ok(()),
                Operation::Failed(error) => return Err(classify::operation(&error)),
                Operation::InProgress => {}
            }
            let wait = pause.unwrap_or_default().max(POLL_INTERVAL);
            let time_left = deadline.duration_since(self.ports.now());
            if wait > time_left.unwrap_or_default() {
                return Ok(());
            }
            self.ports.sleep(wait).await;
            let Ok(response) = self.call(Method::GET, path, Bytes::new(), id).await else {
                return Ok(());
            };
            pause = retry_after(&response, self.ports.now());
            operation = Operation::of(&response).unwrap_or(Operation::InProgress);
        }
    }

    /// Returns the path of the operation from the response. A location outside the endpoint is
    /// ignored, because signed requests go to the endpoint only.
    fn location(&self, response: &Response<Bytes>, id: OperationId) -> String {
        let location = response.headers().get(OPERATION_LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        location
            .and_then(|location| self.settings.endpoint.strip(location))
            .unwrap_or_else(|| own_location(id))
    }

    async fn call(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
        id: OperationId,
    ) -> Result<Response<Bytes>, Failure> {
        let request = self.request(method, path_and_query, body, id);
        let request = request.map_err(|error| Failure::Transient(error.to_string()))?;
        let response = self.ports.call(request).await;
        response.map_err(|error| Failure::Transient(error.to_string()))
    }

    fn request(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
        id: OperationId,
    ) -> Result<Request<Bytes>, http::Error> {
        let Settings { endpoint, key, .. } = self.settings;
        let signed = SignedParts {
            method: &method,
            path_and_query,
            host: endpoint.host(),
            body: &body,
        };
        let now = self.ports.now();
        let signature = key.sign(&signed, now)?;
        let mut request = Request::builder()
            .uri(endpoint.join(path_and_query)?)
            .header(header::ACCEPT, "application/json")
            .header(CLIENT_REQUEST_ID, header_of(self.id)?);
        if method == Method::POST {
            let repeatability = Repeatability::new(id, now);
            let first_sent = httpdate::fmt_http_date(repeatability.first_sent);
            // Without `Content-Length`, the host would send the body in chunks (Spin 4.1).
            request = request
                .header(header::CONTENT_LENGTH, body.len())
                .header(header::CONTENT_TYPE, "application/json")
                .header(OPERATION_ID, header_of(id.0)?)
                .header(REPEATABILITY_REQUEST_ID, header_of(repeatability.request)?)
                .header(REPEATABILITY_FIRST_SENT, first_sent);
        }
        let mut request = request.method(method).body(body)?;
        request.headers_mut().extend(signature);
        Ok(request)
    }
}

/// Returns the path of an operation.
fn own_location(OperationId(id): OperationId) -> String {
    format!("/emails/operations/{id}?api-version={API_VERSION}")
}

fn header_of(id: Uuid) -> Result<HeaderValue, http::Error> {
    Ok(HeaderValue::try_from(id.to_string())?)
}

#[cfg(test)]
mod tests;
