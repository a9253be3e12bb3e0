//! Decides races by a Redis server, through Spin's outbound Redis, for hosts whose key-value store
//! has no atomic operations. It exports `email-orders:claims`, and needs
//! `inherit_configuration = ["allowed_outbound_hosts", "variables"]`.
//!
//! The variable `claims_redis` names the server, like `redis://10.0.0.7:6379` or
//! `rediss://user:password@redis.example.no/0`; `allowed_outbound_hosts` must list it. It can be any
//! Redis 2.6.12 or later, or a server that speaks its protocol, and need not be the one of the
//! key-value store.
//!
//! | key | value | command |
//! |---|---|---|
//! | `eo:claim:<name>` | the winner, for a week | `SET … NX EX` |
//! | `eo:sequence:<sequence>` | the last number | `INCR` |
//!
//! A single server decides every race. A replicated one does as long as its primary stays: Redis
//! replicates after it has answered, so that a failover can forget the claims of the last moment.
//! For the order component that means the same as plain registers do, for that moment.

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod server;

pub use claims::{claim, next};
pub use server::{Server, ServerError};
