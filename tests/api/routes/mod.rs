//! Route by route.

mod docs;
mod health;
mod methods;
mod order;
mod order_email;
mod openapi;
mod unknown;
