//! A host for the component's tests that behaves like Spin.
//!
//! [`start`] serves the application of a `spin.toml` as `spin up` does: with the same routes, headers,
//! variables, effects of key-value calls, reuse of instances, and limits on outbound connections.
//! Features of Spin that this host lacks are refused at the start, never ignored.
//!
//! Beyond Spin it counts ([`Server::calls`], [`Server::fuel`]), models each of Spin's key-value
//! providers ([`Provider`]), and injects faults ([`Hook`]).
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
pub use network::{InvalidHost, LookUps, TlsRootsError};
pub use runtime::{LoadError, Output, RequestFuel, Reuse};
pub use server::{InvalidRoute, Options, ServedRoute, Server, StartError, start};
pub use variables::VariableError;
