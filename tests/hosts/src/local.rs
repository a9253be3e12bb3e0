//! The local host in this process.

use std::path::Path;

use local_host::{Options, Server};

use crate::Setup;

/// Starts it, set up in another way than `setup` alone can say.
pub(crate) async fn start(setup: &Setup, logs: &Path, adjust: impl FnOnce(&mut Options)) -> Server {
    let mut options = setup.options(logs);
    adjust(&mut options);
    local_host::start(options)
        .await
        .unwrap_or_else(|error| panic!("no local host: {error}"))
}
