//! What delivery asks of the outside. The types are those of `wit/sender/sender.wit` and
//! `wit/contacts/contacts.wit`.

use std::future::Future;

use bytes::Bytes;

use crate::{
    auth::FetchError,
    clock::Clock,
    order::{ConditionUrl, Contact, ContentType, Identifier, NotificationId},
    store::Claims,
};

/// The sender, the contacts, what decides races, and the condition endpoints.
pub trait Ports: Claims + Clock {
    /// Sends one email. What takes too long is a transient failure.
    fn send_email(&self, email: Email)
    -> impl Future<Output = Result<Receipt, SendFailure>> + Send;

    /// Looks all of them up: one contact for each, in the same order; bounded in time.
    fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> impl Future<Output = Result<Vec<Contact>, ContactsError>> + Send;

    /// GETs a condition endpoint over HTTP: 200 only, no redirect followed, bounded in size and
    /// time, and only where [`require_public_addresses`](super::require_public_addresses) allows it.
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

/// What the provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How far the email has come.
    pub progress: Progress,
    /// What the provider calls it.
    pub provider_id: Option<String>,
}

/// How far an email has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The provider has taken it.
    Accepted,
    /// It has arrived.
    Delivered,
}

/// Why an email was not sent. All but the last two are final.
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

/// Why contacts could not be looked up: for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("contacts: {0}")]
pub struct ContactsError(pub String);
