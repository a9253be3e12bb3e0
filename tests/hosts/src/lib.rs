//! Real hosts for the tests.
//!
//! Environment variables choose the host:
//!
//! - without any, it is the local host, in the test's process unless the test sends signals to it;
//! - `TEST_HOST=spin`: the `spin` on `PATH`, as a process;
//! - `BASE_URL` (an `http` address without a path): one host that is already up, with the default
//!   configuration except for the issuers. Their keys are in the folder `ISSUER_KEYS`;
//! - `TEST_HTTP=2`: requests are sent in HTTP/2, unless a test needs HTTP/1.1.
//!
//! [`Real`] is the backend of the cases. Tests that need what only real hosts have start a [`Host`]:
//! it derefs to the handle that cases use, and has counts, signals and raw connections besides.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod backend;
mod client;
mod elsewhere;
mod folder;
mod host;
mod launch;
mod process;
mod program;
mod raw;
mod server;

pub use self::{
    backend::{Real, leads_here, not_here, shared_authority},
    client::HttpConnection,
    folder::Folder,
    host::Host,
    launch::{Launch, MANIFEST},
    program::Program,
    raw::RawConnection,
};

/// Why a test leaves itself out without a local host.
pub mod reasons {
    /// Calls to the host are counted.
    pub const COUNTS: &str = "only the local host counts calls";
    /// Calls to the host fail.
    pub const FAULTS: &str = "only the local host lets calls to the host fail";
    /// Fuel is counted.
    pub const FUEL: &str = "only the local host counts fuel";
    /// The memory of an instance is measured.
    pub const MEMORY: &str = "only the local host knows an instance's memory";
    /// The store behaves like a certain provider.
    pub const PROVIDERS: &str = "only the local host plays every key-value provider";
    /// The output of components is broken.
    pub const OUTPUT: &str = "only the local host breaks the components' output";
    /// Names are looked up for components.
    pub const LOOK_UPS: &str = "Spin looks no names up for components";
}
