//! The WebAssembly component: the claims on a Spin host.

use std::{cell::RefCell, rc::Rc};

use claims_shared::{Failure, Guest, Name};
use spin_sdk::{
    redis::{Connection, Error, RedisParameter, RedisResult},
    variables,
};

use super::{
    claims,
    server::{Server, ServerError},
};

/// The variable that names the server.
const VARIABLE: &str = "claims_redis";

struct Redis;

impl Guest for Redis {
    async fn claim(name: String, contender: String) -> Result<(), Failure> {
        let (name, contender) = (Name::parse(name)?, Name::parse(contender)?);
        claims::claim(&SpinServer, &name, &contender).await
    }

    async fn next(sequence: String) -> Result<u64, Failure> {
        claims::next(&SpinServer, &Name::parse(sequence)?).await
    }
}

claims_shared::bindings::export!(Redis with_types_in claims_shared::bindings);

/// The server, over a connection that stays open.
struct SpinServer;

thread_local! {
    /// The connection that was opened last. Calls share it.
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl Server for SpinServer {
    async fn set_if_absent(
        &self,
        key: &str,
        value: &str,
        seconds: i64,
    ) -> Result<bool, ServerError> {
        let arguments = || {
            let text = |text: &str| RedisParameter::Binary(text.as_bytes().to_vec());
            let seconds = RedisParameter::Int64(seconds);
            [text(key), text(value), text("NX"), text("EX"), seconds]
        };
        let response = call(async |connection| connection.execute("SET", arguments()).await);
        match response.await?.as_slice() {
            [RedisResult::Status(status)] if status == "OK" => Ok(true),
            [RedisResult::Nil] => Ok(false),
            _ => Err(ServerError("unexpected answer to SET".to_owned())),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServerError> {
        call(async |connection| connection.get(key).await).await
    }

    async fn increment(&self, key: &str) -> Result<i64, ServerError> {
        call(async |connection| connection.incr(key).await).await
    }
}

/// Makes a call over the open connection. If that fails, retries over a new connection, because the
/// server may have closed the old one. A call can therefore run twice; every call above may.
async fn call<T>(run: impl AsyncFn(&Connection) -> Result<T, Error>) -> Result<T, ServerError> {
    let open_connection = CONNECTION.with_borrow(Clone::clone);
    if let Some(connection) = open_connection
        && let Ok(response) = run(&connection).await
    {
        return Ok(response);
    }
    CONNECTION.set(None);
    let connection = Rc::new(connect().await?);
    let response = run(&connection)
        .await
        .map_err(|error| server_error(&error))?;
    CONNECTION.set(Some(connection));
    Ok(response)
}

async fn connect() -> Result<Connection, ServerError> {
    let address = variables::get(VARIABLE).await;
    let address = address.map_err(|error| ServerError(format!("{VARIABLE}: {error}")))?;
    let connection = Connection::open(address).await;
    connection.map_err(|error| server_error(&error))
}

fn server_error(error: &Error) -> ServerError {
    ServerError(match error {
        Error::InvalidAddress => {
            format!("{VARIABLE} is not an address that allowed_outbound_hosts lists")
        }
        Error::TooManyConnections => "too many connections".to_owned(),
        Error::TypeError => "the value of a key has another type".to_owned(),
        Error::Other(reason) => reason.clone(),
    })
}
