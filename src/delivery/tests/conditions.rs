use futures_executor::block_on;

use super::fake_ports::Stage;
use crate::{
    delivery::AttemptResult,
    order::{ConditionEndpoint, Order, ProcessingStatus},
};

const YES: &str = r#"{"sendNotification":true}"#;
const NO: &str = r#"{"sendNotification":false}"#;

fn order(stage: &Stage) -> Order {
    let members = r#","conditionEndpoint":"https://api.example.no/send""#;
    stage.place(r#"{"emailAddress":"a@b.no"}"#, members)
}

#[test]
fn what_the_endpoint_says_decides() {
    for (answers, outcomes, status, sent) in [
        (vec![YES], 1, ProcessingStatus::Completed, 1),
        (vec![NO], 1, ProcessingStatus::SendConditionNotMet, 0),
        (vec!["{}", YES], 2, ProcessingStatus::Completed, 1),
        (vec!["", NO], 2, ProcessingStatus::SendConditionNotMet, 0),
        (vec!["", "", NO], 2, ProcessingStatus::Completed, 1),
        (vec![], 2, ProcessingStatus::Completed, 1),
    ] {
        let stage = Stage::new();
        let order = order(&stage);
        stage.ports.conditions.lock().unwrap().extend(&answers);
        for _ in 1..outcomes {
            assert_eq!(
                stage.attempted(&order),
                AttemptResult::Postponed,
                "{answers:?}"
            );
            assert!(stage.notifications(&order).is_empty(), "{answers:?}");
            stage.pass(59);
            assert_eq!(
                stage.attempted(&order),
                AttemptResult::Skipped,
                "{answers:?}"
            );
            stage.pass(1);
        }
        assert_eq!(
            stage.attempted(&order),
            AttemptResult::Settled(status),
            "{answers:?}"
        );
        assert_eq!(stage.status(&order), status, "{answers:?}");
        assert_eq!(stage.sent(), sent, "{answers:?}");
    }
}

#[test]
fn it_is_not_asked_again_once_it_has_said_yes() {
    let stage = Stage::new();
    let order = order(&stage);
    stage.ports.conditions.lock().unwrap().extend([YES, NO]);
    let failure = crate::delivery::SendFailure::Transient("simulated".to_owned());
    stage.fail("a@b.no", [failure]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    stage.pass(100);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.status(&order), ProcessingStatus::Completed);
}

#[test]
fn an_endpoint_of_an_earlier_version_is_held_against_the_rules_before_it_is_asked() {
    for (url, asked) in [
        ("https://api.example.no/send", 1),
        ("http://email-orders.spin.internal/health", 0),
        ("http://self.alt/health", 0),
        ("http://user@api.example.no/", 0),
        ("http://127.0.0.1/", 0),
    ] {
        let stage = Stage::new();
        let mut order = stage.new_order(r#"{"emailAddress":"a@b.no"}"#, "");
        let stored = ConditionEndpoint::from_stored(url.to_owned());
        order.condition_endpoint = Some(stored);
        block_on(stage.stores.orders.insert(&order, order.created)).unwrap();
        let order = stage.stores.orders.get(order.id).unwrap().unwrap();
        stage.ports.conditions.lock().unwrap().extend(["", ""]);
        assert_eq!(stage.attempted(&order), AttemptResult::Postponed, "{url}");
        assert_eq!(
            *stage.ports.conditions_asked.lock().unwrap(),
            asked,
            "{url}"
        );
        assert_eq!(stage.sent(), 0, "{url}");
    }
}
