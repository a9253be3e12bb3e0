//! The report of `GET /health?verbose`.

use serde::Serialize;

use super::{app::Host, failure::Failure};
use crate::{
    config::{Check, Config},
    store::{KeyValue, LastRun, Pace, SenderFault, Stopped, Stores},
    timestamp::Timestamp,
};

/// The longest time that a due order may wait. The service is unhealthy if one has waited longer.
const MAX_DELAY_SECONDS: i64 = 15 * 60;

/// For how long a configuration fault of the sender counts: a little longer than the longest pause
/// before the retry that would meet it again.
const FAULT_SECONDS: i64 = 80 * 60;

/// How long the search for the oldest overdue order may take.
const SEARCH_SECONDS: i64 = 5;

/// The state of the service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct HealthReport {
    /// The state of every variable, and of every issuer.
    configuration: Vec<CheckView>,
    /// The age of the oldest overdue order, in seconds since the minute that it was due in; 0 if no
    /// order is overdue.
    oldest_overdue_seconds: i64,
    /// Until when the sender is paused. Absent if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    sender_paused_until: Option<Timestamp>,
    /// The last configuration fault of the sender. Absent if there was none lately, or if an email
    /// that had failed has left since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    sender_fault: Option<SenderFault>,
    /// The last run of the trigger. Absent if there was none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    last_run: Option<LastRun>,
}

/// The state of a variable, or of one issuer in it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ConfigurationState))]
struct CheckView {
    /// The name of the variable.
    variable: &'static str,
    /// The issuer, if this is the state of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    issuer: Option<String>,
    /// Whether it can be used.
    usable: bool,
    /// Why it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    reason: Option<String>,
}

impl HealthReport {
    /// Makes a report. Searches the index of due orders as a run of the trigger does.
    pub(super) async fn make(
        config: &Config,
        stores: &Stores<impl KeyValue>,
        host: &impl Host,
    ) -> Result<Self, Failure> {
        let now = host.now();
        let deadline = now.plus_seconds(SEARCH_SECONDS);
        let clock = || host.now();
        let pace = Pace::new(&clock, deadline, deadline);
        let oldest = stores.due.oldest_overdue(now, &pace).await;
        let oldest = oldest.map_err(|stopped| match stopped {
            Stopped::Store(error) => error.into(),
            Stopped::OutOfTime => Failure::unavailable("store failed", stopped),
        })?;
        let limit = stores.deliveries.sender_limit()?;
        let pause = limit.map(|limit| limit.until);
        Ok(Self {
            configuration: config.checks().iter().map(CheckView::of).collect(),
            oldest_overdue_seconds: oldest.map_or(0, |oldest| now.seconds_apart(oldest)),
            sender_paused_until: pause.filter(|until| *until > now),
            sender_fault: stores
                .deliveries
                .sender_fault()?
                .filter(|fault| now.seconds_apart(fault.at) < FAULT_SECONDS),
            last_run: stores.deliveries.last_run()?,
        })
    }

    /// Returns a report for the documentation.
    #[cfg(test)]
    pub(super) fn sample(oldest_overdue_seconds: i64) -> Self {
        let state = |variable, issuer| CheckView {
            variable,
            issuer,
            usable: true,
            reason: None,
        };
        Self {
            configuration: vec![
                state("bearer_issuers", None),
                state(
                    "bearer_issuers",
                    Some("https://issuer.example.no".to_owned()),
                ),
            ],
            oldest_overdue_seconds,
            sender_paused_until: None,
            sender_fault: None,
            last_run: Some(LastRun {
                at: Timestamp::UNIX_EPOCH.plus_seconds(1_767_605_400),
                due: 2,
                processed: 2,
                more: false,
            }),
        }
    }

    /// Returns the first fault that needs attention, in a sentence; None if there is none.
    pub(super) fn fault(&self) -> Option<String> {
        let unusable = self.configuration.iter().find(|state| !state.usable);
        if let Some(CheckView { variable, .. }) = unusable {
            return Some(format!(
                "The variable {variable} is invalid; see `configuration`."
            ));
        }
        if self.sender_fault.is_some() {
            let sentence = "The sender needs another configuration; see `senderFault`.";
            return Some(sentence.to_owned());
        }
        let seconds = self.oldest_overdue_seconds;
        (seconds > MAX_DELAY_SECONDS).then(|| {
            format!(
                "An order has been overdue for {seconds} seconds; check the timer and the sender."
            )
        })
    }
}

impl CheckView {
    fn of(check: &Check) -> Self {
        Self {
            variable: check.variable,
            issuer: check.issuer.clone(),
            usable: check.error.is_none(),
            reason: check.error.clone(),
        }
    }
}
