//! Whatever is sent: an answer, a 4xx if anything is wrong with it, and the next request is served.

mod bodies;
mod framing;
mod headers;
mod paths;
mod traces;
