//! What a developer runs: `cargo xtask --help`.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program for a terminal"
)]

mod apt;
mod bench;
mod build;
mod components;
mod development;
mod process;
mod programs;
mod progress;
mod project;
mod python;
mod setup;
mod test;
mod token;
mod toolchain;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use console::style;

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
    /// Build everything and serve it, ready to be called.
    ///
    /// Variables of the component come from the environment as `SPIN_VARIABLE_NAME`.
    /// Where neither `SPIN_VARIABLE_BEARER_ISSUERS` nor
    /// `SPIN_VARIABLE_PLATFORM_ISSUERS` is set, development keys are made under target/dev-keys/ and trusted, and
    /// two curl lines are printed that place an order. Orders are found again
    /// after a restart on the same state.
    Up(up::Arguments),
    /// Print a token signed with the development keys.
    ///
    /// A server that `up` started with those keys accepts it. For example:
    /// curl -H "Authorization: Bearer $(cargo xtask token)" ...
    Token(token::Arguments),
    /// Run every test there is, or a part.
    ///
    /// The steps run in the order in which --only lists them, up to the first
    /// that fails.
    Test(test::Arguments),
    /// Measure what an order costs.
    ///
    /// Three servers get the same orders from the same load generator in turn, round by round:
    /// the component; a floor, which is a component that does one durable write and nothing
    /// else; and a native server with the same core. Printed are medians over the rounds, and
    /// ratios taken within each: throughput, CPU time of the server, latency. On the local host
    /// the calls to the host and the guest's instructions (as wasmtime's fuel) are counted, too.
    /// Results and plots are left in target/bench/. Let the machine do nothing else meanwhile.
    Bench(bench::Arguments),
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
        Task::Build => build::run()?,
        Task::Up(arguments) => return up::run(&arguments),
        Task::Token(arguments) => token::run(&arguments)?,
        Task::Test(arguments) => test::run(&arguments)?,
        Task::Bench(arguments) => bench::run(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
