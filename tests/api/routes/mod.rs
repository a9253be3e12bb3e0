//! Route by route.

mod cancel;
mod conditional;
mod docs;
mod health;
mod list;
mod methods;
mod openapi;
mod order;
mod order_email;
mod unknown;
mod walk;
