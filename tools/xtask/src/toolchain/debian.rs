//! Locates what Debian's packages install: a current compiler with the source of its own standard
//! library, and a C library for WebAssembly.

use std::path::{Path, PathBuf};

use super::rustc::Rustc;

/// The packages of Debian's current Rust, which Debian updates for its browsers.
pub(super) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", WASI_LIBC];
/// The C library that the standard one is linked with.
pub(super) const WASI_LIBC: &str = "wasi-libc";

/// The programs of these packages.
const RUSTC: &str = "/usr/bin/rustc";
pub(super) const CARGO: &str = "/usr/bin/cargo";
/// The folders of the C library: Debian's releases name the target differently.
const LIBC_FOLDERS: [&str; 2] = ["/usr/lib/wasm32-wasip2", "/usr/lib/wasm32-wasi"];

/// Returns Debian's compiler, if it is installed and works.
pub(super) fn rustc() -> Option<Rustc> {
    let program = Path::new(RUSTC);
    program.is_file().then(|| Rustc::at(program.into()).ok())?
}

/// Returns the folder of the C library, if it is installed.
pub(super) fn wasi_libc() -> Option<PathBuf> {
    let mut folders = LIBC_FOLDERS.iter().map(PathBuf::from);
    folders.find(|folder| folder.join("libc.a").is_file())
}
