//! Delivery with fake ports and a store in memory.

mod claims;
mod conditions;
mod contacts;
mod crashes;
mod due;
mod fake_ports;
mod fixture;
mod reports;
mod retries;
mod sending;
mod simulation;
