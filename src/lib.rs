//! Orders for email notifications: a WebAssembly component for Spin and hosts like it.
//!
//! - [`order`]: the domain, from a request's bytes to an order that is valid by its type;
//! - [`auth`]: from credentials to the creator that orders belong to;
//! - [`store`]: what is kept under which key, on every key-value provider;
//! - [`delivery`]: accepted orders become emails;
//! - [`config`]: variables, parsed;
//! - [`http`]: routes, problem documents, links;
//! - `component`: all of it on a Spin host, in WebAssembly only. The rest knows no host.

pub mod auth;
pub mod clock;
#[cfg(target_family = "wasm")]
mod component;
pub mod config;
pub mod delivery;
pub mod http;
pub mod log;
pub mod order;
pub mod store;
pub mod timestamp;
pub mod trace;
