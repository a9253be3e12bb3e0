//! Delivery with fake ports and a store in memory.

mod addresses;
mod claims;
mod conditions;
mod contacts;
mod crashes;
mod due;
mod fake_ports;
mod fixture;
mod pacing;
mod redelivery;
mod reports;
mod retries;
mod sending;
mod simulation;
