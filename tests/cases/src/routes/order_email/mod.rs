//! `POST /order/email`

mod addresses;
mod answer;
mod check_order;
mod dry_run;
pub mod idempotency;
mod media_type;
mod member_names;
mod members;
mod parsing;
mod recipients;
mod required;
mod send_time;
mod size;

use serde_json::Value;
use test_support::{
    Host,
    order::{ORDER_EMAIL, post_order},
    post, tokens,
};

/// A status, and the sorted keys of the field errors.
type Outcome = (u16, Vec<String>);

fn accepted() -> Outcome {
    (202, Vec::new())
}

fn rejected<K: ToString>(keys: impl IntoIterator<Item = K>) -> Outcome {
    let mut keys: Vec<_> = keys.into_iter().map(|key| key.to_string()).collect();
    keys.sort();
    (400, keys)
}

/// Posts an order; returns the outcome.
async fn outcome(host: &Host, order: &Value) -> Outcome {
    post_order(order).send(host).await.outcome()
}

/// Posts a text as JSON; returns the outcome.
async fn outcome_of_text(host: &Host, text: impl Into<bytes::Bytes>) -> Outcome {
    post(ORDER_EMAIL)
        .bearer(tokens::bearer())
        .json_text(text)
        .send(host)
        .await
        .outcome()
}
