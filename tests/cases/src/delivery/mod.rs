//! Accepted orders become emails; the sender is the sandbox, or behaves like it.

mod backlog;
mod condition;
mod delivered;
mod log;
mod pause;
mod races;
mod reports;
mod resend;
mod retention;
mod trigger;
mod undecided;

pub use backlog::{place_overdue, work_off};
