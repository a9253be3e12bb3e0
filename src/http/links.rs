//! Links. They never depend on the `Host` of a request, which its client chooses.

use super::{cursor::Cursor, path::ApiFlavor};
use crate::order::OrderId;

/// Makes links below the configured base URL, in one family of paths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links<'a> {
    base: &'a str,
    flavor: ApiFlavor,
}

impl<'a> Links<'a> {
    /// Returns links below a base URL. If it is empty, links are paths.
    pub(super) fn new(base: &'a str, flavor: ApiFlavor) -> Self {
        Self { base, flavor }
    }

    /// Returns the link to an order.
    pub(super) fn order(self, id: OrderId) -> String {
        format!("{}{}/{id}", self.base, self.flavor.orders())
    }

    /// Returns the link to the page after a cursor, in the listing of a reference.
    pub(super) fn page(self, reference: &str, limit: usize, cursor: Cursor) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("sendersReference", reference)
            .append_pair("limit", &limit.to_string())
            .append_pair("after", &cursor.encode(reference))
            .finish();
        format!("{}{}?{query}", self.base, self.flavor.orders())
    }

    /// Returns the link to an order's notifications.
    pub(super) fn notifications(self, id: OrderId) -> String {
        format!("{}/notifications/email", self.order(id))
    }

    /// Returns the link to an order's status.
    pub(super) fn status(self, id: OrderId) -> String {
        format!("{}/status", self.order(id))
    }
}
