//! Links: never from what a client says of its host, always within the family it came in on.

use super::{cursor::Cursor, path::Family};
use crate::order::OrderId;

/// Makes links below a base URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links<'a> {
    base: &'a str,
    family: Family,
}

impl<'a> Links<'a> {
    /// Links below the configured base; without one they are paths.
    pub(super) fn new(base: &'a str, family: Family) -> Self {
        Self { base, family }
    }

    /// An order.
    pub(super) fn order(self, id: OrderId) -> String {
        format!("{}{}/{id}", self.base, self.family.orders())
    }

    /// The page of a reference's orders that a cursor leads to.
    pub(super) fn page(self, reference: &str, limit: usize, cursor: Cursor) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("sendersReference", reference)
            .append_pair("limit", &limit.to_string())
            .append_pair("after", &cursor.encode(reference))
            .finish();
        format!("{}{}?{query}", self.base, self.family.orders())
    }

    /// Its notifications.
    pub(super) fn notifications(self, id: OrderId) -> String {
        format!("{}/notifications/email", self.order(id))
    }

    /// Its status.
    pub(super) fn status(self, id: OrderId) -> String {
        format!("{}/status", self.order(id))
    }
}
