//! Requests as bytes, which no client would send.

mod framing;
mod size;
mod target;

use test_support::{order::ORDER_EMAIL, tokens};

/// Returns the head of a request with valid credentials and this framing.
fn head(framing: &str) -> String {
    let token = tokens::bearer();
    format!(
        "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
}
