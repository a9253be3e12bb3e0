//! The vocabulary of the tests: calls and answers, problem documents, orders, tokens, and hosts.
//!
//! A [`case`] is one test. It calls the API of a [`Host`] and does not know what serves it: a test
//! binary chooses a [`Backend`] and runs every case that it links ([`run`]). `tests/in_process`
//! serves the API in the test's own process, over fakes; `tests/api` serves it with the local host,
//! with Spin, or at `BASE_URL`.
//!
//! Time is [`tokio::time`]: in process it jumps while every task waits, so no case takes as long as
//! it sleeps. [`clock::now`] tells the host's wall clock.
//!
//! A case that needs what its backend does not have leaves itself out ([`left_out`]). It is then
//! reported as ignored, with the reason.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod answer;
mod backend;
mod call;
mod case;
pub mod clock;
mod harness;
mod host;
pub mod key_server;
pub mod order;
mod outbound;
mod problem;
mod rows;
mod setup;
pub mod tokens;
mod trace;

#[doc(hidden)]
pub use inventory;
pub use test_macros::case;

pub use self::{
    answer::Answer,
    backend::{Backend, Connect, Running, Sent, State, Unanswered},
    call::{Body, Call, PATIENCE, get, post},
    case::{Case, left_out},
    harness::run,
    host::{Connection, Host},
    outbound::{Handler, Outbound, Reply},
    problem::Problem,
    rows::assert_rows,
    setup::{ClaimFault, LookUps, Setup, TRIGGER_KEY, empty_state, setup},
    trace::Trace,
};
