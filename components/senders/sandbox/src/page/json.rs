//! The mails as JSON.

use serde::Serialize;

use crate::{
    Mail,
    journal::{Attempt, Journal, deliveries},
};

/// The newest mails, without their bodies.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<'a> {
    /// How many mails there are among the newest, listed or not.
    total: usize,
    /// How often one of them was sent.
    deliveries: usize,
    /// Whether there are older ones.
    has_older: bool,
    mails: Vec<Summary<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    id: String,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    content_type: crate::mail::ContentType,
    deliveries: usize,
    attempts: Vec<Entry>,
}

/// One mail with its body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Full<'a> {
    #[serde(flatten)]
    mail: &'a Mail,
    deliveries: usize,
    /// Whether the mail may have older attempts than these.
    has_older: bool,
    attempts: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    at: String,
    outcome: String,
}

impl<'a> List<'a> {
    pub(super) fn new(journal: &Journal, mails: &'a [Mail]) -> Self {
        let summary = |mail: &'a Mail| {
            let attempts = journal.of_email(mail.id);
            Summary {
                id: mail.id.to_string(),
                from: &mail.from,
                to: &mail.to,
                subject: &mail.subject,
                content_type: mail.content_type,
                deliveries: deliveries(attempts),
                attempts: entries(attempts),
            }
        };
        Self {
            total: journal.emails(),
            deliveries: journal.deliveries(),
            has_older: journal.has_older(),
            mails: mails.iter().map(summary).collect(),
        }
    }
}

impl<'a> Full<'a> {
    pub(super) fn new(mail: &'a Mail, journal: &Journal) -> Self {
        let attempts = journal.of_email(mail.id);
        Self {
            mail,
            deliveries: deliveries(attempts),
            has_older: journal.has_older(),
            attempts: entries(attempts),
        }
    }
}

fn entries(attempts: &[Attempt]) -> Vec<Entry> {
    let entry = |attempt: &Attempt| Entry {
        at: attempt.at.to_string(),
        outcome: attempt.outcome.to_string(),
    };
    attempts.iter().map(entry).collect()
}
