//! A host for the component's tests: it does what Spin does, and no more.
//!
//! [`start`] serves the application of a `spin.toml` as `spin up` would: the
//! same routes and headers, variables, key-value stores with the same effects,
//! the same reuse of instances, the same limits on what goes out. What Spin has
//! and this host has not is refused at the start, never ignored.
//!
//! Beyond Spin it counts ([`Server::calls`], [`Server::fuel`]), behaves like
//! each of Spin's key-value providers ([`Provider`]), and puts faults where a
//! test wants them ([`Hook`]).
//!
//! ```no_run
//! # async fn example() -> Result<(), local_host::StartError> {
//! use local_host::{Call, Options};
//!
//! let server = local_host::start(Options::new("spin.toml")).await?;
//! println!("http://{}", server.addr());
//! assert_eq!(server.calls().get(Call::SetMany), 0);
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod calls;
mod compose;
pub mod faults;
pub mod imports;
mod interfaces;
mod key_value;
mod manifest;
mod network;
mod runtime;
mod server;
mod variables;

pub use calls::{Call, CallCounts};
pub use compose::{ComposeError, FileError};
pub use faults::{Fault, Hook, Injected, Moment, Phase};
pub use key_value::{OpenError, Provider, Storage};
pub use manifest::{ComponentId, DependencyName, Id, InvalidId, ManifestError};
pub use network::{InvalidHost, LookUps};
pub use runtime::{LoadError, Output, RequestFuel, Reuse};
pub use server::{InvalidRoute, Options, ServedRoute, Server, StartError, start};
pub use variables::VariableError;
