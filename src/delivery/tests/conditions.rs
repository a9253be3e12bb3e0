use futures_executor::block_on;

use super::fixture::Fixture;
use crate::{
    delivery::AttemptResult,
    order::{ConditionEndpoint, Order, ProcessingStatus},
};

const YES: &str = r#"{"sendNotification":true}"#;
const NO: &str = r#"{"sendNotification":false}"#;

fn order(fixture: &Fixture) -> Order {
    let members = r#","conditionEndpoint":"https://api.example.no/send""#;
    fixture.place(r#"{"emailAddress":"a@b.no"}"#, members)
}

#[test]
fn condition_decides_after_at_most_two_requests() {
    for (answers, outcomes, status, sent) in [
        (vec![YES], 1, ProcessingStatus::Completed, 1),
        (vec![NO], 1, ProcessingStatus::SendConditionNotMet, 0),
        (vec!["{}", YES], 2, ProcessingStatus::Completed, 1),
        (vec!["", NO], 2, ProcessingStatus::SendConditionNotMet, 0),
        (vec!["", "", NO], 2, ProcessingStatus::Completed, 1),
        (vec![], 2, ProcessingStatus::Completed, 1),
    ] {
        let fixture = Fixture::new();
        let order = order(&fixture);
        fixture
            .ports
            .condition_responses
            .lock()
            .unwrap()
            .extend(&answers);
        for _ in 1..outcomes {
            assert_eq!(
                fixture.attempt_ok(&order),
                AttemptResult::Postponed,
                "{answers:?}"
            );
            assert!(fixture.notifications(&order).is_empty(), "{answers:?}");
            fixture.advance(59);
            assert_eq!(
                fixture.attempt_ok(&order),
                AttemptResult::Skipped,
                "{answers:?}"
            );
            fixture.advance(1);
        }
        assert_eq!(
            fixture.attempt_ok(&order),
            AttemptResult::Settled(status),
            "{answers:?}"
        );
        assert_eq!(fixture.status(&order), status, "{answers:?}");
        assert_eq!(fixture.sent_count(), sent, "{answers:?}");
    }
}

#[test]
fn condition_that_is_met_is_not_requested_again() {
    let fixture = Fixture::new();
    let order = order(&fixture);
    fixture
        .ports
        .condition_responses
        .lock()
        .unwrap()
        .extend([YES, NO]);
    let failure = crate::delivery::SendFailure::Transient("simulated".to_owned());
    fixture.fail_sends("a@b.no", [failure]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    fixture.advance(100);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
}

#[test]
fn stored_endpoint_that_breaks_the_rules_is_not_requested() {
    for (url, asked) in [
        ("https://api.example.no/send", 1),
        ("http://email-orders.spin.internal/health", 0),
        ("http://self.alt/health", 0),
        ("http://user@api.example.no/", 0),
        ("http://127.0.0.1/", 0),
    ] {
        let fixture = Fixture::new();
        let mut order = fixture.new_order(r#"{"emailAddress":"a@b.no"}"#, "");
        let stored = ConditionEndpoint::from_stored(url.to_owned());
        order.condition_endpoint = Some(stored);
        block_on(fixture.stores.orders.insert(&order, order.created)).unwrap();
        let order = fixture.stores.orders.get(order.id).unwrap().unwrap();
        fixture
            .ports
            .condition_responses
            .lock()
            .unwrap()
            .extend(["", ""]);
        assert_eq!(
            fixture.attempt_ok(&order),
            AttemptResult::Postponed,
            "{url}"
        );
        assert_eq!(
            *fixture.ports.condition_requests.lock().unwrap(),
            asked,
            "{url}"
        );
        assert_eq!(fixture.sent_count(), 0, "{url}");
    }
}
