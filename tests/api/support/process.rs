//! The local host as a process of its own, which signals end.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    sync::OnceCell,
    time::timeout,
};

use super::{
    Host,
    call::PATIENCE,
    host::{MANIFEST, left_out},
    tokens::trusted,
};

const PROGRAM: &str = "local-host";

/// The trigger key of hosts that have one.
pub(crate) const TRIGGER_KEY: &str = "a-key-for-tests";

/// A host in a process of its own. Dropping it kills it.
pub(crate) struct HostProcess {
    pub(crate) host: Host,
    child: Child,
    // Held, so that the process does not write to nobody.
    _output: Lines<BufReader<ChildStdout>>,
}

impl HostProcess {
    /// Starts it on a state folder; it is ready when this is.
    ///
    /// None where the tests run against a host elsewhere: the test is then left out, and says so.
    pub(crate) async fn start(state: &Path) -> Option<Self> {
        if left_out() {
            return None;
        }
        build().await;
        let mut child = Command::new(programs().join(PROGRAM))
            .args(["--manifest", MANIFEST, "--listen", "127.0.0.1:0", "--quiet"])
            .arg("--state-dir")
            .arg(state)
            .envs(trusted().environment())
            .env("SPIN_VARIABLE_TRIGGER_KEY", TRIGGER_KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the local host starts");
        let stdout = child.stdout.take().expect("its output");
        let mut output = BufReader::new(stdout).lines();
        let authority = timeout(PATIENCE, announced(&mut output))
            .await
            .expect("the local host says where it serves");
        Some(Self {
            host: Host::at(authority),
            child,
            _output: output,
        })
    }

    /// Asks it to end, waits until it has, and says whether it calls that a success.
    pub(crate) async fn terminate(self) -> bool {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// Ends it in the middle of what it is doing.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Waits until it has ended, and says whether it calls that a success.
    pub(crate) async fn ended(mut self) -> bool {
        let status = timeout(PATIENCE, self.child.wait()).await;
        status
            .expect("the local host ends")
            .expect("its exit status")
            .success()
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| id.try_into().ok());
        let id = id.and_then(Pid::from_raw).expect("a process that runs");
        kill_process(id, signal).expect("a signal to a child");
    }
}

/// The host and port of the line `Serving http://…`.
async fn announced(output: &mut Lines<BufReader<ChildStdout>>) -> String {
    while let Some(line) = output.next_line().await.expect("text") {
        if let Some(authority) = line.strip_prefix("Serving http://") {
            return authority.to_owned();
        }
    }
    panic!("the local host ended before it served");
}

/// Tests of one package do not build the programs of another.
async fn build() {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    let build = async || {
        // Of the whole workspace, as its tests are: so its dependencies are those built already.
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--workspace", "--bin", PROGRAM])
            .args(["--profile", &profile()])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        // What cargo says of these tests' package has build scripts run again that watch it.
        for (name, _) in env::vars() {
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(name);
            }
        }
        let status = cargo.status().await;
        assert!(status.expect("cargo").success(), "the local host builds");
    };
    BUILT.get_or_init(build).await;
}

/// The profile that these tests are built in: of all, only `dev` does not name its folder.
fn profile() -> String {
    match programs().file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// The folder of programs lies above that of tests.
fn programs() -> PathBuf {
    let test = env::current_exe().expect("this program");
    let folder = test.ancestors().nth(2).expect("the folder of programs");
    folder.to_owned()
}
