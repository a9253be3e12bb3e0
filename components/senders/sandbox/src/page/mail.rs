//! The page that shows one mail.

use maud::{Markup, html};

use super::document::{badge, document, moment};
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
            dt { "Sent" } dd { (times(journal, attempts)) }
            dt { "Attempts" }
            dd {
                ol .attempts {
                    @for attempt in attempts {
                        li { (badge(attempt.outcome)) (moment(attempt.at)) }
                    }
                }
            }
        }
        (body(base, mail))
    };
    document(base, &mail.subject, &content)
}

fn times(journal: &Journal, attempts: &[Attempt]) -> String {
    match deliveries(attempts) {
        0 if attempts.is_empty() && journal.has_older() => {
            "too long ago to say how often".to_owned()
        }
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

fn body(base: &str, mail: &Mail) -> Markup {
    match mail.content_type {
        // The newline that HTML drops after the tag is written, so that none of the mail's is.
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
