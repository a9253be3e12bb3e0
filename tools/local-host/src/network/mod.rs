//! Outbound connections of components: HTTP, Redis, and the hosts that a component may connect to.

mod allowed_hosts;
mod connector;
mod look_ups;
mod outbound_http;
mod outbound_redis;
mod policy;
mod resolver;
mod timed_body;

pub use allowed_hosts::InvalidHost;
pub(crate) use allowed_hosts::{AllowedHost, CHAINING_SUFFIX};
pub use connector::TlsRootsError;
pub use look_ups::LookUps;
#[cfg(not(test))]
pub(crate) use look_ups::offer as offer_look_ups;
pub(crate) use outbound_http::{HttpClients, OutboundHttp};
pub(crate) use outbound_redis::{OutboundRedis, OutboundRedisError};
pub(crate) use policy::{Policy, means_nowhere};
pub(crate) use resolver::Resolver;
