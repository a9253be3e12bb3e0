//! A standard library for the target, built here and kept.
//!
//! What is in `target/toolchain/<compiler>/` is whole: it is made in a folder
//! beside it, stamped with the compiler's identity last, and then moved there.

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
use crate::{process::Logged, progress::Step, project};

/// Names how a sysroot is made: a change of this file's steps is a new number.
const RECIPE: u32 = 1;
/// How the folder of a build under way begins.
const WORKSHOP: &str = ".making-";
/// What the C library contributes.
const START_FILES: [&str; 3] = ["libc.a", "crt1-command.o", "crt1-reactor.o"];
const BUILD_LIMIT: Duration = Duration::from_mins(30);

/// A whole sysroot, and the compiler that it is for.
pub(crate) struct Sysroot {
    pub(super) rustc: Rustc,
    pub(super) path: PathBuf,
}

impl Sysroot {
    /// The sysroot made for exactly this compiler, if there is one.
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

    /// Builds the standard library; replaces one of another compiler.
    pub(super) fn make(source: &Source, log: &mut Logged) -> Result<Self> {
        clear_workshops()?;
        let workshop = tempfile::Builder::new()
            .prefix(WORKSHOP)
            .tempdir_in(folder()?)?;
        let libraries = build(source, workshop.path(), log)?;

        let made = workshop.path().join("sysroot");
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

/// Held while a toolchain is set up: two runs at once do it once.
pub(super) fn lock() -> Result<File> {
    let lock = File::create(folder()?.join(".lock"))?;
    if lock.try_lock().is_err() {
        let step = Step::start("Waiting for another run that sets up the compiler");
        lock.lock()?;
        step.done();
    }
    Ok(lock)
}

/// Removes what runs left that were killed; whoever calls holds the lock. What
/// cannot be removed yet is removed the next time.
fn clear_workshops() -> Result<()> {
    for entry in folder()?.read_dir()? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(WORKSHOP) {
            let _next_time = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Compiles the standard library as the dependency of an empty crate, and
/// returns the folder it is in.
fn build(source: &Source, workshop: &Path, log: &mut Logged) -> Result<PathBuf> {
    let package = workshop.join("empty");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    // A workspace of its own, although it is inside the project's folder.
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest)?;

    let step = Step::start(format!(
        "Compiling the standard library of rustc {}",
        source.rustc.version
    ));
    log.run(
        Command::new(&source.cargo)
            .args(["build", "--release", "-Zbuild-std=std,panic_abort"])
            .args(["--target", TARGET, "--target-dir"])
            .arg(workshop.join("target"))
            .current_dir(&package)
            .env("RUSTC", &source.rustc.program)
            .env("RUSTC_BOOTSTRAP", "1")
            // Without it a component built with `lto` could not take the library in.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        &step,
        BUILD_LIMIT,
    )?;
    step.done();
    Ok(workshop.join("target").join(TARGET).join("release/deps"))
}

/// Copies the files of a folder whose names are wanted.
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
