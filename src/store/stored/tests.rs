//! Values that each version has written, and the form of the present one.

use std::{collections::BTreeMap, fmt};

use futures_executor::block_on;
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::{
    order::{
        BlockedUntil, Condition, Creator, EmailAddress, Fingerprint, NewOrder, Notification,
        NotificationId, NotificationStatus as Status, Order, OrderId, OrderRequest, OrderState,
        ProcessingStatus, Progress,
    },
    store::{MemoryStore, Pace, Selection, SenderLimit, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A store that an earlier version has written, as text or as hexadecimal digits.
#[derive(Deserialize)]
struct Fixture {
    orders: BTreeMap<String, String>,
    values: BTreeMap<String, FixtureValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum FixtureValue {
    Text(String),
    Hex(String),
}

struct Opened {
    names: BTreeMap<String, OrderId>,
    store: &'static MemoryStore,
    stores: Stores<&'static MemoryStore>,
}

impl Opened {
    fn version_0() -> Self {
        let fixture: Fixture =
            serde_json::from_str(include_str!("../fixtures/version-0.json")).unwrap();
        let store: &'static MemoryStore = Box::leak(Box::default());
        for (key, value) in fixture.values {
            let value = match value {
                FixtureValue::Text(text) => text.into_bytes(),
                FixtureValue::Hex(digits) => {
                    let bytes = digits.as_bytes().chunks(2);
                    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
                    bytes.map(|pair| byte(pair).unwrap()).collect()
                }
            };
            store.state().values.insert(key, value);
        }
        let names = fixture.orders.into_iter();
        Self {
            names: names
                .map(|(name, id)| (name, OrderId::parse(&id).unwrap()))
                .collect(),
            store,
            stores: Stores::new(store),
        }
    }

    fn set(&self, key: &str, value: &[u8]) {
        self.store
            .state()
            .values
            .insert(key.to_owned(), value.to_vec());
    }

    fn order(&self, name: &str) -> Order {
        self.stores.orders.get(self.names[name]).unwrap().unwrap()
    }

    fn state(&self, name: &str) -> OrderState {
        self.stores.orders.state(&self.order(name)).unwrap()
    }

    fn notifications(&self, name: &str) -> Vec<Notification> {
        self.stores
            .deliveries
            .notifications(&self.order(name))
            .unwrap()
    }

    fn statuses(&self, name: &str) -> Vec<Status> {
        let notifications = self.notifications(name);
        notifications.iter().map(|one| one.status).collect()
    }
}

/// The order that a request asks for.
fn registered(request: &str, id: OrderId, creator: &str, created: &str, keyed: bool) -> Order {
    let request = OrderRequest::parse(request.as_bytes()).unwrap();
    NewOrder::validate(&request, at(created)).unwrap().register(
        id,
        Creator::new(creator).unwrap(),
        at(created),
        EmailAddress::parse("noreply@altinn.cloud").unwrap(),
        keyed.then(|| Fingerprint::of(&request)),
    )
}

fn request(recipients: &str, members: &str) -> String {
    format!(
        r#"{{"subject":"Hei $recipientName$","body":"Nr. $recipientNumber$","recipients":[{recipients}]{members}}}"#
    )
}

const NOW: &str = "2026-06-01T12:00:30Z";
const SOMEONE: &str = r#"{"emailAddress":"someone@example.no"}"#;

#[test]
fn version_0_orders_are_read() {
    let opened = Opened::version_0();
    let identifiers = r#"{"emailAddress":"Ærlig.Ågot@blåbær.no"},{"organizationNumber":"123456789"},
        {"nationalIdentityNumber":"16069412345"}"#;
    let full = r#","sendersReference":"case \"4711\" \\ æ","contentType":"html",
        "requestedSendTime":"2030-01-31T08:00:00.1234567+01:00","ignoreReservation":true,
        "resourceId":"urn:altinn:resource:my-service","resourceAction":"read",
        "conditionEndpoint":"https://api.example.no/send?id=1""#;
    let reference = r#","sendersReference":"case \"4711\" \\ æ","ignoreReservation":false,
        "requestedSendTime":"2030-01-31T07:00Z""#;
    for (name, recipients, members) in [
        (
            "plain",
            SOMEONE,
            r#","requestedSendTime":"2030-01-31T08:00Z""#,
        ),
        ("full", identifiers, full),
        ("reference", SOMEONE, reference),
    ] {
        let order = opened.order(name);
        let expected = registered(
            &request(recipients, members),
            opened.names[name],
            "ttd",
            NOW,
            false,
        );
        assert_eq!(order, expected, "{name}");
        assert_eq!(opened.state(name), OrderState::registered(&order), "{name}");
        assert_eq!(opened.notifications(name), [], "{name}");
    }
}

#[test]
fn version_0_keyed_order_matches_a_repeat() {
    let request = r#"{"Subject":"Two\r\nlines","body":"<p>Æ \u0001 \ud83d\ude00</p>\n","contentType":1,
        "recipients":[{"emailAddress":" someone@example.no "},{"organizationNumber":"123456789","emailAddress":""}],
        "requestedSendTime":"2030-01-31T08:00:00+01:00","ignoreReservation":false,"resourceAction":"","sendersReference":"keyed"}"#;
    let opened = Opened::version_0();
    let order = opened.order("keyed");
    let created = "2026-06-01T12:00:30.1234567Z";
    let mut expected = registered(request, order.id, "0192:991825827", created, true);
    assert_ne!(order.fingerprint, expected.fingerprint);
    expected.fingerprint = order.fingerprint;
    assert_eq!(order, expected);

    let repeat = OrderRequest::parse(request.as_bytes()).unwrap();
    assert!(order.is_of(&repeat));
    let other = request.replace("1606", "1607").replace("keyed", "Keyed");
    assert!(!order.is_of(&OrderRequest::parse(other.as_bytes()).unwrap()));
}

#[test]
fn version_0_states_are_read() {
    let opened = Opened::version_0();
    let state = |name| {
        let state = opened.state(name);
        (state.status, state.last_update, state.progress)
    };
    let progress = |attempts, pauses, blocked_until, condition| Progress {
        attempts,
        pauses,
        blocked_until,
        condition,
    };
    let settled = progress(1, 0, BlockedUntil::None, Condition::Unasked);
    for (name, status, last_update, expected) in [
        (
            "cancelled",
            ProcessingStatus::Cancelled,
            "2026-06-01T12:00:31Z",
            Progress::default(),
        ),
        (
            "reserved",
            ProcessingStatus::Registered,
            NOW,
            progress(
                1,
                0,
                BlockedUntil::Lease(at("2026-06-01T12:01:30Z")),
                Condition::Unasked,
            ),
        ),
        ("delivered", ProcessingStatus::Completed, NOW, settled),
        ("looked_up", ProcessingStatus::Completed, NOW, settled),
        (
            "condition_not_met",
            ProcessingStatus::SendConditionNotMet,
            NOW,
            settled,
        ),
        (
            "condition_inconclusive",
            ProcessingStatus::Processing,
            NOW,
            progress(
                1,
                0,
                BlockedUntil::Pause(at("2026-06-01T12:01:30Z")),
                Condition::Inconclusive,
            ),
        ),
    ] {
        assert_eq!(state(name), (status, at(last_update), expected), "{name}");
    }
    let (status, _, postponed) = state("postponed");
    assert_eq!(status, ProcessingStatus::Processing);
    assert_eq!((postponed.attempts, postponed.pauses), (1, 1));
    assert_eq!(postponed.condition, Condition::Passed);
    assert!(
        matches!(postponed.blocked_until, BlockedUntil::Pause(_)),
        "{postponed:?}"
    );
}

#[test]
fn version_0_notifications_and_reports_are_read() {
    let opened = Opened::version_0();
    for (name, statuses) in [
        ("delivered", vec![Status::Delivered]),
        (
            "looked_up",
            vec![
                Status::Delivered,
                Status::RecipientReserved,
                Status::Delivered,
                Status::Succeeded,
                Status::RecipientNotIdentified,
            ],
        ),
        (
            "failed",
            vec![
                Status::Bounced,
                Status::InvalidEmailFormat,
                Status::SuppressedRecipient,
                Status::Failed,
            ],
        ),
        (
            "reported",
            vec![Status::Delivered, Status::Bounced, Status::Succeeded],
        ),
        ("pages", vec![Status::Delivered; 25]),
        ("postponed", vec![Status::TransientError, Status::Delivered]),
    ] {
        assert_eq!(opened.statuses(name), statuses, "{name}");
    }

    let order = opened.order("looked_up");
    let notifications = opened.notifications("looked_up");
    let addresses = notifications.iter().map(|one| one.address(&order));
    assert_eq!(
        addresses.collect::<Vec<_>>(),
        [
            "kari@example.no",
            "",
            "a@firma.no",
            "accepted-b@firma.no",
            ""
        ]
    );
    assert_eq!(
        notifications[0].name.as_deref(),
        Some("Kari \"K\" Nordmann")
    );

    let [first, second, _] = &opened.notifications("reported")[..] else {
        panic!("three notifications")
    };
    assert_eq!(first.last_update, at("2026-06-01T12:00:40.5Z"));
    assert_eq!(
        opened.stores.deliveries.order_of(first.id).unwrap(),
        Some(opened.names["reported"])
    );
    let named = opened
        .stores
        .deliveries
        .notification_of("provider-accepted-2@example.no");
    assert_eq!(named.unwrap(), Some(second.id));
}

#[test]
fn version_0_indexes_are_read() {
    let opened = Opened::version_0();
    let ttd = Creator::new("ttd").unwrap();
    let found = opened
        .stores
        .orders
        .find(&ttd, "case \"4711\" \\ æ", Selection::default());
    let found = found.unwrap();
    let mut ids: Vec<_> = found.orders.iter().map(|order| order.id).collect();
    ids.sort_unstable();
    let mut expected = vec![opened.names["full"], opened.names["reference"]];
    expected.sort_unstable();
    assert_eq!(ids, expected);

    let now = at("2026-06-01T12:05:00Z");
    let clock = move || now;
    let pace = Pace::new(&clock, now, now);
    let mut due = Vec::new();
    let (minutes, _) = block_on(opened.stores.due.minutes(now, &pace)).unwrap();
    block_on(opened.stores.due.scan(&minutes, now, 100, &pace, &mut due)).unwrap();
    due.sort_unstable();
    due.dedup();
    let mut expected = vec![
        opened.names["reserved"],
        opened.names["condition_inconclusive"],
        opened.names["postponed"],
    ];
    expected.sort_unstable();
    assert_eq!(due, expected);
    assert_eq!(
        opened.stores.deliveries.sender_limit().unwrap(),
        Some(SenderLimit {
            until: at("2026-06-01T12:05:00Z"),
            rate: 0,
        })
    );
}

fn id() -> OrderId {
    OrderId::from_bytes([0x11; 16])
}

/// Returns the stored JSON, after it was read again.
fn written<F: Serialize, D: PartialEq + fmt::Debug>(
    value: &D,
    form: F,
    read: impl Fn(&Key, &[u8]) -> D,
) -> String {
    let (key, json) = entry(Key::of(format_args!("x")), &form).unwrap();
    assert_eq!(read(&key, &json), *value);
    String::from_utf8(json).unwrap()
}

fn written_order(order: &Order) -> String {
    written(order, StoredOrder::from(order), |key, json| {
        super::order(key, json).unwrap()
    })
}

fn written_state(state: &OrderState) -> String {
    written(state, StoredState::from(state), |key, json| {
        super::state(key, json).unwrap()
    })
}

#[test]
fn present_form_of_orders() {
    let plain = registered(&request(SOMEONE, ""), id(), "ttd", NOW, false);
    assert_eq!(
        written_order(&plain),
        concat!(
            r#"{"v":1,"id":"11111111-1111-1111-1111-111111111111","creator":"ttd","#,
            r#""created":"2026-06-01T12:00:30Z","requestedSendTime":"2026-06-01T12:00:30Z","#,
            r#""recipients":[{"emailAddress":"someone@example.no"}],"#,
            r#""fromAddress":"noreply@altinn.cloud","subject":"Hei $recipientName$","#,
            r#""body":"Nr. $recipientNumber$","contentType":"Plain"}"#
        )
    );
    let recipients =
        r#"{"organizationNumber":"123456789"},{"nationalIdentityNumber":"16069412345"}"#;
    let members = r#","sendersReference":"r","ignoreReservation":true,"resourceId":"i","contentType":"html",
        "resourceAction":"a","conditionEndpoint":"https://a.no","requestedSendTime":"2030-01-31T08:00:00.25Z""#;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let full = registered(&request(recipients, members), id(), "ttd", NOW, true)
        .with_trace(TraceId::parse(trace).unwrap());
    assert_eq!(
        written_order(&full),
        concat!(
            r#"{"v":1,"id":"11111111-1111-1111-1111-111111111111","creator":"ttd","#,
            r#""created":"2026-06-01T12:00:30Z","requestedSendTime":"2030-01-31T08:00:00.25Z","#,
            r#""sendersReference":"r","ignoreReservation":true,"resourceId":"i","#,
            r#""resourceAction":"a","conditionEndpoint":"https://a.no","#,
            r#""recipients":[{"organizationNumber":"123456789"},"#,
            r#"{"nationalIdentityNumber":"16069412345"}],"fromAddress":"noreply@altinn.cloud","#,
            r#""subject":"Hei $recipientName$","body":"Nr. $recipientNumber$","contentType":"Html","#,
            r#""fingerprint":"FINGERPRINT","trace":"0af7651916cd43dd8448eb211c80319c"}"#
        )
        .replace("FINGERPRINT", &full.fingerprint.unwrap().to_string())
    );
}

#[test]
fn present_form_of_states() {
    let progress = |attempts, pauses, blocked_until, condition| OrderState {
        status: ProcessingStatus::Processing,
        last_update: at(NOW),
        progress: Progress {
            attempts,
            pauses,
            blocked_until,
            condition,
        },
    };
    let until = at("2026-06-01T12:01:30Z");
    for (state, members) in [
        (
            progress(0, 0, BlockedUntil::None, Condition::Unasked),
            r#""attempts":0,"pauses":0,"hold":"none","condition":"unasked""#,
        ),
        (
            progress(1, 2, BlockedUntil::Lease(until), Condition::Inconclusive),
            r#""attempts":1,"pauses":2,"hold":{"lease":"2026-06-01T12:01:30Z"},"condition":"inconclusive""#,
        ),
        (
            progress(3, 4, BlockedUntil::Pause(until), Condition::Passed),
            r#""attempts":3,"pauses":4,"hold":{"pause":"2026-06-01T12:01:30Z"},"condition":"passed""#,
        ),
    ] {
        let expected = format!(
            r#"{{"v":1,"status":"Processing","lastUpdate":"2026-06-01T12:00:30Z","progress":{{{members}}}}}"#
        );
        assert_eq!(written_state(&state), expected);
    }
}

#[test]
fn present_form_of_notifications_and_reports() {
    let mut notification = Notification {
        id: NotificationId::from_bytes([0x22; 16]),
        recipient: 7,
        address: None,
        name: None,
        status: Status::SuppressedRecipient,
        tried: false,
        last_update: at(NOW),
    };
    let written = |notification: &Notification| {
        let page = [notification].map(StoredNotification::from);
        written(notification, page, |key, json| {
            notifications(key, json).unwrap().0.remove(0)
        })
    };
    let begin = r#"[{"v":1,"id":"22222222-2222-2222-2222-222222222222","recipient":7"#;
    let end = r#""status":"Failed_SupressedRecipient","lastUpdate":"2026-06-01T12:00:30Z"}]"#;
    assert_eq!(written(&notification), format!("{begin},{end}"));
    notification.address = Some("a@b.no".to_owned());
    notification.name = Some("A".to_owned());
    assert_eq!(
        written(&notification),
        format!(r#"{begin},"address":"a@b.no","name":"A",{end}"#)
    );
    notification.tried = true;
    assert_eq!(
        written(&notification),
        format!(r#"{begin},"address":"a@b.no","name":"A",{end}"#)
            .replace(r#","lastUpdate""#, r#","tried":true,"lastUpdate""#)
    );

    let report = StoredReport::new(Status::Delivered, at(NOW));
    let (_, json) = entry(Key::of(format_args!("x")), &report).unwrap();
    assert_eq!(
        String::from_utf8(json).unwrap(),
        r#"{"v":1,"status":"Delivered","at":"2026-06-01T12:00:30Z"}"#
    );
}

#[test]
fn read_newer_version_names_key_and_version() {
    let order = Opened::version_0().order("delivered");
    for (value, version) in [
        (r#"{"v":2,"id":{}}"#, 2),
        (r#"{"v":300}"#, 300),
        (r#"{"v":99999999999999999999}"#, u32::MAX),
    ] {
        let opened = Opened::version_0();
        for key in [
            format!("eo:state:{}", order.id),
            format!("eo:order:{}", order.id),
        ] {
            opened.set(&key, value.as_bytes());
            let read = opened.stores.orders.get(order.id).map(drop);
            let error = read
                .and_then(|()| opened.stores.orders.state(&order).map(drop))
                .unwrap_err();
            let expected = format!(
                "stored value {key}: the value has version {version}, which only a newer version \
                 of this component can read"
            );
            assert_eq!(error.to_string(), expected);
        }
        let key = format!("eo:notes:{}:0", order.id);
        // Version 2 is of pages in several parts.
        let value = value.replace(r#"{"v":2,"#, r#"{"v":3,"#);
        opened.set(&key, format!("[{value},{value}]").as_bytes());
        let error = opened
            .stores
            .deliveries
            .notifications(&order)
            .unwrap_err()
            .to_string();
        assert!(error.contains(&key) && error.contains("newer"), "{error}");
    }
}

#[test]
fn read_newer_page_of_references_is_an_error() {
    let opened = Opened::version_0();
    let keys: Vec<String> = {
        let state = opened.store.state();
        let pages = state.values.iter().filter(|(_, value)| value.len() >= 16);
        let keys = pages.map(|(key, _)| key.clone());
        keys.filter(|key| key.starts_with("eo:ref:")).collect()
    };
    let mut page = id().as_bytes().to_vec();
    page.push(2);
    for key in keys {
        opened.set(&key, &page);
    }
    let ttd = Creator::new("ttd").unwrap();
    let orders = &opened.stores.orders;
    let found = orders.find(&ttd, "case \"4711\" \\ æ", Selection::default());
    let error = found.unwrap_err().to_string();
    assert!(
        error.contains("eo:ref:") && error.contains("newer"),
        "{error}"
    );
}

#[test]
fn read_unknown_members_are_ignored() {
    let opened = Opened::version_0();
    for (name, id) in &opened.names {
        let before = (
            opened.order(name),
            opened.state(name),
            opened.notifications(name),
        );
        for key in [
            format!("eo:order:{id}"),
            format!("eo:state:{id}"),
            format!("eo:notes:{id}:0"),
        ] {
            let Some(value) = opened.store.state().values.get(&key).cloned() else {
                continue;
            };
            let mut value: Value = serde_json::from_slice(&value).unwrap();
            add_members(&mut value);
            opened.set(&key, value.to_string().as_bytes());
        }
        let after = (
            opened.order(name),
            opened.state(name),
            opened.notifications(name),
        );
        assert_eq!(after, before, "{name}");
    }
}

/// Adds a member that no version knows to each object, but to those that are enums.
fn add_members(value: &mut Value) {
    match value {
        Value::Object(members)
            if !members.contains_key("lease") && !members.contains_key("pause") =>
        {
            members.values_mut().for_each(add_members);
            members.insert("unknown".to_owned(), serde_json::json!([{}]));
        }
        Value::Array(values) => values.iter_mut().for_each(add_members),
        _ => {}
    }
}

#[test]
fn read_malformed_value_names_key_and_position_only() {
    let opened = Opened::version_0();
    let id = opened.names["plain"];
    let key = format!("eo:order:{id}");
    for (value, reason) in [
        (
            r#"{"subject":16069412345"#,
            "the value is not readable at line 1, column 22",
        ),
        ("", "the value is not readable at line 1, column 0"),
    ] {
        opened.set(&key, value.as_bytes());
        let error = opened.stores.orders.get(id).unwrap_err().to_string();
        assert_eq!(error, format!("stored value {key}: {reason}"));
    }
    let order = registered(&request(SOMEONE, ""), id, "ttd", NOW, false);
    let json = written_order(&order).replace("someone@example.no", "16069412345");
    opened.set(&key, json.as_bytes());
    let error = opened.stores.orders.get(id).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("stored value {key}: the member `emailAddress` is invalid")
    );
}
