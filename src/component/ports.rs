//! The ports of delivery: components that the manifest names, and outbound HTTP.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::sockets::{
    ip_name_lookup::{ErrorCode, resolve_addresses},
    types::IpAddress,
};

use super::{
    SpinHost,
    bindings::email_orders::{contacts::contacts, sender::sender},
    clock::within,
    fetch,
};
use crate::{
    auth::{FetchError, error_kind},
    delivery::{
        ContactsError, Email, NameLookUpError, Ports, Progress, Receipt, SendFailure,
        require_public_addresses,
    },
    order::{ConditionUrl, Contact, ContentType, Identifier},
};

/// The most time that sending an email may take, as `wit/sender/sender.wit` says.
const SEND_TIME_LIMIT: Duration = Duration::from_secs(30);

/// The most time that a look-up of contacts may take. A client may be waiting for it.
const LOOK_UP_TIME_LIMIT: Duration = Duration::from_secs(10);

// The component is single-threaded, so no future moves to another thread.
impl Ports for SpinHost {
    async fn send_email(&self, email: Email) -> Result<Receipt, SendFailure> {
        let sent = SendWrapper::new(within(SEND_TIME_LIMIT, sender::send(email.into()))).await;
        match sent {
            Some(Ok(receipt)) => Ok(receipt.into()),
            Some(Err(failure)) => Err(failure.into()),
            None => Err(SendFailure::Transient("no answer in time".to_owned())),
        }
    }

    async fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> Result<Vec<Contact>, ContactsError> {
        let identifiers = identifiers.into_iter().map(Into::into).collect();
        let looked_up = within(LOOK_UP_TIME_LIMIT, contacts::look_up(identifiers));
        let contacts = SendWrapper::new(looked_up)
            .await
            .unwrap_or_else(|| Err("no answer in time".to_owned()))
            .map_err(ContactsError)?;
        Ok(contacts.into_iter().map(Into::into).collect())
    }

    async fn fetch_condition(&self, url: &ConditionUrl) -> Result<Bytes, FetchError> {
        let url = url.clone();
        let answer = fetch::in_time(async move {
            require_public_addresses(url.host(), look_up_name).await?;
            fetch::exchange(&url.uri().to_string()).await
        });
        Ok(answer.await?.body)
    }
}

/// Resolves a name, if the host does so for components. Spin 4.1 does not.
async fn look_up_name(name: String) -> Result<Vec<IpAddr>, NameLookUpError> {
    match resolve_addresses(name).await {
        Ok(addresses) => Ok(addresses.into_iter().map(address).collect()),
        Err(ErrorCode::PermanentResolverFailure | ErrorCode::AccessDenied) => {
            Err(NameLookUpError::Refused)
        }
        Err(error) => Err(NameLookUpError::Failed(error_kind(&error))),
    }
}

fn address(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4(octets) => <[u8; 4]>::from(octets).into(),
        IpAddress::Ipv6(segments) => <[u16; 8]>::from(segments).into(),
    }
}

impl From<Email> for sender::Email {
    fn from(email: Email) -> Self {
        Self {
            notification_id: email.notification.to_string(),
            from: email.from,
            to: email.to,
            subject: email.subject,
            body: email.body,
            content_type: match email.content_type {
                ContentType::Plain => sender::ContentType::Plain,
                ContentType::Html => sender::ContentType::Html,
            },
        }
    }
}

impl From<sender::Receipt> for Receipt {
    fn from(receipt: sender::Receipt) -> Self {
        Self {
            progress: match receipt.progress {
                sender::Progress::Accepted => Progress::Accepted,
                sender::Progress::Delivered => Progress::Delivered,
            },
            provider_id: receipt.provider_id,
        }
    }
}

impl From<sender::Failure> for SendFailure {
    fn from(failure: sender::Failure) -> Self {
        match failure {
            sender::Failure::InvalidAddress(why) => Self::InvalidAddress(why),
            sender::Failure::Suppressed(why) => Self::Suppressed(why),
            sender::Failure::Bounced(why) => Self::Bounced(why),
            sender::Failure::TooLarge(why) => Self::TooLarge(why),
            sender::Failure::Rejected(why) => Self::Rejected(why),
            sender::Failure::RateLimited(seconds) => Self::RateLimited(seconds),
            sender::Failure::Transient(why) => Self::Transient(why),
        }
    }
}

impl From<Identifier> for contacts::Identifier {
    fn from(identifier: Identifier) -> Self {
        match identifier {
            Identifier::Person(number) => Self::Person(number.into()),
            Identifier::Organization(number) => Self::Organization(number.into()),
        }
    }
}

impl From<contacts::Contact> for Contact {
    fn from(contact: contacts::Contact) -> Self {
        Self {
            addresses: contact.addresses,
            name: contact.name,
            reserved: contact.reserved,
        }
    }
}
