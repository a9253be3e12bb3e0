//! The page that lists the mails.

use maud::{Markup, html};

use super::document::{badge, document, time};
use crate::{
    Mail,
    journal::{Attempt, Journal, deliveries},
};

pub(super) fn page(base: &str, journal: &Journal, mails: &[Mail]) -> Markup {
    let total = journal.emails();
    let content = html! {
        h1 { "Mail" }
        @if mails.is_empty() {
            p { "Nothing has been sent yet. An order that is due appears here." }
        } @else {
            p {
                @if journal.has_older() { "More than " }
                (total) @if total == 1 { " email" } @else { " emails" }
                @if mails.len() < total { ", the newest " (mails.len()) }
                ". Nothing left this machine."
            }
            ol .mails {
                @for mail in mails { (item(base, mail, journal.of_email(mail.id))) }
            }
        }
    };
    document(base, "Mail", &content)
}

fn item(base: &str, mail: &Mail, attempts: &[Attempt]) -> Markup {
    html! {
        li {
            a href=(format_args!("{base}/{}", mail.id)) {
                strong { (mail.subject) }
                span .to { (mail.to) }
                @if let Some(last) = attempts.last() {
                    span .when { (badge(last.outcome)) (time(last.at)) }
                }
                @if deliveries(attempts) > 1 {
                    span .repeated { "sent " (deliveries(attempts)) " times" }
                }
            }
        }
    }
}
