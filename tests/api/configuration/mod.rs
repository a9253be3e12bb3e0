//! The variables: what each changes, and that one that does not parse never lets anybody in.

mod entries;
mod invalid;
mod issuers;
mod values;
