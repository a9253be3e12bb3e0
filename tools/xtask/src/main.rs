//! The tasks of a developer: `cargo xtask --help`.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program for a terminal"
)]

mod apt;
mod bench;
mod build;
mod compile;
mod components;
mod development;
mod process;
mod programs;
mod progress;
mod project;
mod python;
mod setup;
mod simulate;
mod test;
mod token;
mod toolchain;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use console::style;

use self::apt::Permission;

/// Builds, serves and tests the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what building for wasm32-wasip2 needs, once.
    ///
    /// If the compiler lacks the target, rustup is asked for it. If that fails, Debian's packages
    /// are installed as root, and a standard library is built from source under target/toolchain/.
    /// `build`, `up` and `bench` do this by themselves; `test` installs nothing unless it is called
    /// with --install.
    Setup,
    /// Build the components in release mode and show their sizes.
    ///
    /// spin.toml reads them from target/wasm32-wasip2/release/.
    Build,
    /// Build the application and serve it.
    ///
    /// The environment sets variables of the component as `SPIN_VARIABLE_NAME`. If neither
    /// `SPIN_VARIABLE_BEARER_ISSUERS` nor `SPIN_VARIABLE_PLATFORM_ISSUERS` is set, development keys
    /// are created under target/dev-keys/ and trusted, and two curl lines that place an order are
    /// printed. Orders survive a restart.
    Up(up::Arguments),
    /// Print a token that is signed with the development keys.
    ///
    /// A server that `up` has started with these keys accepts it. For example:
    /// curl -H "Authorization: Bearer $(cargo xtask token)" ...
    Token(token::Arguments),
    /// Run all tests, or one: `cargo xtask test NAME`.
    ///
    /// Without a name all steps run, in the order in which --only lists them, up to the first that
    /// fails. With a name only the tests run whose names contain it.
    Test(test::Arguments),
    /// Measure the cost of an order.
    ///
    /// Three servers get the same orders from the same load generator in turn, round by round:
    /// the component; a floor, which is a component that does one durable write a request and
    /// nothing else; and a native server with the same core. The results are throughput, CPU time
    /// of the server and latency: medians over the rounds, and ratios within each round. The local
    /// host also counts the calls to the host and the guest's instructions (as wasmtime's fuel).
    /// Results and plots are written to target/bench/. The machine should be idle otherwise.
    Bench(bench::Arguments),
    /// Run the application in a deterministic simulation, seed by seed.
    ///
    /// Many instances share a simulated clock, network and key-value store, with the faults of each
    /// provider. A failure prints its seed and the end of its trace; the same seed gives the same run.
    Simulate(simulate::Arguments),
}

fn main() -> ExitCode {
    perform(Arguments::parse().task).unwrap_or_else(|error| {
        eprintln!("{} {error}", style("error:").for_stderr().red().bold());
        for cause in error.chain().skip(1) {
            eprintln!("  because {cause}");
        }
        ExitCode::FAILURE
    })
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup => setup::run()?,
        Task::Build => build::all(Permission::Granted)?,
        Task::Up(arguments) => return up::run(&arguments),
        Task::Token(arguments) => token::run(&arguments)?,
        Task::Test(arguments) => test::run(&arguments)?,
        Task::Bench(arguments) => bench::run(&arguments)?,
        Task::Simulate(arguments) => simulate::run(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
