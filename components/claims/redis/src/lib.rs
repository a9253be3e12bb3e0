//! Decides races by a Redis server, through Spin's outbound Redis, for hosts whose key-value store
//! has no atomic operations. Exports `email-orders:claims`. Needs
//! `inherit_configuration = ["allowed_outbound_hosts", "variables"]`.
//!
//! The variable `claims_redis` names the server, like `redis://10.0.0.7:6379` or
//! `rediss://user:password@redis.example.no/0`. `allowed_outbound_hosts` must list it. Any Redis
//! 2.6.12 or later, or a server with the same protocol, will do; it need not be the server of the
//! key-value store.
//!
//! | key | value | command |
//! |---|---|---|
//! | `eo:claim:<name>` | the winner, for a week | `SET … NX EX` |
//! | `eo:sequence:<sequence>` | the last number | `INCR` |
//!
//! A single server decides every race. A replicated server does so as long as its primary stays the
//! same: Redis replicates after it has answered, so a failover can lose the latest claims. For
//! those claims the order component then has the guarantees of `claims-registers` only.

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod server;

pub use claims::{claim, next};
pub use server::{Server, ServerError};
