//! Verification of tokens of test issuers, on a fake host.

mod configured;
mod fake_key_host;
mod remote;
mod shared_key;
mod stored;
mod support;
