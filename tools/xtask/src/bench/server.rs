//! A server under measurement: a process group of its own that ends with this task.

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

/// A first start compiles the component, on a busy machine too.
const START_LIMIT: Duration = Duration::from_mins(3);
const STOP_LIMIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// A server that answers.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    stats: SocketAddr,
    child: Child,
    agent: ureq::Agent,
    // Held: it is removed with the server.
    _folder: TempDir,
}

/// What a host has counted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statistics {
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) fuel: Vec<Fuel>,
    pub(super) peak_memory: u64,
}

/// What one request has cost.
#[derive(Deserialize)]
pub(super) struct Fuel {
    pub(super) spent: u64,
}

impl Server {
    /// Starts it on an empty store; it answers when this returns. Only the local host has
    /// statistics.
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
        // With it, hosts unwind their stack for each error that they make, and that is not rare.
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

    /// The process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has the counts begin at zero.
    pub(super) fn forget(&self) -> Result<()> {
        let url = format!("http://{}/", self.stats);
        self.agent.delete(url).call()?;
        Ok(())
    }

    /// What was counted.
    pub(super) fn statistics(&self) -> Result<Statistics> {
        let url = format!("http://{}/", self.stats);
        let text = self.agent.get(url).call()?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Sends one request; returns the content of the answer.
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
                bail!("it ended with {status}");
            }
            if started.elapsed() > START_LIMIT {
                bail!(
                    "it did not answer within {} s: {error}",
                    START_LIMIT.as_secs()
                );
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let begun = Instant::now();
        // That it is gone says the child; a group that is gone cannot be told to go.
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

/// Addresses that nobody listens on, all different.
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
