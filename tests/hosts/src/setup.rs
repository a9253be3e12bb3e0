//! What a host is started with.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use local_host::{Options, Output, Storage};
use toml::{Table, toml};

use crate::Program;

/// What a host is started with, in terms that the local host and Spin share.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The manifest of the application.
    pub manifest: PathBuf,
    /// Values of the application's variables.
    pub variables: BTreeMap<String, String>,
    /// The folder that the state is kept in; without one it is kept in memory.
    pub state: Option<PathBuf>,
    /// How many requests an instance serves, if not as many as by default.
    pub requests_per_instance: Option<usize>,
    /// How long an instance waits for another request, if not as long as by default.
    pub idle: Option<Duration>,
    /// Whether outbound connections to private networks are refused.
    pub blocks_private_networks: bool,
}

impl Setup {
    /// Serves an application with the host's defaults and its state in memory.
    #[must_use]
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            variables: BTreeMap::new(),
            state: None,
            requests_per_instance: None,
            idle: None,
            blocks_private_networks: false,
        }
    }

    /// Sets variables.
    #[must_use]
    pub fn with<N: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.variables
            .extend(variables.map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Keeps the state in a folder.
    #[must_use]
    pub fn on_disk(mut self, state: impl Into<PathBuf>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Lets an instance serve this many requests.
    #[must_use]
    pub fn with_requests_per_instance(mut self, count: usize) -> Self {
        self.requests_per_instance = Some(count);
        self
    }

    /// Returns the options of a local host in this process.
    pub(crate) fn options(&self, logs: &Path) -> Options {
        let mut options = Options::new(&self.manifest);
        options.variables.clone_from(&self.variables);
        options.output = Output {
            terminal: false,
            directory: Some(logs.to_owned()),
            broken: false,
        };
        if let Some(state) = &self.state {
            options.storage = Storage::Directory(state.clone());
        }
        if let Some(count) = self.requests_per_instance {
            options.reuse.count = count;
        }
        if let Some(idle) = self.idle {
            options.reuse.idle = idle;
        }
        options.block_private_networks = self.blocks_private_networks;
        options
    }

    /// Returns the arguments of a host in a process of its own, which keeps what it needs for
    /// itself in `folder`.
    pub(crate) fn arguments(&self, program: Program, folder: &Path, logs: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![
            "--from".into(),
            self.manifest.clone().into(),
            "--listen".into(),
            "127.0.0.1:0".into(),
            "--log-dir".into(),
            logs.into(),
            "--quiet".into(),
            "--state-dir".into(),
            self.state.as_deref().unwrap_or(folder).into(),
        ];
        if let Some(count) = self.requests_per_instance {
            let count = count.to_string();
            arguments.extend(["--max-instance-reuse-count".into(), count.into()]);
        }
        if let Some(idle) = self.idle {
            let idle = format!("{}ms", idle.as_millis());
            arguments.extend(["--idle-instance-timeout".into(), idle.into()]);
        }
        match program {
            Program::LocalHost => {
                if self.state.is_none() {
                    arguments.push("--memory".into());
                }
                if self.blocks_private_networks {
                    arguments.extend(["--block-networks".into(), "private".into()]);
                }
            }
            Program::Spin => {
                let file = folder.join("runtime-config.toml");
                let written = std::fs::write(&file, self.runtime_configuration().to_string());
                written.expect("a runtime configuration file");
                arguments.extend(["--runtime-config-file".into(), file.into()]);
                // What it puts there is removed, however it ends. An option of `spin up` itself
                // comes before those of its HTTP trigger.
                arguments.splice(0..0, ["--temp".into(), folder.into()]);
            }
        }
        arguments
    }

    /// Returns the content of Spin's runtime configuration file.
    fn runtime_configuration(&self) -> Table {
        let mut all = Table::new();
        if self.state.is_none() {
            // A store of the type `spin` without a path lives in memory.
            all.extend(toml! {
                [key_value_store.default]
                type = "spin"
            });
        }
        if self.blocks_private_networks {
            all.extend(toml! {
                [outbound_networking]
                block_networks = ["private"]
            });
        }
        all
    }
}
