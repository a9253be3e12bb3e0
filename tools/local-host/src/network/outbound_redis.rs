//! Connects components to the Redis servers in their `allowed_outbound_hosts`, as Spin does, but
//! without TLS.

use std::{net::SocketAddr, sync::Arc};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisFuture,
    aio::MultiplexedConnection, io::AsyncDNSResolver,
};
use url::Url;

use super::{policy::Policy, resolver::Resolver};
use crate::{
    calls::Call,
    faults::{Injected, Probe},
};

/// Connects one instance.
#[derive(Clone)]
pub(crate) struct OutboundRedis {
    pub(crate) policy: Policy,
    pub(crate) resolver: Resolver,
    pub(crate) component: Arc<str>,
    pub(crate) probe: Arc<Probe>,
}

/// Why a command failed, as the component sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundRedisError {
    #[error("the address is invalid or not allowed")]
    InvalidAddress,
    #[error("the value is of another type")]
    Type,
    #[error("{0}")]
    Other(String),
    #[error(transparent)]
    Injected(#[from] Injected),
}

impl From<RedisError> for OutboundRedisError {
    fn from(error: RedisError) -> Self {
        if error.kind() == redis::ErrorKind::TypeError {
            Self::Type
        } else {
            Self::Other(error.to_string())
        }
    }
}

type Result<T, E = OutboundRedisError> = std::result::Result<T, E>;

impl OutboundRedis {
    /// Connects to a server.
    pub(crate) async fn open(&self, address: &str) -> Result<MultiplexedConnection> {
        let open = async {
            let allowed = Url::parse(address).is_ok_and(|url| self.policy.allows(&url));
            if !allowed {
                return Err(OutboundRedisError::InvalidAddress);
            }
            let client = Client::open(address).map_err(|_| OutboundRedisError::InvalidAddress)?;
            let config =
                AsyncConnectionConfig::new().set_dns_resolver(RedisResolver(self.resolver.clone()));
            let connection = client.get_multiplexed_async_connection_with_config(&config);
            Ok(connection.await?)
        };
        self.observe(&[address], open).await
    }

    /// Sends a command.
    pub(crate) async fn send<T: FromRedisValue>(
        &self,
        mut connection: MultiplexedConnection,
        command: &Cmd,
    ) -> Result<T> {
        let words: Vec<String> = command.args_iter().map(text).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let send = async { Ok(command.query_async(&mut connection).await?) };
        self.observe(&words, send).await
    }

    async fn observe<T>(
        &self,
        subjects: &[&str],
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.probe
            .observe(Call::OutboundRedis, &self.component, subjects, work)
            .await
    }
}

fn text(argument: redis::Arg<&[u8]>) -> String {
    match argument {
        redis::Arg::Simple(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        redis::Arg::Cursor => String::new(),
    }
}

/// Resolves names as outbound HTTP does, blocked networks included.
struct RedisResolver(Resolver);

impl AsyncDNSResolver for RedisResolver {
    fn resolve<'a, 'b: 'a>(
        &'a self,
        host: &'b str,
        port: u16,
    ) -> RedisFuture<'a, Box<dyn Iterator<Item = SocketAddr> + Send + 'a>> {
        Box::pin(async move {
            let found = self.0.resolve(host, port).await;
            // As on Spin, blocked addresses are left out, so that the connection fails.
            let addresses = found.unwrap_or_default().into_iter();
            Ok(Box::new(addresses) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}
