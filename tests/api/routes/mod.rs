//! Route by route.

mod health;
mod methods;
mod order;
mod order_email;
mod unknown;
