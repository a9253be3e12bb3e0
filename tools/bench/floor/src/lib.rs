//! The least that a component which stores something can do: one durable `set` for each request,
//! under a key of its own, and an answer with `Content-Length`. Nothing is read, checked or
//! looked up; the store is opened once.

#[cfg(target_family = "wasm")]
mod component;
