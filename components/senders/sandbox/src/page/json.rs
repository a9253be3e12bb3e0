//! The JSON forms of the mails.

use serde::Serialize;

use crate::{
    Mail,
    journal::{Attempt, Journal, deliveries},
};

/// A list of the newest mails, without their bodies.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<'a> {
    /// The number of mails in the journal, listed or not.
    total: usize,
    /// The number of attempts that sent one of them.
    deliveries: usize,
    /// Whether the store has older mails.
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
    attempts: Vec<AttemptJson>,
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
    attempts: Vec<AttemptJson>,
}

#[derive(Serialize)]
struct AttemptJson {
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
                attempts: attempts_json(attempts),
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
            attempts: attempts_json(attempts),
        }
    }
}

fn attempts_json(attempts: &[Attempt]) -> Vec<AttemptJson> {
    let to_json = |attempt: &Attempt| AttemptJson {
        at: attempt.at.to_string(),
        outcome: attempt.outcome.to_string(),
    };
    attempts.iter().map(to_json).collect()
}
