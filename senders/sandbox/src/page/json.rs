//! The mails as JSON.

use serde::Serialize;

use crate::{
    Mail,
    journal::{Attempt, Journal, deliveries},
};

/// The newest mails, without their bodies.
#[derive(Serialize)]
pub(super) struct List<'a> {
    /// How many mails there are, listed or not.
    total: usize,
    /// How often a mail was sent, over all mails.
    deliveries: usize,
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
pub(super) struct Full<'a> {
    #[serde(flatten)]
    mail: &'a Mail,
    deliveries: usize,
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
            let attempts = journal.of(mail.id);
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
            mails: mails.iter().map(summary).collect(),
        }
    }
}

impl<'a> Full<'a> {
    pub(super) fn new(mail: &'a Mail, attempts: &[Attempt]) -> Self {
        Self {
            mail,
            deliveries: deliveries(attempts),
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
