//! The WebAssembly component: the claims on a Spin host.

use std::{cell::RefCell, rc::Rc};

use claims_shared::{Failure, Guest, Word};
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
        let (name, contender) = (Word::parse(name)?, Word::parse(contender)?);
        claims::claim(&Outbound, &name, &contender).await
    }

    async fn next(sequence: String) -> Result<u64, Failure> {
        claims::next(&Outbound, &Word::parse(sequence)?).await
    }
}

claims_shared::bindings::export!(Redis with_types_in claims_shared::bindings);

/// The server, over a connection that stays open.
struct Outbound;

thread_local! {
    /// The connection that was opened last; calls share it.
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl Server for Outbound {
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
        let answer = call(async |connection| connection.execute("SET", arguments()).await);
        match answer.await?.as_slice() {
            [RedisResult::Status(status)] if status == "OK" => Ok(true),
            [RedisResult::Nil] => Ok(false),
            _ => Err(ServerError("SET answered something else".to_owned())),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServerError> {
        call(async |connection| connection.get(key).await).await
    }

    async fn increment(&self, key: &str) -> Result<i64, ServerError> {
        call(async |connection| connection.incr(key).await).await
    }
}

/// Makes a call over the open connection, or over a new one where that was closed meanwhile. A call
/// may so be made twice; each of the above may.
async fn call<T>(make: impl AsyncFn(&Connection) -> Result<T, Error>) -> Result<T, ServerError> {
    let kept = CONNECTION.with_borrow(Clone::clone);
    if let Some(connection) = kept
        && let Ok(answer) = make(&connection).await
    {
        return Ok(answer);
    }
    CONNECTION.set(None);
    let connection = Rc::new(open().await?);
    let answer = make(&connection).await.map_err(|error| failed(&error))?;
    CONNECTION.set(Some(connection));
    Ok(answer)
}

async fn open() -> Result<Connection, ServerError> {
    let address = variables::get(VARIABLE).await;
    let address = address.map_err(|error| ServerError(format!("{VARIABLE}: {error}")))?;
    let connection = Connection::open(address).await;
    connection.map_err(|error| failed(&error))
}

fn failed(error: &Error) -> ServerError {
    ServerError(match error {
        Error::InvalidAddress => {
            format!("{VARIABLE} is not an address that allowed_outbound_hosts lists")
        }
        Error::TooManyConnections => "too many connections".to_owned(),
        Error::TypeError => "a key holds something else".to_owned(),
        Error::Other(why) => why.clone(),
    })
}
