//! Orders for email notifications.
pub mod auth;
pub mod config;
pub mod order;
pub mod store;
pub mod timestamp;
