//! Lints the served OpenAPI document, and tests the clients that generators make from it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use cargo_metadata::semver::Version;

use super::{served::Served, steps::StepResult};
use crate::{process, process::Logged, progress::Progress, project, python};

/// The files of the TypeScript client beside its lock file.
const TYPESCRIPT_FILES: [&str; 4] = [
    "client.test.ts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
];
const INSTALL_LIMIT: Duration = Duration::from_mins(10);

/// The oldest Node.js that Redocly 2.77 runs on.
const MIN_NODE: Version = Version::new(20, 19, 0);

/// The programs of both languages.
pub(super) struct Programs {
    python: PathBuf,
    /// A copy of the TypeScript project under `target/`, with its dependencies installed.
    typescript: PathBuf,
}

/// Installs the generators, linters and libraries.
pub(super) fn ready() -> Result<Programs> {
    Ok(Programs {
        python: python::programs("clients")?,
        typescript: install_typescript()?,
    })
}

pub(super) fn run(programs: Programs) -> Result<StepResult> {
    let served = Served::start()?;
    let document = format!("{}/openapi.json", served.url);
    let typescript = TypeScript {
        folder: &programs.typescript,
    };
    let lint = project::root().join("tests/clients/lint");

    let mut redocly = typescript.program("redocly");
    redocly.arg("lint").arg(&document).arg("--config");
    process::run(redocly.arg(lint.join("redocly.yaml")))?;
    let mut spectral = typescript.program("spectral");
    spectral.arg("lint").arg(&document).arg("--ruleset");
    spectral.arg(lint.join("spectral.yaml"));
    process::run(spectral.args(["--fail-severity", "warn"]))?;

    typescript.test(&served, &document)?;
    test_python(&programs.python, &served, &document)?;
    Ok(StepResult::Passed)
}

fn install_typescript() -> Result<PathBuf> {
    let npm = which::which("npm").context("npm is not installed")?;
    check_node()?;
    let from = project::root().join("tests/clients/typescript");
    let folder = project::target().join("clients/typescript");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for name in TYPESCRIPT_FILES {
        let file = from.join(name);
        fs::copy(&file, folder.join(name))
            .with_context(|| format!("copying {}", file.display()))?;
    }
    // Written last, so that an interrupted installation starts again.
    let installed = folder.join("installed.json");
    let wanted = fs::read_to_string(folder.join("package-lock.json"))?;
    if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    let mut log = Logged::create(project::log("npm"))?;
    let progress = Progress::start("Installing the TypeScript client's dependencies from npm");
    let mut install = Command::new(npm);
    install
        // No package may run code when it is installed.
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    log.run(&mut install, &progress, INSTALL_LIMIT)?;
    progress.done();
    fs::write(&installed, wanted)?;
    Ok(folder)
}

fn check_node() -> Result<()> {
    let node = which::which("node").context("Node.js is not installed")?;
    let version = process::output(Command::new(node).arg("--version"))?;
    let version = version.trim().trim_start_matches('v');
    let found = Version::parse(version).with_context(|| format!("Node.js is \"{version}\""))?;
    ensure!(
        found >= MIN_NODE,
        "Node.js {MIN_NODE} or later is needed, and {found} is installed"
    );
    Ok(())
}

/// The TypeScript project.
struct TypeScript<'a> {
    folder: &'a Path,
}

impl TypeScript<'_> {
    /// Returns a command that runs a program of the project's dependencies.
    fn program(&self, name: &str) -> Command {
        let mut program = Command::new(self.folder.join("node_modules/.bin").join(name));
        program.current_dir(self.folder);
        // Redocly would send usage data and look for updates.
        program.env("REDOCLY_TELEMETRY", "off");
        program.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        program
    }

    /// Generates the types, and compiles and runs the test.
    fn test(&self, served: &Served, document: &str) -> Result<()> {
        let mut generate = self.program("openapi-typescript");
        process::run(generate.args([document, "--output", "schema.d.ts"]))?;
        process::run(&mut self.program("tsc"))?;
        let mut test = Command::new("node");
        test.current_dir(self.folder);
        test.args(["--test", "built/client.test.js"]);
        process::run(
            test.env("BASE_URL", &served.url)
                .envs(served.credentials.clone()),
        )
    }
}

/// Generates the client, and runs the test.
fn test_python(programs: &Path, served: &Served, document: &str) -> Result<()> {
    let folder = project::target().join("clients/python");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut generate = Command::new(programs.join("openapi-python-client"));
    generate.args([
        "generate",
        "--meta",
        "none",
        "--overwrite",
        "--fail-on-warning",
        "--url",
        document,
    ]);
    generate.arg("--config");
    generate.arg(project::root().join("tests/clients/generator.yaml"));
    generate.arg("--output-path");
    process::run(generate.arg(folder.join("email_orders_client")))?;
    let mut pytest = python::pytest("clients", programs);
    pytest
        .arg("test_python_client.py")
        .env("PYTHONPATH", &folder)
        .env("BASE_URL", &served.url)
        .envs(served.credentials.clone());
    process::run(&mut pytest)
}
