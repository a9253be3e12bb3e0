//! `local-host`: serves the application of a `spin.toml` as `spin up` does.
#![allow(clippy::print_stderr, reason = "a program for a terminal")]

mod arguments;

use std::{io::Write, process::ExitCode};

use clap::Parser;
use local_host::Server;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(log_filter())
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the filter that `RUST_LOG` states, warnings by default.
fn log_filter() -> Targets {
    let stated = std::env::var("RUST_LOG").ok();
    let stated = stated.and_then(|directives| directives.parse().ok());
    stated.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN))
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // Before the server starts, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let options = arguments.into_options()?;
    let storage = options.storage.clone();
    let logs = options.output.directory.clone();
    let server = local_host::start(options).await?;
    if let Some(logs) = logs {
        eprintln!("Logging component stdio to \"{}\"", logs.join("").display());
    }
    eprintln!("Storing default key-value data to {storage}.");
    announce(&server)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // A second signal ends it at once.
    tokio::select! {
        () = server.shutdown() => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Prints what is served and where, as `spin up` does.
fn announce(server: &Server) -> std::io::Result<()> {
    let base = format!("http://{}", server.addr());
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nServing {base}\nAvailable Routes:")?;
    for route in server.routes() {
        let wildcard = if route.wildcard { " (wildcard)" } else { "" };
        let path = if route.path == "/" { "" } else { &route.path };
        writeln!(out, "  {}: {base}{path}{wildcard}", route.component)?;
        if !route.description.is_empty() {
            writeln!(out, "    {}", route.description)?;
        }
    }
    if let Some(address) = server.stats_addr() {
        writeln!(out, "Statistics: http://{address}")?;
    }
    out.flush()
}
