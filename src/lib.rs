//! Orders for email notifications.
pub mod order;
pub mod timestamp;
