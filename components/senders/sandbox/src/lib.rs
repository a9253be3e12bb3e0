//! A sender for development: stores every email in the key-value store instead of sending it, and
//! shows the stored emails.
//!
//! One component with two exports:
//!
//! - `email-orders:sender/sender`, for the order component. It needs the store `default`.
//! - An HTTP handler, the development page, at the path that the manifest routes to it (for example
//!   `/dev/mail/...`). It shows all mail to everyone, so it answers only if the variable `dev_mail`
//!   is `open`: see [`page::Access`].
//!
//! The sender reads no variable. The recipient's local part selects a [`Simulation`], which decides
//! the result of an email. [`journal`] describes the stored keys.

mod component;
pub mod journal;
mod mail;
pub mod page;
mod sandbox;
mod simulation;
mod store;

pub use component::Sender;
pub use mail::Mail;
pub use sandbox::Sandbox;
pub use simulation::{SimulatedOutcome, Simulation};
pub use store::{KeyValue, StoreError};
