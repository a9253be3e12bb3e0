//! Unusual and malformed requests: each gets an answer, and the next request is served.

mod bodies;
mod headers;
mod paths;
mod traces;
