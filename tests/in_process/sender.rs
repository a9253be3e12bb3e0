//! A sender that behaves as the sandbox does: the local part of the address decides.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use email_orders::delivery::{Email, Progress, Receipt, SendFailure};
use tokio::time::{Instant, sleep};

/// The number of emails to `window…` recipients that are taken in [`WINDOW`].
const WINDOW_EMAILS: usize = 10;

const WINDOW: Duration = Duration::from_secs(2);

/// How long an email to a `window…` recipient takes.
const WINDOW_LATENCY: Duration = Duration::from_millis(100);

/// The attempts by notification, and when emails to `window…` recipients were taken.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    attempts: Mutex<BTreeMap<String, Attempts>>,
    taken: Mutex<Vec<Instant>>,
}

#[derive(Debug, Default)]
struct Attempts {
    made: usize,
    delivered: usize,
}

impl Sender {
    /// Sends an email.
    pub(crate) async fn send(&self, email: Email) -> Result<Receipt, SendFailure> {
        let id = email.notification.to_string();
        let made = {
            let mut all = self.attempts();
            let attempts = all.entry(id.clone()).or_default();
            attempts.made += 1;
            attempts.made
        };
        let is_to = |prefix| email.to.to_lowercase().starts_with(prefix);
        let why = || "simulated".to_owned();
        let failure = if is_to("bounced") {
            SendFailure::Bounced(why())
        } else if is_to("rejected") {
            SendFailure::Rejected(why())
        } else if is_to("suppressed") {
            SendFailure::Suppressed(why())
        } else if is_to("invalid") {
            SendFailure::InvalidAddress(why())
        } else if is_to("too-large") {
            SendFailure::TooLarge(why())
        } else if is_to("rate-limited") {
            SendFailure::RateLimited(Some(5))
        } else if is_to("window") && !self.take_in_window().await {
            SendFailure::RateLimited(Some(2))
        } else if is_to("misconfigured") {
            SendFailure::Transient("configuration: simulated".to_owned())
        } else if is_to("transient") && !(is_to("transient-twice") && made > 2) {
            SendFailure::Transient(why())
        } else {
            if is_to("slow") {
                sleep(Duration::from_secs(3)).await;
            }
            self.attempts().entry(id.clone()).or_default().delivered += 1;
            return Ok(Receipt {
                progress: if is_to("accepted") {
                    Progress::Accepted
                } else {
                    Progress::Delivered
                },
                provider_id: Some(id),
            });
        };
        Err(failure)
    }

    /// Returns how often each notification was delivered.
    pub(crate) fn deliveries(&self) -> BTreeMap<String, usize> {
        let all = self.attempts();
        let delivered = all.iter().filter(|(_, attempts)| attempts.delivered > 0);
        delivered
            .map(|(id, attempts)| (id.clone(), attempts.delivered))
            .collect()
    }

    /// Takes an email, unless the window is full.
    async fn take_in_window(&self) -> bool {
        sleep(WINDOW_LATENCY).await;
        let mut taken = self.taken.lock().expect("the times");
        taken.retain(|at| at.elapsed() < WINDOW);
        let is_free = taken.len() < WINDOW_EMAILS;
        if is_free {
            taken.push(Instant::now());
        }
        is_free
    }

    fn attempts(&self) -> MutexGuard<'_, BTreeMap<String, Attempts>> {
        self.attempts.lock().expect("the attempts")
    }
}
