//! `PUT /order/{id}/cancel`

use serde_json::json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{
    Call, assert_rows,
    order::{accepted, order_with},
    shared, tokens,
};

#[tokio::test]
async fn an_order_can_be_cancelled_until_five_minutes_before_its_send_time() {
    let host = shared().await;
    let mut rows = Vec::new();
    for (ahead, status) in [(Duration::minutes(4), 409), (Duration::minutes(7), 200)] {
        let time = (OffsetDateTime::now_utc() + ahead)
            .format(&Rfc3339)
            .unwrap();
        let id = accepted(host, &order_with(json!({ "requestedSendTime": time }))).await;
        let call = Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer());
        let answer = call.send(host).await;
        if status == 409 {
            answer.problem();
        }
        rows.push((format!("{ahead} ahead"), answer.status.as_u16(), status));
    }
    assert_rows(rows);
}
