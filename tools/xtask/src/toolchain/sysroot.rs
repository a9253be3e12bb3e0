//! Builds and keeps a standard library for the target.
//!
//! `target/toolchain/<compiler>/` is complete whenever it exists: it is built in a folder beside it,
//! stamped with the compiler's identity last, and then renamed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use cargo_metadata::semver::Version;

use super::{
    TARGET,
    rustc::{self, Rustc},
    stdlib::Source,
};
use crate::{process::Logged, progress::Progress, project};

/// The version of the build steps in this file, to be raised when they change.
const RECIPE: u32 = 1;
/// The prefix of the folder of a running build.
const BUILD_PREFIX: &str = ".making-";
/// The files of the C library.
const START_FILES: [&str; 3] = ["libc.a", "crt1-command.o", "crt1-reactor.o"];
const BUILD_LIMIT: Duration = Duration::from_mins(30);

/// A complete sysroot and its compiler.
pub(crate) struct Sysroot {
    pub(super) rustc: Rustc,
    pub(super) path: PathBuf,
}

impl Sysroot {
    /// Returns the sysroot that was built for exactly this compiler, if there is one.
    pub(super) fn made_for(rustc: &Rustc) -> Result<Option<Self>> {
        let path = place(&rustc.version);
        match fs::read_to_string(path.join("stamp")) {
            Ok(found) => Ok((found == stamp(rustc)).then(|| Self {
                rustc: rustc.clone(),
                path,
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Builds the standard library, and replaces that of another compiler.
    pub(super) fn make(source: &Source, log: &mut Logged) -> Result<Self> {
        remove_unfinished_builds()?;
        let scratch = tempfile::Builder::new()
            .prefix(BUILD_PREFIX)
            .tempdir_in(folder()?)?;
        let libraries = build(source, scratch.path(), log)?;

        let made = scratch.path().join("sysroot");
        let target = made.join("lib/rustlib").join(TARGET);
        copy(&libraries, &target.join("lib"), |name| {
            Path::new(name).extension().is_some_and(|end| end == "rlib")
        })?;
        copy(&source.libc, &target.join("lib/self-contained"), |name| {
            START_FILES.contains(&name)
        })?;
        if !rustc::holds_std(&target.join("lib")) {
            bail!("the build yielded no standard library");
        }
        fs::write(made.join("stamp"), stamp(&source.rustc))?;

        let path = place(&source.rustc.version);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        fs::rename(&made, &path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self {
            rustc: source.rustc.clone(),
            path,
        })
    }
}

/// Locks the set-up of a toolchain, so that two runs at once do it once.
pub(super) fn lock() -> Result<File> {
    let lock = File::create(folder()?.join(".lock"))?;
    if lock.try_lock().is_err() {
        let step = Progress::start("Waiting for another run that is setting up the compiler");
        lock.lock()?;
        step.done();
    }
    Ok(lock)
}

/// Removes the folders of builds that were killed. The caller holds the lock. A folder that cannot
/// be removed is removed the next time.
fn remove_unfinished_builds() -> Result<()> {
    for entry in folder()?.read_dir()? {
        let entry = entry?;
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with(BUILD_PREFIX)
        {
            let _next_time = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Compiles the standard library as the dependency of an empty crate, and returns its folder.
fn build(source: &Source, scratch: &Path, log: &mut Logged) -> Result<PathBuf> {
    let package = scratch.join("empty");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    // An empty [workspace] keeps the crate out of the project's workspace.
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest)?;

    let step = Progress::start(format!(
        "Compiling the standard library of rustc {}",
        source.rustc.version
    ));
    log.run(
        Command::new(&source.cargo)
            .args(["build", "--release", "-Zbuild-std=std,panic_abort"])
            .args(["--target", TARGET, "--target-dir"])
            .arg(scratch.join("target"))
            .current_dir(&package)
            .env("RUSTC", &source.rustc.program)
            .env("RUSTC_BOOTSTRAP", "1")
            // A component that is built with `lto` needs the library's bitcode.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        &step,
        BUILD_LIMIT,
    )?;
    step.done();
    Ok(scratch.join("target").join(TARGET).join("release/deps"))
}

/// Copies the files of a folder whose names `wanted` accepts.
fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(&wanted) {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}

fn folder() -> Result<PathBuf> {
    let folder = project::target().join("toolchain");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}

fn place(version: &Version) -> PathBuf {
    let folder = project::target().join("toolchain");
    folder.join(format!("rustc-{version}"))
}

fn stamp(rustc: &Rustc) -> String {
    let program = rustc.program.display();
    format!("recipe {RECIPE}\n{program}\n{}", rustc.identity)
}
