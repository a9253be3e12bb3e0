//! Which program the hosts are.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use tokio::{process::Command, sync::OnceCell};

/// The program of the local host.
const LOCAL_HOST: &str = "local-host";

/// The program that serves applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The project's own local host.
    LocalHost,
    /// The `spin` on `PATH`.
    Spin,
}

impl Program {
    /// Returns the one that `TEST_HOST` names, which is the local host by default.
    pub fn chosen() -> Self {
        match env::var("TEST_HOST").as_deref() {
            Err(_) | Ok("" | "local") => Self::LocalHost,
            Ok("spin") => Self::Spin,
            Ok(other) => panic!("TEST_HOST is `spin` or `local`, not `{other}`"),
        }
    }

    /// Returns a command that serves, without any option yet.
    pub(crate) async fn command(self) -> Vec<String> {
        match self {
            Self::LocalHost => {
                build().await;
                let path = programs().join(LOCAL_HOST);
                vec![path.to_str().expect("a path in UTF-8").to_owned()]
            }
            Self::Spin => vec!["spin".to_owned(), "up".to_owned()],
        }
    }
}

/// Builds the local host: cargo does not build the programs of one package for another's tests.
async fn build() {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    let build = async || {
        // The whole workspace and a test are selected, so that dependencies have the features that
        // they have in the tests and are not built again.
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--workspace", "--bin", LOCAL_HOST])
            .args(["--test", "shutdown"])
            .args(["--profile", &profile()])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        // Build scripts that watch what cargo says of these tests' package would run again.
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

/// Returns the profile that these tests are built in: only `dev` has a folder of another name.
fn profile() -> String {
    match programs().file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// Returns the folder of programs, which lies above that of tests.
fn programs() -> PathBuf {
    let test = env::current_exe().expect("this program");
    let folder = test.ancestors().nth(2).map(Path::to_owned);
    folder.expect("the folder of programs")
}
