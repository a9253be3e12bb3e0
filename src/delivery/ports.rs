//! The ports of delivery. Their types correspond to those of `wit/sender/sender.wit` and
//! `wit/contacts/contacts.wit`.

use std::future::Future;

use bytes::Bytes;

use crate::{
    auth::FetchError,
    clock::Clock,
    order::{ConditionUrl, Contact, ContentType, Identifier, NotificationId},
    store::Claims,
};

/// The sender, the contacts, the claims, the condition endpoints and the clock.
pub trait Ports: Claims + Clock {
    /// Sends one email. A timeout is a transient failure.
    fn send_email(&self, email: Email)
    -> impl Future<Output = Result<Receipt, SendFailure>> + Send;

    /// Looks up one contact for each identifier, in the same order. The time is bounded.
    fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> impl Future<Output = Result<Vec<Contact>, ContactsError>> + Send;

    /// GETs a condition endpoint over HTTP, if
    /// [`require_public_addresses`](super::require_public_addresses) accepts its host. Any status but
    /// 200 is an error, redirects included. Size and time are bounded.
    fn fetch_condition(
        &self,
        url: &ConditionUrl,
    ) -> impl Future<Output = Result<Bytes, FetchError>> + Send;
}

/// One email to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "described in the WIT")]
pub struct Email {
    pub notification: NotificationId,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub content_type: ContentType,
}

/// The receipt of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The progress of the email.
    pub progress: Progress,
    /// The id that the provider has assigned.
    pub provider_id: Option<String>,
}

/// The progress of an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The provider has accepted it.
    Accepted,
    /// It has been delivered.
    Delivered,
}

/// Why an email was not sent. All variants but the last two are final.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "described in the WIT")]
pub enum SendFailure {
    InvalidAddress(String),
    Suppressed(String),
    Bounced(String),
    TooLarge(String),
    Rejected(String),
    RateLimited(Option<u32>),
    Transient(String),
}

/// Why contacts could not be looked up, for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("contacts: {0}")]
pub struct ContactsError(pub String);
