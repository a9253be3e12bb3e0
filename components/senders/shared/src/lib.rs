//! Code that the senders share: the bindings of `wit/sender`, variables and time limits.
//!
//! Senders write no log. The order component logs the texts of their failures, with the order, the
//! notification and the trace.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use spin_sdk::{time::sleep, variables};

pub use bindings::exports::email_orders::sender::sender::{
    ContentType, Email, Failure, Guest, Progress, Receipt,
};

/// The bindings of `wit/sender`. Each component exports itself with `bindings::export!`.
#[allow(
    missing_docs,
    clippy::pedantic,
    unused_qualifications,
    reason = "generated from wit/"
)]
pub mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/sender",
        world: "sender-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
        pub_export_macro: true,
    });
}

mod subject;

pub use subject::one_line;

/// Reads a variable. A variable that cannot be read is a transient failure: the email is not at
/// fault, and waits until the configuration is fixed.
pub async fn variable(name: &str) -> Result<String, Failure> {
    let value = variables::get(name).await;
    value.map_err(|error| {
        let text = format!("the variable {name}: {error}");
        Failure::Transient(match error {
            variables::Error::Undefined(_) => format!("configuration: {text}"),
            _ => text,
        })
    })
}

/// Reads a variable that a manifest may leave out. It is then empty.
pub async fn optional_variable(name: &str) -> Result<String, Failure> {
    match variables::get(name).await {
        Ok(value) => Ok(value),
        Err(variables::Error::Undefined(_)) => Ok(String::new()),
        Err(error) => Err(Failure::Transient(format!("the variable {name}: {error}"))),
    }
}

/// Awaits a future for at most `limit`. Returns `None` if the time is up.
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(limit))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}
