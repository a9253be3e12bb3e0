//! Debian's packages: a current compiler with the source of its own standard
//! library, and a C library for WebAssembly.

use std::path::{Path, PathBuf};

use super::rustc::Rustc;

/// Debian's current Rust, kept up to date for its browsers.
pub(super) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", WASI_LIBC];
/// The C library that the standard one is linked with.
pub(super) const WASI_LIBC: &str = "wasi-libc";

/// Where those packages put their programs.
const RUSTC: &str = "/usr/bin/rustc";
pub(super) const CARGO: &str = "/usr/bin/cargo";
/// Where the C library is, by the name that each release of Debian gives the target.
const LIBC_FOLDERS: [&str; 2] = ["/usr/lib/wasm32-wasip2", "/usr/lib/wasm32-wasi"];

/// Debian's compiler, where there is one that works.
pub(super) fn rustc() -> Option<Rustc> {
    let program = Path::new(RUSTC);
    program.is_file().then(|| Rustc::at(program.into()).ok())?
}

/// The folder of the C library, where it is installed.
pub(super) fn wasi_libc() -> Option<PathBuf> {
    let mut folders = LIBC_FOLDERS.iter().map(PathBuf::from);
    folders.find(|folder| folder.join("libc.a").is_file())
}
