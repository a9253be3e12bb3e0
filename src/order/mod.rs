//! The domain: turns the bytes of a request into an order that is valid by its type.
//!
//! There are three phases, and errors of one hide the later ones. [`OrderRequest::parse`] reads the
//! JSON and its types. [`NewOrder::validate`] first checks that the required members are there, and
//! then checks every other rule and reports all violations at once. Nothing here knows the host; the
//! present instant is an argument.

mod address;
mod condition_endpoint;
mod contact;
mod content_type;
mod fingerprint;
mod idempotency;
mod lookup;
mod new_order;
mod notification;
mod progress;
mod recipient;
mod registered;
mod request;
#[cfg(test)]
mod schema;
mod state;
mod violations;

pub use address::EmailAddress;
pub use condition_endpoint::{ConditionEndpoint, ConditionUrl};
pub use contact::{Contact, Identifier};
pub use content_type::ContentType;
pub use fingerprint::Fingerprint;
pub use idempotency::{IdempotencyKey, NotAKey};
pub use lookup::{LookupStatus, RecipientLookup};
pub use new_order::NewOrder;
pub use notification::{Notification, NotificationId, NotificationStatus};
pub use progress::{BlockedUntil, Condition, Progress};
pub use recipient::{NationalIdentityNumber, OrganizationNumber, Recipient};
pub use registered::{Creator, DUE_AHEAD_SECONDS, Erased, Order, OrderId};
pub use request::OrderRequest;
#[cfg(test)]
pub(crate) use schema::order_request as order_request_schema;
pub use state::{Cancellation, NotCancellable, OrderState, ProcessingStatus};
pub use violations::Violations;
