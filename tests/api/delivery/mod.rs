//! The properties of delivery that only real hosts show.

mod due;
mod kills;
mod load;

use std::sync::Arc;

use test_hosts::{Folder, Launch};
use test_support::{TRIGGER_KEY, setup};

/// Returns a launch with a trigger key and its state in this folder.
fn launch_on(folder: &Arc<Folder>) -> Launch {
    Launch::of(&setup(&[("trigger_key", TRIGGER_KEY)])).on(folder)
}
