//! Implements `spin:redis@3.0.0`.

use redis::{Cmd, FromRedisValue, Value, aio::MultiplexedConnection, cmd};
use wasmtime::component::{Accessor, HasSelf, Resource};

use super::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, Payload, RedisParameter, RedisResult,
};
use crate::{faults::Injected, network::OutboundRedisError, runtime::State};

type Result<T, E = OutboundRedisError> = std::result::Result<T, E>;
type Caller<T> = Accessor<T, HasSelf<State>>;

impl Host for State {
    fn convert_error(&mut self, error: OutboundRedisError) -> wasmtime::Result<Error> {
        Ok(match error {
            OutboundRedisError::InvalidAddress => Error::InvalidAddress,
            OutboundRedisError::Type => Error::TypeError,
            OutboundRedisError::Other(why) | OutboundRedisError::Injected(Injected::Fail(why)) => {
                Error::Other(why)
            }
            OutboundRedisError::Injected(Injected::Trap) => {
                return Err(wasmtime::Error::new(error));
            }
        })
    }
}

impl HostConnection for State {
    async fn drop(&mut self, connection: Resource<MultiplexedConnection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

/// Sends a command over a connection.
async fn send<T, A: FromRedisValue>(
    accessor: &Caller<T>,
    connection: Resource<MultiplexedConnection>,
    command: &Cmd,
) -> Result<A> {
    let (redis, connection) = accessor.with(|mut access| {
        let state = access.get();
        let connection = state.table.get(&connection).cloned();
        (state.redis.clone(), connection)
    });
    let connection = connection.map_err(|error| OutboundRedisError::Other(error.to_string()))?;
    redis.send(connection, command).await
}

impl<T> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open(
        accessor: &Caller<T>,
        address: String,
    ) -> Result<Resource<MultiplexedConnection>> {
        let redis = accessor.with(|mut access| access.get().redis.clone());
        let connection = redis.open(&address).await?;
        accessor
            .with(|mut access| access.get().table.push(connection))
            .map_err(|error| OutboundRedisError::Other(error.to_string()))
    }

    async fn publish(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        channel: String,
        payload: Payload,
    ) -> Result<()> {
        send(
            accessor,
            connection,
            cmd("PUBLISH").arg(channel).arg(payload),
        )
        .await
    }

    async fn get(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
    ) -> Result<Option<Payload>> {
        send(accessor, connection, cmd("GET").arg(key)).await
    }

    async fn set(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
        value: Payload,
    ) -> Result<()> {
        send(accessor, connection, cmd("SET").arg(key).arg(value)).await
    }

    async fn incr(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
    ) -> Result<i64> {
        send(accessor, connection, cmd("INCRBY").arg(key).arg(1)).await
    }

    async fn del(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        keys: Vec<String>,
    ) -> Result<u32> {
        send(accessor, connection, cmd("DEL").arg(keys)).await
    }

    async fn sadd(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
        values: Vec<String>,
    ) -> Result<u32> {
        send(accessor, connection, cmd("SADD").arg(key).arg(values)).await
    }

    async fn smembers(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
    ) -> Result<Vec<String>> {
        send(accessor, connection, cmd("SMEMBERS").arg(key)).await
    }

    async fn srem(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        key: String,
        values: Vec<String>,
    ) -> Result<u32> {
        send(accessor, connection, cmd("SREM").arg(key).arg(values)).await
    }

    async fn execute(
        accessor: &Caller<T>,
        connection: Resource<MultiplexedConnection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Result<Vec<RedisResult>> {
        let mut command = cmd(&command);
        for argument in arguments {
            match argument {
                RedisParameter::Int64(number) => command.arg(number),
                RedisParameter::Binary(bytes) => command.arg(bytes),
            };
        }
        let answer = send(accessor, connection, &command).await?;
        let mut results = Vec::new();
        flatten(answer, &mut results)?;
        Ok(results)
    }
}

/// Appends an answer, with nested lists flattened as Spin does.
fn flatten(answer: Value, results: &mut Vec<RedisResult>) -> Result<()> {
    let result = match answer {
        Value::Nil => RedisResult::Nil,
        Value::Int(number) => RedisResult::Int64(number),
        Value::BulkString(bytes) => RedisResult::Binary(bytes),
        Value::SimpleString(status) => RedisResult::Status(status),
        Value::Okay => RedisResult::Status("OK".to_owned()),
        Value::Array(answers) | Value::Set(answers) => {
            return answers
                .into_iter()
                .try_for_each(|answer| flatten(answer, results));
        }
        _ => return Err(OutboundRedisError::Type),
    };
    results.push(result);
    Ok(())
}
