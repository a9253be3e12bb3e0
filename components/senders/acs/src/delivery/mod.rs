//! Delivery of one email: the request to send, then polling of its operation.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use sender_shared::{Email, Failure, Progress, Receipt};
use uuid::Uuid;

use crate::{
    classify,
    message::Message,
    operation::{Operation, retry_after},
    settings::Settings,
    signature::SignedParts,
};

const API_VERSION: &str = "2025-09-01";

const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// The minimum pause between two polls, and the default if the service names none.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The outside world, as a delivery uses it.
pub(crate) trait Ports {
    /// Sends a request and reads the whole response, in bounded time.
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable>;

    /// Waits for a duration.
    async fn sleep(&self, duration: Duration);

    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

/// The service did not respond.
#[derive(Debug, thiserror::Error)]
#[error("the service: {0}")]
pub(crate) struct Unreachable(pub(crate) String);

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
    };
    delivery.run(email).await
}

struct Delivery<'a, P> {
    ports: &'a P,
    settings: &'a Settings,
    id: Uuid,
}

impl<P: Ports> Delivery<'_, P> {
    async fn run(&self, email: &Email) -> Result<Receipt, Failure> {
        let body = serde_json::to_vec(&Message::from(email)).map_err(|error| {
            // Not expected: every string has a JSON form.
            Failure::Rejected(error.to_string())
        })?;
        let path = format!("/emails:send?api-version={API_VERSION}");
        let response = self.call(Method::POST, &path, body.into()).await?;
        let operation = match response.status() {
            StatusCode::ACCEPTED => self.location(&response),
            // A repeat: the operation exists already.
            StatusCode::CONFLICT => self.own_location(),
            _ => return Err(classify::response(&response)),
        };
        let first = Operation::of(&response).unwrap_or(Operation::InProgress);
        self.follow(&operation, first, retry_after(&response))
            .await?;
        Ok(Receipt {
            progress: Progress::Accepted,
            provider_id: Some(self.id.to_string()),
        })
    }

    /// Polls the operation until it has ended or the time is up. An error while polling is not a
    /// failure, because the service has accepted the email.
    async fn follow(
        &self,
        path: &str,
        mut operation: Operation,
        mut pause: Option<Duration>,
    ) -> Result<(), Failure> {
        let deadline = self.ports.now() + self.settings.follow;
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
            let Ok(response) = self.call(Method::GET, path, Bytes::new()).await else {
                return Ok(());
            };
            pause = retry_after(&response);
            operation = Operation::of(&response).unwrap_or(Operation::InProgress);
        }
    }

    /// Returns the path of the operation from the response. A location outside the endpoint is
    /// ignored, because signed requests go to the endpoint only.
    fn location(&self, response: &Response<Bytes>) -> String {
        let location = response.headers().get(OPERATION_LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        location
            .and_then(|location| self.settings.endpoint.strip(location))
            .unwrap_or_else(|| self.own_location())
    }

    /// Returns the path of this notification's operation.
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
        let response = self.ports.call(request).await;
        response.map_err(|error| Failure::Transient(error.to_string()))
    }

    fn request(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<Request<Bytes>, http::Error> {
        let Settings { endpoint, key, .. } = self.settings;
        let signed = SignedParts {
            method: &method,
            path_and_query,
            host: endpoint.host(),
            body: &body,
        };
        let signature = key.sign(&signed, self.ports.now())?;
        let id = HeaderValue::try_from(self.id.to_string())?;
        let mut request = Request::builder()
            .uri(endpoint.join(path_and_query)?)
            .header(header::ACCEPT, "application/json")
            .header(CLIENT_REQUEST_ID, id.clone());
        if method == Method::POST {
            // Without `Content-Length`, the host would send the body in chunks (Spin 4.1).
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
