//! Request targets.

use test_hosts::{RawConnection, shared_authority};
use test_support::case;

#[case]
async fn absolute_target_is_served() {
    let mut connection = RawConnection::open(shared_authority().await).await;
    connection
        .send("GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    connection.answer("an absolute target").await.expect(200);
}
