//! The program of the hosts.

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
    /// Returns the program that `TEST_HOST` names, by default the local host.
    pub fn chosen() -> Self {
        match env::var("TEST_HOST").as_deref() {
            Err(_) | Ok("" | "local") => Self::LocalHost,
            Ok("spin") => Self::Spin,
            Ok(other) => panic!("TEST_HOST is `spin` or `local`, not `{other}`"),
        }
    }

    /// Returns the command that serves, without options.
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

/// Builds the local host: cargo does not build a program of one package for the tests of another.
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
        // Build scripts that depend on variables of this package would run again.
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

/// Returns the profile of these tests. The folder of `dev` has another name.
fn profile() -> String {
    match programs().file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// Returns the folder of programs, the parent of the folder of tests.
fn programs() -> PathBuf {
    let test = env::current_exe().expect("this program");
    let folder = test.ancestors().nth(2).map(Path::to_owned);
    folder.expect("the folder of programs")
}
