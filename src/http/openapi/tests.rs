//! The document is what is served, and it is true.

use expect_test::expect_file;

use super::*;

#[test]
fn is_what_is_served() {
    let mut text = serde_json::to_string_pretty(&document()).unwrap();
    text.push('\n');
    expect_file!["../../../docs/openapi.json"].assert_eq(&text);
}
