//! The parts that all pages share.

use maud::{DOCTYPE, Markup, html};

use crate::{SimulatedOutcome, journal::UnixMillis};

/// Renders a page with a title and content.
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

/// Renders the outcome of an attempt.
pub(super) fn badge(outcome: SimulatedOutcome) -> Markup {
    let class = if outcome.is_sent() { "sent" } else { "refused" };
    html! { span .badge .(class) { (outcome.to_string()) } }
}

/// Renders a time.
pub(super) fn time(at: UnixMillis) -> Markup {
    let at = at.to_string();
    html! { time datetime=(at) { (at) } }
}
