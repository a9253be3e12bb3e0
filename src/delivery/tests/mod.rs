//! Delivery in a world that does as it is told.

mod claims;
mod conditions;
mod contacts;
mod crashes;
mod due;
mod fake_ports;
mod reports;
mod retries;
mod sending;
