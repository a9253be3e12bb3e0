//! Verification of tokens of test issuers, on a fake host.

mod configured;
mod decisions;
mod fake_key_host;
mod remote;
mod shared_key;
mod stored;
mod support;
