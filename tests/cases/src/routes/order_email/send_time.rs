//! `requestedSendTime`.

use serde_json::json;
use test_support::{
    Host, assert_rows, case, clock,
    order::{order, order_with, registered},
};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{accepted, outcome, rejected};

#[case]
async fn send_time_is_stored_in_utc(host: &Host) {
    let mut rows = Vec::new();
    for (time, utc) in [
        ("2030-01-31T08:00:00+01:00", "2030-01-31T07:00:00Z"),
        ("2030-01-31T08:00:00Z", "2030-01-31T08:00:00Z"),
        ("2030-01-31T08:00Z", "2030-01-31T08:00:00Z"),
        ("2030-01-31T08:00+01:00", "2030-01-31T07:00:00Z"),
        ("2030-01-31T00:30:00-05:30", "2030-01-31T06:00:00Z"),
        ("2030-01-01T00:00:00+14:00", "2029-12-31T10:00:00Z"),
        ("2032-02-29T12:00:00+00:00", "2032-02-29T12:00:00Z"),
        ("2030-01-31T08:00:00.25+01:00", "2030-01-31T07:00:00.25Z"),
        (
            "2030-01-31T08:00:00.1234567Z",
            "2030-01-31T08:00:00.1234567Z",
        ),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ] {
        let order = registered(host, &order_with(json!({ "requestedSendTime": time }))).await;
        let got = order["requestedSendTime"].clone();
        rows.push((time, instant(&got), instant(&json!(utc))));
        let text = got.as_str().expect("a text");
        assert!(text.ends_with('Z'), "{time} is answered as {text}");
    }
    assert_rows(rows);
}

#[case]
async fn send_time_defaults_to_now(host: &Host) {
    let before = clock::now();
    let order = registered(host, &order()).await;
    let after = clock::now();
    let (time, created) = (
        instant(&order["requestedSendTime"]),
        instant(&order["created"]),
    );
    let around = Duration::seconds(5);
    for time in [time, created] {
        assert!(before - around <= time && time <= after + around, "{order}");
    }
}

#[case]
async fn send_time_that_is_not_a_date_time_is_400(host: &Host) {
    let mut rows = Vec::new();
    for time in [
        "",
        " ",
        "now",
        "08:00:00Z",
        "2030",
        "2030-01",
        "31.01.2030 08:00",
        "2030-00-31T08:00:00Z",
        "2030-13-31T08:00:00Z",
        "2030-02-30T08:00:00Z",
        "2031-02-29T08:00:00Z",
        "2030-01-31T25:00:00Z",
        "2030-01-31T08:60:00Z",
        "2030-01-31 08:00:00Z",
        "2030-01-31T08Z",
        "20300131T080000Z",
        "2030-01-31T08:00:00.Z",
        "2030-01-31T08:00:00+0100",
        "2030-01-31T08:00:00+01",
        "2030-01-31T08:00:00 +01:00",
        "2030-01-31T08:00:00ZZ",
        "Thu, 31 Jan 2030 08:00:00 GMT",
        "2030-01-31T08:00:00Z\0",
        "２０３０-01-31T08:00:00Z",
        "1900000000",
    ] {
        let order = order_with(json!({ "requestedSendTime": time }));
        rows.push((
            time,
            outcome(host, &order).await,
            rejected(["$.requestedSendTime"]),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn send_time_without_zone_is_400(host: &Host) {
    let mut rows = Vec::new();
    for time in [
        "2030-01-31",
        "2030-01-31T08:00",
        "2030-01-31T08:00:00",
        "2030-01-31T08:00:00.25",
    ] {
        let order = order_with(json!({ "requestedSendTime": time }));
        rows.push((
            time,
            outcome(host, &order).await,
            rejected(["RequestedSendTime"]),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn send_time_more_than_five_minutes_ago_is_400(host: &Host) {
    let oslo_in_summer = UtcOffset::from_hms(2, 0, 0).unwrap();
    let mut rows = Vec::new();
    // Far enough from the limit for a host with another clock.
    for (seconds, expected) in [
        (-4 * 60, accepted()),
        (-6 * 60, rejected(["RequestedSendTime"])),
        (-24 * 3600, rejected(["RequestedSendTime"])),
        (60, accepted()),
        (20 * 365 * 24 * 3600, accepted()),
    ] {
        let time = clock::now() + Duration::seconds(seconds);
        for time in [time, time.to_offset(oslo_in_summer)] {
            let time = clock::text(time);
            let order = order_with(json!({ "requestedSendTime": time }));
            rows.push((
                format!("{seconds:+} s, {time}"),
                outcome(host, &order).await,
                expected.clone(),
            ));
        }
    }
    let ancient = order_with(json!({ "requestedSendTime": "0001-01-01T00:00:00Z" }));
    rows.push((
        "year 1".to_owned(),
        outcome(host, &ancient).await,
        rejected(["RequestedSendTime"]),
    ));
    assert_rows(rows);
}

#[track_caller]
fn instant(value: &serde_json::Value) -> OffsetDateTime {
    let text = value.as_str().expect("a text");
    OffsetDateTime::parse(text, &Rfc3339).unwrap_or_else(|error| panic!("{text}: {error}"))
}
