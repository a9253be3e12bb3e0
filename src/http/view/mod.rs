//! The JSON documents of responses.

mod notifications;
mod order;
mod registration;
mod service;
mod status;

pub(super) use notifications::NotificationsView;
pub(super) use order::{OrderList, OrderView, PlacedView};
pub(super) use service::{HandshakeView, RunView, TakenView};
pub(super) use status::StatusView;
