//! The benchmark's floor: the smallest component that stores something. It makes one durable `set` a
//! request, under a unique key, and answers with `Content-Length`. It reads and checks nothing, and
//! opens the store once.

#[cfg(target_family = "wasm")]
mod component;
