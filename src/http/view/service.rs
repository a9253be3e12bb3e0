//! The answers to a timer and to email providers.

use serde::Serialize;

use crate::delivery::trigger::Run;

/// The result of a run of the trigger.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = TriggerRun))]
pub(in crate::http) struct RunView {
    /// The number of due orders that the run found.
    due: usize,
    /// The number of those that it processed.
    processed: usize,
    /// Whether more orders are due. If so, call again at once.
    more: bool,
}

impl RunView {
    pub(in crate::http) fn of(run: Run) -> Self {
        let Run {
            due,
            processed,
            more,
        } = run;
        Self {
            due,
            processed,
            more,
        }
    }
}

/// The result of delivery reports.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ReportsTaken))]
pub(in crate::http) struct TakenView {
    /// The number of reports that were applied. Repeats count too.
    pub(in crate::http) accepted: usize,
    /// The number of other items: events of other kinds, unknown notifications or statuses.
    pub(in crate::http) ignored: usize,
}

/// The confirmation of a subscription to Azure Event Grid.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = SubscriptionConfirmed))]
pub(in crate::http) struct HandshakeView<'a> {
    /// The code of the validation event.
    validation_response: &'a str,
}

impl<'a> HandshakeView<'a> {
    pub(in crate::http) fn of(code: &'a str) -> Self {
        Self {
            validation_response: code,
        }
    }
}
