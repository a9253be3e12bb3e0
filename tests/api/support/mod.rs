//! What the tests are written in: calls and answers, problem documents, orders, tokens, hosts.

pub(crate) mod answer;
pub(crate) mod call;
pub(crate) mod host;
pub(crate) mod order;
pub(crate) mod problem;
pub(crate) mod raw;
pub(crate) mod rows;
pub(crate) mod tokens;
pub(crate) mod trace;

pub(crate) use answer::Answer;
pub(crate) use call::{Call, get, post};
pub(crate) use host::{Host, shared};
pub(crate) use rows::assert_rows;
