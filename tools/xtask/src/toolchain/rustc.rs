//! Asks a Rust compiler for its version and for what is installed with it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use cargo_metadata::semver::Version;

use super::TARGET;
use crate::process;

/// A compiler.
#[derive(Debug, Clone)]
pub(crate) struct Rustc {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its version.
    pub(crate) version: Version,
    /// The platform that it runs on.
    pub(crate) host: String,
    /// The output of `rustc -vV`. Compilers with the same output can read each other's libraries.
    pub(crate) identity: String,
    /// The folder of its libraries and tools.
    pub(crate) sysroot: PathBuf,
}

impl Rustc {
    /// Returns the compiler that cargo uses: `RUSTC`, else the one on `PATH`.
    pub(crate) fn current() -> Result<Self> {
        let program = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let program = which::which(&program)
            .with_context(|| format!("finding {}", program.to_string_lossy()))?;
        Self::at(program)
    }

    /// Returns the compiler at this path.
    pub(crate) fn at(program: PathBuf) -> Result<Self> {
        let identity = process::output(Command::new(&program).arg("-vV"))?;
        let field = |name: &str| {
            let line = identity.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim)
                .with_context(|| format!("{} -vV states no {name}", program.display()))
        };
        let version = Version::parse(field("release:")?)?;
        let host = field("host:")?.to_owned();
        let sysroot = process::output(Command::new(&program).args(["--print", "sysroot"]))?;
        Ok(Self {
            version,
            host,
            sysroot: sysroot.trim().into(),
            identity,
            program,
        })
    }

    /// Returns whether this compiler has a standard library for the components' target.
    pub(crate) fn has_target(&self) -> Result<bool> {
        let libraries = process::output(Command::new(&self.program).args([
            "--print",
            "target-libdir",
            "--target",
            TARGET,
        ]))?;
        Ok(holds_std(Path::new(libraries.trim())))
    }

    /// Returns whether the source of this compiler's standard library is installed.
    pub(crate) fn has_library_source(&self) -> bool {
        self.sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .is_file()
    }

    /// Returns the folders of the linkers for WebAssembly, if they came with this compiler.
    pub(crate) fn linker_folders(&self) -> Vec<PathBuf> {
        let tools = self
            .sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("bin");
        let folders = [tools.join("gcc-ld"), tools];
        folders.into_iter().filter(|path| path.is_dir()).collect()
    }
}

/// Returns whether a folder contains the standard library.
pub(crate) fn holds_std(libraries: &Path) -> bool {
    let Ok(entries) = libraries.read_dir() else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}
