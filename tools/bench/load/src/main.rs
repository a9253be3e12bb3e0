//! `load`: puts an HTTP server under load, and prints its performance as one JSON object.
//!
//! Each of a fixed number of connections sends its next request as soon as it has the response to the
//! last one. `{n}` in the path and the body stands for a text that is unique to the request.
//!
//! The benchmark needs unique bodies, a warm-up on the same connections, and the server's CPU time in
//! exactly the measured window. oha 1.16 measures no CPU time. rlt 0.5, a framework for load
//! generators, neither does, and its warm-up ends with a number of requests; the requests and the
//! connections would remain to be written here, and its terminal interface to be compiled.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

mod connection;
mod cpu;
mod report;
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
use report::{Report, Samples};
use request::Template;

/// Puts an HTTP server under load, and prints its performance
#[derive(Debug, Parser)]
#[command(name = "load", version, about, group(ArgGroup::new("end").required(true).multiple(true)))]
struct Arguments {
    /// The server's address
    server: SocketAddr,
    #[arg(long, default_value = "GET")]
    method: Method,
    /// The path and query
    #[arg(long, default_value = "/")]
    path: String,
    /// A header, such as `Content-Type: text/plain`
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    #[arg(long, default_value = "")]
    body: String,
    /// The status that counts as success
    #[arg(long, default_value = "200")]
    expect: StatusCode,
    /// The number of open connections
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// The time before the measurement
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    warm_up: Duration,
    /// The duration of the measurement
    #[arg(long, group = "end", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,
    /// The number of requests after which the measurement ends
    #[arg(long, group = "end")]
    requests: Option<u64>,
    /// The pause of a connection between a response and its next request
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    pause: Duration,
    /// The server's process, whose CPU time is measured, including its descendants
    #[arg(long, value_name = "PID")]
    process: Option<i32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let report = run(Arguments::parse()).await?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn run(arguments: Arguments) -> Result<Report> {
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
    Ok(samples.report(time, cpu))
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("must be NAME: VALUE")?;
    let name = name.parse().map_err(|error| format!("{error}"))?;
    let value = value.trim().parse().map_err(|error| format!("{error}"))?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_valid() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn duration_or_requests_is_required() {
        assert!(Arguments::try_parse_from(["load", "127.0.0.1:1"]).is_err());
        assert!(Arguments::try_parse_from(["load", "127.0.0.1:1", "--requests", "1"]).is_ok());
    }
}
