//! The notifications of a page of recipients.

use crate::{
    order::{
        Contact, EmailAddress, Identifier, Notification, NotificationId, NotificationStatus, Order,
        Recipient,
    },
    store::PAGE,
    timestamp::Timestamp,
};

/// The recipients of a page, with their places in the order.
fn recipients(order: &Order, page: usize) -> impl Iterator<Item = (u32, &Recipient)> {
    let places = 0_u32..;
    places.zip(&order.recipients).skip(page * PAGE).take(PAGE)
}

/// Whom of a page to look up.
pub(super) fn identifiers(order: &Order, page: usize) -> Vec<Identifier> {
    recipients(order, page)
        .filter_map(|(_, recipient)| Identifier::of(recipient))
        .collect()
}

/// The notifications of a page: one for an address, one for each address that was looked up, and
/// one that says so where a recipient is reserved or has none.
///
/// `contacts` are those of [`identifiers`]; None where looking them up has failed for good.
pub(super) fn notifications(
    order: &Order,
    page: usize,
    contacts: Option<Vec<Contact>>,
    now: Timestamp,
) -> Vec<Notification> {
    let nobody = match contacts {
        Some(_) => NotificationStatus::RecipientNotIdentified,
        None => NotificationStatus::Failed,
    };
    let mut contacts = contacts.unwrap_or_default().into_iter();
    let mut all = Vec::new();
    for (place, recipient) in recipients(order, page) {
        let own_address = match recipient {
            Recipient::Address(address) => Some(address.as_str()),
            Recipient::Organization(_) | Recipient::Person(_) => None,
        };
        let mut add = |address: &str, name: Option<&str>, status| {
            all.push(Notification {
                id: NotificationId::derive(order.id, place, address),
                recipient: place,
                address: own_address.is_none().then(|| address.to_owned()),
                name: name.map(str::to_owned),
                status,
                last_update: now,
            });
        };
        if let Some(address) = own_address {
            add(address, None, NotificationStatus::New);
            continue;
        }
        let mut contact = contacts.next().unwrap_or_default();
        contact.addresses.sort_unstable();
        contact.addresses.dedup();
        if contact.reserved && !order.ignores_reservation() {
            add("", None, NotificationStatus::RecipientReserved);
        } else if contact.addresses.is_empty() {
            add("", None, nobody);
        } else {
            for address in &contact.addresses {
                let status = match EmailAddress::parse(address) {
                    Ok(_) => NotificationStatus::New,
                    Err(_) => NotificationStatus::InvalidEmailFormat,
                };
                add(address, contact.name.as_deref(), status);
            }
        }
    }
    all
}
