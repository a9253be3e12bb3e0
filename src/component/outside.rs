//! What delivery asks of the outside: components that the manifest names, and the host.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::Uri;
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
    auth::FetchError,
    delivery::{Email, LookUpFailed, Outside, Progress, Receipt, SendFailure, is_public},
    order::{ConditionEndpoint, Contact, ContentType, Identifier},
};

/// The most time that sending an email may take, as `wit/sender/sender.wit` says.
const SEND_TIME_LIMIT: Duration = Duration::from_secs(30);

/// The most time that looking contacts up may take: somebody may be waiting for it.
const LOOK_UP_TIME_LIMIT: Duration = Duration::from_secs(10);

// A component has one thread, so that no future leaves it.
impl Outside for SpinHost {
    async fn send(&self, email: Email) -> Result<Receipt, SendFailure> {
        let sent = SendWrapper::new(within(SEND_TIME_LIMIT, sender::send(email.into()))).await;
        match sent {
            Some(Ok(receipt)) => Ok(receipt.into()),
            Some(Err(failure)) => Err(failure.into()),
            None => Err(SendFailure::Transient("no answer in time".to_owned())),
        }
    }

    async fn look_up(&self, identifiers: Vec<Identifier>) -> Result<Vec<Contact>, LookUpFailed> {
        let identifiers = identifiers.into_iter().map(Into::into).collect();
        let looked_up = within(LOOK_UP_TIME_LIMIT, contacts::look_up(identifiers));
        let contacts = SendWrapper::new(looked_up)
            .await
            .unwrap_or_else(|| Err("no answer in time".to_owned()))
            .map_err(LookUpFailed)?;
        Ok(contacts.into_iter().map(Into::into).collect())
    }

    async fn ask(&self, endpoint: &ConditionEndpoint) -> Result<Bytes, FetchError> {
        SendWrapper::new(hold_public(endpoint)).await?;
        Ok(fetch::get(endpoint.as_str()).await?.body)
    }
}

/// Holds that the host's name leads to public addresses alone, where the host lets a component look
/// that up. (Spin does not: there, its setting `block_networks` keeps private networks out.)
async fn hold_public(endpoint: &ConditionEndpoint) -> Result<(), FetchError> {
    let uri: Option<Uri> = endpoint.as_str().parse().ok();
    let name = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let addresses = match resolve_addresses(name.to_owned()).await {
        Ok(addresses) => addresses,
        // What wasmtime says of a look-up that is not allowed, and what it might rather say.
        Err(ErrorCode::PermanentResolverFailure | ErrorCode::AccessDenied) => return Ok(()),
        Err(error) => return Err(FetchError::NoAnswer(format!("{error:?}"))),
    };
    let all_public = addresses.into_iter().map(address).all(is_public);
    if all_public {
        Ok(())
    } else {
        let reason = "the name leads to an address that is not public";
        Err(FetchError::NoAnswer(reason.to_owned()))
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
