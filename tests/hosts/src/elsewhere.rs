//! A host that is already up, at `BASE_URL`.

use std::env;

use test_support::left_out;

/// Returns the host and port of `BASE_URL`, if it is set.
pub(crate) fn authority() -> Option<String> {
    let url = env::var("BASE_URL").ok()?;
    assert!(
        env::var_os("ISSUER_KEYS").is_some(),
        "BASE_URL needs ISSUER_KEYS: the folder with the keys of the issuers that are trusted there"
    );
    let authority = url
        .strip_prefix("http://")
        .map(|rest| rest.trim_end_matches('/'));
    match authority {
        Some(authority) if !authority.contains('/') => Some(authority.to_owned()),
        _ => panic!("BASE_URL is to be http://host:port, not {url}"),
    }
}

/// Leaves the test out if `BASE_URL` is set: it needs a host of its own.
pub(crate) fn leave_out_elsewhere() {
    if authority().is_some() {
        left_out("it starts its own host, and BASE_URL names one");
    }
}
