//! The page that shows one mail.

use maud::{Markup, html};

use super::document::{badge, document, time};
use crate::{
    Mail,
    journal::{Attempt, Journal, deliveries},
    mail::ContentType,
};

pub(super) fn page(base: &str, mail: &Mail, journal: &Journal) -> Markup {
    let attempts = journal.of_email(mail.id);
    let content = html! {
        nav { a href=(format_args!("{base}/")) { "All mail" } }
        h1 { (mail.subject) }
        dl {
            dt { "From" } dd { (mail.from) }
            dt { "To" } dd { (mail.to) }
            dt { "Notification" } dd { code { (mail.id) } }
            dt { "Sent" } dd { (sent_count(journal, attempts)) }
            dt { "Attempts" }
            dd {
                ol .attempts {
                    @for attempt in attempts {
                        li { (badge(attempt.outcome)) (time(attempt.at)) }
                    }
                }
            }
        }
        (body(base, mail))
    };
    document(base, &mail.subject, &content)
}

fn sent_count(journal: &Journal, attempts: &[Attempt]) -> String {
    match deliveries(attempts) {
        0 if attempts.is_empty() && journal.has_older() => {
            "unknown: its attempts are too old".to_owned()
        }
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

fn body(base: &str, mail: &Mail) -> Markup {
    match mail.content_type {
        // HTML drops a newline after the tag. This one keeps the first newline of the mail.
        ContentType::Plain => html! { pre .body { "\n" (mail.body) } },
        ContentType::Html => html! {
            iframe .body sandbox="" title="The mail"
                src=(format_args!("{base}/{}/body", mail.id)) {}
            details {
                summary { "Source" }
                pre { "\n" (mail.body) }
            }
        },
    }
}
