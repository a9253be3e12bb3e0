//! What all pages have in common.

use maud::{DOCTYPE, Markup, html};

use crate::{Outcome, journal::Timestamp};

/// A page with this title and content.
pub(super) fn document(base: &str, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(format_args!("{base}/style.css"));
            }
            body { main { (content) } }
        }
    }
}

/// What became of an attempt, in its colour.
pub(super) fn badge(outcome: Outcome) -> Markup {
    let class = if outcome.is_sent() { "sent" } else { "refused" };
    html! { span .badge .(class) { (outcome.to_string()) } }
}

/// A moment.
pub(super) fn moment(at: Timestamp) -> Markup {
    let at = at.to_string();
    html! { time datetime=(at) { (at) } }
}
