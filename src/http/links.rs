//! Links: never from what a client says of its host, always within the family it came in on.

use super::path::Family;
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

    /// Its notifications.
    pub(super) fn notifications(self, id: OrderId) -> String {
        format!("{}/notifications/email", self.order(id))
    }

    /// Its status.
    pub(super) fn status(self, id: OrderId) -> String {
        format!("{}/status", self.order(id))
    }
}
