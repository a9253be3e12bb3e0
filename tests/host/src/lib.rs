//! The local host.
