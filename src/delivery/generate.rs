//! The notifications of a page of recipients.

use crate::{
    order::{
        Contact, EmailAddress, Identifier, Notification, NotificationId, NotificationStatus, Order,
        Recipient,
    },
    sorted::sorted,
    store::PAGE,
    timestamp::Timestamp,
};

/// Returns the recipients of a page, with their indexes in the order.
fn recipients(order: &Order, page: usize) -> impl Iterator<Item = (u32, &Recipient)> {
    let indexes = 0_u32..;
    indexes.zip(&order.recipients).skip(page * PAGE).take(PAGE)
}

/// Returns the identifiers of a page to look up.
pub(super) fn identifiers(order: &Order, page: usize) -> Vec<Identifier> {
    recipients(order, page)
        .filter_map(|(_, recipient)| Identifier::of(recipient))
        .collect()
}

/// Returns the notifications of a page: one for each address, and one for each recipient that is
/// reserved or has no address.
///
/// `contacts` are those of [`identifiers`]; None if the look-up has finally failed.
pub(super) fn notifications(
    order: &Order,
    page: usize,
    contacts: Option<Vec<Contact>>,
    now: Timestamp,
) -> Vec<Notification> {
    let without_address = match contacts {
        Some(_) => NotificationStatus::RecipientNotIdentified,
        None => NotificationStatus::Failed,
    };
    let mut contacts = contacts.unwrap_or_default().into_iter();
    let mut all = Vec::new();
    for (index, recipient) in recipients(order, page) {
        let own_address = match recipient {
            Recipient::Address(address) => Some(address.as_str()),
            Recipient::Organization(_) | Recipient::Person(_) => None,
        };
        let mut add = |address: &str, name: Option<&str>, status| {
            all.push(Notification {
                id: NotificationId::derive(order.id, index, address),
                recipient: index,
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
        let contact = contacts.next().unwrap_or_default();
        let addresses = sorted(contact.addresses);
        if contact.reserved && !order.ignores_reservation() {
            add("", None, NotificationStatus::RecipientReserved);
        } else if addresses.is_empty() {
            add("", None, without_address);
        } else {
            for address in &addresses {
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
