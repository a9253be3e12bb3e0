//! `load`: puts an HTTP server under load and prints one JSON object that says how it fared.
//!
//! A fixed number of connections is kept open, each sending its next request as soon as it has
//! the answer to the last one. `{n}` in the path and the body stands for a text that no other
//! request has.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

mod connection;
mod cpu;
mod outcome;
mod request;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::{ArgGroup, Parser};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use connection::{Connection, Window};
use cpu::ProcessTree;
use outcome::{Outcome, Samples};
use request::Template;

/// Puts an HTTP server under load
#[derive(Debug, Parser)]
#[command(name = "load", version, about, group(ArgGroup::new("end").required(true).multiple(true)))]
struct Arguments {
    /// The server's address
    server: SocketAddr,
    #[arg(long, default_value = "GET")]
    method: Method,
    /// Path and query
    #[arg(long, default_value = "/")]
    path: String,
    /// A header, such as `Content-Type: text/plain`
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    #[arg(long, default_value = "")]
    body: String,
    /// The status that is a success
    #[arg(long, default_value = "200")]
    expect: StatusCode,
    /// How many connections are kept open
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// For how long nothing is measured at the beginning
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    warm_up: Duration,
    /// For how long it is measured
    #[arg(long, group = "end", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,
    /// How many requests are measured at the most
    #[arg(long, group = "end")]
    requests: Option<u64>,
    /// How long a connection waits between an answer and its next request
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    pause: Duration,
    /// The server's process: its CPU time, and that of its descendants, is measured
    #[arg(long, value_name = "PID")]
    process: Option<i32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let outcome = run(Arguments::parse()).await?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn run(arguments: Arguments) -> Result<Outcome> {
    let template = Template::new(
        arguments.server,
        arguments.method,
        arguments.path,
        arguments.headers,
        arguments.body,
    )?;
    let process = arguments.process.map(ProcessTree::of);
    let begin = Instant::now() + arguments.warm_up;
    let window = Arc::new(Window::new(
        begin,
        arguments.duration.map(|duration| begin + duration),
        arguments.requests,
    ));
    let template = Arc::new(template);
    let mut connections = JoinSet::new();
    for _ in 0..arguments.connections {
        let connection = Connection {
            template: Arc::clone(&template),
            window: Arc::clone(&window),
            expected: arguments.expect,
            pause: arguments.pause,
        };
        connections.spawn(connection.run());
    }

    sleep_until(begin).await;
    let cpu_before = process.as_ref().map(ProcessTree::cpu_time).transpose()?;
    let mut samples = Samples::new()?;
    while let Some(ended) = connections.join_next().await {
        samples.add(&ended.context("a connection's task")??)?;
    }
    let time = begin.elapsed();
    let cpu_after = process.as_ref().map(ProcessTree::cpu_time).transpose()?;
    let cpu = cpu_before
        .zip(cpu_after)
        .map(|(before, after)| after.saturating_sub(before));
    Ok(samples.outcome(time, cpu))
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("a header is NAME: VALUE")?;
    let name = name.parse().map_err(|error| format!("{error}"))?;
    let value = value.trim().parse().map_err(|error| format!("{error}"))?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn it_must_end_somehow() {
        assert!(Arguments::try_parse_from(["load", "127.0.0.1:1"]).is_err());
        assert!(Arguments::try_parse_from(["load", "127.0.0.1:1", "--requests", "1"]).is_ok());
    }
}
