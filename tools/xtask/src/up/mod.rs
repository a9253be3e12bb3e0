//! `up`: builds the project and serves it.

mod greeting;
mod health;
pub(crate) mod host;
pub(crate) mod serving;

use std::{
    env,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
    thread,
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use self::{
    greeting::Greeting,
    host::{HostChoice, HostProgram},
    serving::Serving,
};
use crate::{apt::Permission, build, development, project, toolchain::Toolchain};

/// Where and how to serve.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder in which orders are kept; it is created if it is missing
    #[arg(long, value_name = "DIR", default_value_os_t = project::root().join(".spin"))]
    state_dir: PathBuf,
    /// Keep orders in memory, and lose them when the server ends
    #[arg(long)]
    memory: bool,
    /// The program that serves: Spin 4.1 or later, the project's own local host, or Spin if it is
    /// on PATH and else the local host
    #[arg(long, value_enum, default_value_t = HostChoice::Auto)]
    host: HostChoice,
}

/// Serves until the host ends, and returns the host's exit code.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    ensure_free(arguments.listen)?;
    let host = build_all(HostProgram::choose(arguments.host)?)?;
    let state = std::path::absolute(&arguments.state_dir)?;
    let manifest = project::manifest();
    let mut command = host.command(&manifest, arguments.listen, &state, arguments.memory)?;

    let dev_mail = env::var(development::DEV_MAIL).unwrap_or_else(|_| "open".to_owned());
    let shows_mail = dev_mail == "open";
    command.env(development::DEV_MAIL, dev_mail);
    let mut greeting = Greeting::new(&host, base_url(arguments.listen), shows_mail);
    if !development::issuers_are_configured() {
        let issuers = development::issuers()?;
        let variables = development::environment(&issuers)?;
        greeting = greeting.with_development_keys(&issuers, &variables)?;
        command.envs(variables);
    }

    ensure_free(arguments.listen)?;
    let mut serving = Serving::start(&mut command)?;
    if let Some(code) = health::wait(&mut serving, &greeting.base_url)? {
        return Ok(code);
    }
    greeting.print();
    serving.wait()
}

/// Builds the components and the host side by side: the linker of a component uses one core alone.
fn build_all(host: HostProgram) -> Result<HostProgram> {
    Toolchain::ensure(Permission::Granted)?;
    thread::scope(|scope| {
        let host = scope.spawn(|| host.build());
        build::named_in(&[project::manifest()])?;
        let host = host.join();
        host.map_err(|_| anyhow!("the build of the host panicked"))?
    })
}

fn ensure_free(address: SocketAddr) -> Result<()> {
    ensure!(address.port() != 0, "--listen needs a port other than 0");
    // The listener is dropped at once; the host binds the address next.
    TcpListener::bind(address)
        .map(drop)
        .with_context(|| format!("cannot listen on {address}; --listen ADDR names another address"))
}

/// Returns the URL at which a client on this machine finds the server.
fn base_url(listen: SocketAddr) -> String {
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_of_unspecified_address_is_loopback() {
        let url = |text: &str| base_url(text.parse().unwrap());
        assert_eq!(url("0.0.0.0:3000"), "http://127.0.0.1:3000");
        assert_eq!(url("[::]:80"), "http://[::1]:80");
        assert_eq!(url("10.0.0.7:81"), "http://10.0.0.7:81");
    }

    #[test]
    fn ensure_free_of_taken_address_fails() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = ensure_free(taken.local_addr().unwrap()).unwrap_err();
        assert!(error.to_string().contains("cannot listen on"), "{error}");
    }
}
