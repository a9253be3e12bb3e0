//! The check of the condition endpoint.

use super::{AttemptError, AttemptResult, leased_order::LeasedOrder};
use crate::{
    delivery::{Ports, condition},
    order::{Condition, ProcessingStatus},
    store::KeyValue,
};

/// The time after which an endpoint is asked again whose answer was inconclusive.
const RETRY_SECONDS: i64 = 60;

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Asks the condition endpoint, if the order has one, at most twice. Returns the result of the
    /// attempt if that ends here.
    pub(super) async fn check_condition(&mut self) -> Result<Option<AttemptResult>, AttemptError> {
        let known = self.state.progress.condition;
        let endpoint = self.order.condition_endpoint.as_ref();
        let Some(endpoint) = endpoint.filter(|_| known != Condition::Passed) else {
            return Ok(None);
        };
        // Checks the URL again: the order may be of a version with other rules.
        let response = match endpoint.url() {
            Ok(url) => {
                let response = self.context.ports.fetch_condition(&url).await;
                response.map_err(|error| error.to_string())
            }
            Err(error) => Err(format!("the condition endpoint {error}")),
        };
        let decision = match &response {
            Ok(body) => condition::decision(body).ok_or("the response has no decision"),
            Err(reason) => Err(reason.as_str()),
        };
        match decision {
            Ok(false) => {
                self.settle(ProcessingStatus::SendConditionNotMet);
                self.context.set_state(self.order, &self.state).await?;
                self.log_end("send condition not met", &"");
                Ok(Some(AttemptResult::Settled(self.state.status)))
            }
            Err(reason) if known == Condition::Unasked => {
                self.state.progress.condition = Condition::Inconclusive;
                let now = self.now();
                let due = now.plus_seconds(RETRY_SECONDS);
                self.postpone_until(due, now).await?;
                let result = "send condition inconclusive";
                self.context.log_problem(self.order, result, &reason);
                Ok(Some(AttemptResult::Postponed))
            }
            Ok(true) | Err(_) => {
                self.state.progress.condition = Condition::Passed;
                Ok(None)
            }
        }
    }
}
