//! The routes, one module each.

mod cancel;
mod conditional;
mod health;
pub mod list;
mod methods;
mod openapi;
mod order;
pub mod order_email;
mod redeliver;
mod unknown;
mod walk;
