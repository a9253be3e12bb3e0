//! The variables. An invalid one never authorizes a request.

mod entries;
mod invalid;
mod issuers;
mod values;
