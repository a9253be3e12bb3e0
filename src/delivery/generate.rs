//! The notifications of a page of recipients.

use std::collections::HashMap;

use crate::{
    order::{
        Contact, EmailAddress, Identifier, Notification, NotificationId, NotificationStatus, Order,
        Recipient,
    },
    sorted::sorted,
    store::PAGE,
    timestamp::Timestamp,
};

/// The longest address that a notification has, in bytes: 64 for the local part and 255 for the domain
/// (RFC 5321, section 4.5.3.1). A longer one from the contacts is cut, and is not sent to.
const MAX_ADDRESS: usize = 64 + 1 + 255;

/// The longest name that a notification has, in bytes. With it, a part of a page is less than 100 KB,
/// whatever the contacts are.
const MAX_NAME: usize = 400;

/// The addresses of an order that have a notification, so that none gets a second one.
#[derive(Debug, Default)]
pub(super) struct Addresses(
    /// The values are empty. Another type of map would make the component larger.
    HashMap<String, Vec<u8>>,
);

impl Addresses {
    /// Adds an address. Returns false if it is there, in any case of ASCII letters.
    pub(super) fn add(&mut self, address: &str) -> bool {
        let before = self.0.insert(address.to_ascii_lowercase(), Vec::new());
        before.is_none()
    }
}

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

/// Returns the notifications of a page: one for each address that has none yet, and one for each
/// recipient that is reserved or has no address.
///
/// `contacts` are those of [`identifiers`]; None if the look-up has finally failed. `addresses` are
/// those of the order's other pages; the ones of this page are added.
pub(super) fn notifications(
    order: &Order,
    page: usize,
    contacts: Option<Vec<Contact>>,
    addresses: &mut Addresses,
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
            if !address.is_empty() && !addresses.add(address) {
                return;
            }
            all.push(Notification {
                id: NotificationId::derive(order.id, index, address),
                recipient: index,
                address: own_address.is_none().then(|| address.to_owned()),
                name: name.map(|name| cut(name, MAX_NAME).to_owned()),
                status,
                tried: false,
                last_update: now,
            });
        };
        if let Some(address) = own_address {
            add(address, None, NotificationStatus::New);
            continue;
        }
        let contact = contacts.next().unwrap_or_default();
        let known = sorted(contact.addresses);
        if contact.reserved && !order.ignores_reservation() {
            add("", None, NotificationStatus::RecipientReserved);
        } else if known.is_empty() {
            add("", None, without_address);
        } else {
            let name = contact.name.as_deref();
            for address in &known {
                match EmailAddress::parse(address) {
                    Ok(usable) if usable.as_str().len() <= MAX_ADDRESS => {
                        add(usable.as_str(), name, NotificationStatus::New);
                    }
                    _ => {
                        let status = NotificationStatus::InvalidEmailFormat;
                        add(&unusable(address), name, status);
                    }
                }
            }
        }
    }
    all
}

/// Returns an address that cannot be sent to, as its notification has it. If it is too long, it gets
/// an end that no address has: the rest alone might be the address of someone else.
fn unusable(address: &str) -> String {
    let mut begin = cut(address, MAX_ADDRESS).to_owned();
    if begin.len() < address.len() {
        begin.push('…');
    }
    begin
}

/// Returns the beginning of a text, at most so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
