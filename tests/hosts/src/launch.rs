//! What a host is started with.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use local_host::{Call, Fault, LookUps, Options, Output, Phase, Storage};
use test_support::{ClaimFault, Setup, State};
use toml::{Table, toml};

use crate::{Folder, Program};

/// The application as it is shipped.
pub const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml");

/// What a real host is started with, in terms that the local host and Spin share.
#[derive(Clone, Debug)]
#[must_use]
pub struct Launch {
    /// The manifest of the application.
    pub manifest: PathBuf,
    /// Values of the application's variables.
    pub variables: BTreeMap<String, String>,
    /// The folder of the state; without one the state is in memory.
    pub state: Option<Arc<Folder>>,
    /// How many requests an instance serves, if not as many as by default.
    pub requests_per_instance: Option<usize>,
    /// How long an instance waits for another request, if not as long as by default.
    pub idle: Option<Duration>,
    /// Whether outbound connections to private networks are refused.
    pub blocks_private_networks: bool,
}

impl Launch {
    /// Serves an application with the host's defaults and its state in memory.
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

    /// Serves the shipped application with this setup.
    pub fn of(setup: &Setup) -> Self {
        let folder = |state: Arc<dyn State>| {
            let state: Arc<dyn std::any::Any + Send + Sync> = state;
            state.downcast::<Folder>().expect("a state folder")
        };
        Self {
            variables: setup.variables.clone(),
            state: setup.state.clone().map(folder),
            requests_per_instance: setup.requests_per_instance,
            // Instances live on while a busy machine delays the next request.
            idle: Some(Duration::from_mins(1)),
            ..Self::new(MANIFEST)
        }
    }

    /// Sets variables.
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
    pub fn on(mut self, state: &Arc<Folder>) -> Self {
        self.state = Some(Arc::clone(state));
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
            options.storage = Storage::Directory(state.path().to_owned());
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

    /// Returns the arguments of a host process, which keeps its own files in `folder`.
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
            self.state
                .as_ref()
                .map_or(folder, |state| state.path())
                .into(),
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
                // `spin up` takes its own options before those of the HTTP trigger.
                arguments.splice(0..0, ["--temp".into(), folder.into()]);
            }
        }
        arguments
    }

    /// Returns the content of Spin's runtime configuration file.
    fn runtime_configuration(&self) -> Table {
        let mut all = Table::new();
        if self.state.is_none() {
            // A store of the type `spin` without a path is in memory.
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

/// Sets what a setup asks for that only the local host has.
pub(crate) fn adjust(setup: &Setup, options: &mut Options) {
    for name in &setup.local_names {
        options
            .names
            .insert(name.clone(), Ipv4Addr::LOCALHOST.into());
    }
    options.look_ups = match &setup.look_ups {
        None => LookUps::default(),
        Some(test_support::LookUps::Hanging) => LookUps::Hanging,
        Some(test_support::LookUps::Known(names)) => LookUps::Known(Arc::new(names.clone())),
    };
    if let Some(fault) = setup.claim_fault.clone() {
        options.hook = Some(Arc::new(move |moment| {
            let fault = fault_at(&fault, moment.call, moment.phase);
            Box::pin(async move { fault })
        }));
    }
}

/// Lets the atomic operations fail, by which `claims/atomics` decides.
fn fault_at(fault: &ClaimFault, call: Call, phase: Phase) -> Fault {
    let is_atomic = matches!(call, Call::Increment | Call::CasSwap);
    let fails_at = if fault.after_effect {
        Phase::After
    } else {
        Phase::Before
    };
    if is_atomic && phase == fails_at && fault.switch.load(SeqCst) {
        Fault::Fail("injected failure".to_owned())
    } else {
        Fault::None
    }
}
