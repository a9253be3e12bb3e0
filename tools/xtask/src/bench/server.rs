//! Runs a server to measure, in a process group of its own that ends with this task.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::CommandExt as _,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use tempfile::TempDir;

use super::{Storage, fixtures::Fixtures, load::Request, subject::Subject};
use crate::{process, up::serving::stop_with_parent};

/// Allows for a first start, which compiles the component, on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(3);
const STOP_LIMIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// A running server.
pub(super) struct MeasuredServer {
    pub(super) address: SocketAddr,
    stats: SocketAddr,
    child: Child,
    agent: ureq::Agent,
    // Held, and removed with the server.
    _folder: TempDir,
}

/// The counts of the local host.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HostCounts {
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) fuel: Vec<Fuel>,
    pub(super) peak_memory: u64,
}

/// The fuel of one request.
#[derive(Deserialize)]
pub(super) struct Fuel {
    pub(super) spent: u64,
}

impl MeasuredServer {
    /// Starts a server on an empty store; it answers when this returns. Only the local host has
    /// counts.
    pub(super) fn start(
        fixtures: &Fixtures,
        subject: Subject,
        storage: Storage,
        options: &[&str],
    ) -> Result<Self> {
        let folder = tempfile::tempdir_in(&fixtures.folder)?;
        let [address, stats] = free_addresses()?;
        let mut options: Vec<OsString> = options.iter().map(OsString::from).collect();
        if fixtures.host.is_local() {
            options.extend(["--stats".into(), stats.to_string().into()]);
        }
        let mut command = subject.command(fixtures, address, storage, folder.path(), &options)?;
        let log = fixtures.folder.join(format!("{subject}.log"));
        let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        command.stdout(file.try_clone()?).stderr(file);
        // With it wasmtime captures a backtrace for each error, which slows hosts down.
        command.env_remove("RUST_BACKTRACE");
        command.process_group(0);
        stop_with_parent(&mut command);
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", process::shown(&command)))?;
        let mut server = Self {
            address,
            stats,
            child,
            agent: agent(),
            _folder: folder,
        };
        server
            .wait()
            .with_context(|| format!("the {subject}; its log is {}", log.display()))?;
        Ok(server)
    }

    /// Returns the process's id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resets the counts.
    pub(super) fn reset_counts(&self) -> Result<()> {
        let url = format!("http://{}/", self.stats);
        self.agent.delete(url).call()?;
        Ok(())
    }

    /// Returns the counts.
    pub(super) fn counts(&self) -> Result<HostCounts> {
        let url = format!("http://{}/", self.stats);
        let text = self.agent.get(url).call()?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Sends one request, and returns the body of the response.
    pub(super) fn send(&self, request: &Request) -> Result<String> {
        let url = format!("http://{}{}", self.address, request.path);
        let mut call = ureq::http::Request::builder()
            .method(request.method)
            .uri(url);
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        let mut answer = self.agent.run(call.body(request.body.clone())?)?;
        Ok(answer.body_mut().read_to_string()?)
    }

    fn wait(&mut self) -> Result<()> {
        let url = format!("http://{}/health", self.address);
        let started = Instant::now();
        loop {
            let Err(error) = self.agent.get(&url).call() else {
                return Ok(());
            };
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if started.elapsed() > START_LIMIT {
                bail!(
                    "the server did not answer within {} s: {error}",
                    START_LIMIT.as_secs()
                );
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for MeasuredServer {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let begun = Instant::now();
        // The signal fails if the group has ended.
        while matches!(self.child.try_wait(), Ok(None)) {
            let signal = if begun.elapsed() < STOP_LIMIT {
                Signal::TERM
            } else {
                Signal::KILL
            };
            _ = kill_process_group(group, signal);
            thread::sleep(PAUSE);
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30)));
    ureq::Agent::new_with_config(config.build())
}

/// Returns different addresses that are free.
fn free_addresses<const N: usize>() -> Result<[SocketAddr; N]> {
    let mut listeners = Vec::new();
    let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); N];
    for address in &mut addresses {
        let listener = TcpListener::bind(*address)?;
        *address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok(addresses)
}
