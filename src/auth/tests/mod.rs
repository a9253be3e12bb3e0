//! Tokens that test issuers sign, verified over a host in memory.

mod configured;
mod remote;
mod shared_key;
mod stored;
mod world;
