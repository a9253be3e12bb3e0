//! Orders for email notifications: a WebAssembly component for Spin and hosts like it.
//!
//! - [`order`]: the domain, from the bytes of a request to an order that is valid by its type;
//! - [`auth`]: from credentials to the creator that orders belong to;
//! - [`store`]: keys and values, on every key-value provider;
//! - [`delivery`]: from accepted orders to emails;
//! - [`config`]: variables, parsed;
//! - [`http`]: routes, problem documents, links, health;
//! - [`log`], [`trace`], [`clock`], [`timestamp`], [`digest`]: shared by the modules above;
//! - `component`: the API on a host like Spin, in WebAssembly only. The rest knows no host.

pub mod auth;
pub mod clock;
#[cfg(target_family = "wasm")]
mod component;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod http;
mod json;
pub mod log;
pub mod order;
mod sorted;
pub mod store;
pub mod timestamp;
pub mod trace;
