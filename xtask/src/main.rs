//! What a developer runs: `cargo xtask --help`.

mod build;
mod components;
mod process;
mod progress;
mod project;
mod setup;
mod toolchain;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, serves and tests the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what the wasm32-wasip2 target needs, once.
    ///
    /// Nothing is done where the compiler has the target. Else rustup is asked
    /// for it; where that fails, Debian's packages and a standard library built
    /// from source under target/toolchain/ serve instead. The other tasks do
    /// this by themselves.
    Setup,
    /// Build the components in release mode and show their sizes.
    ///
    /// They are left in target/wasm32-wasip2/release/, where spin.toml looks.
    Build,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Setup => setup::run(),
        Task::Build => build::run(),
    }
}
