//! Shows the progress of a step that takes more than a moment.
//!
//! On a terminal it is one line that is updated in place; elsewhere (a CI log) a step prints one line
//! when it starts and one when it ends.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// A running step. If it is dropped without [`Progress::done`], its line disappears.
pub(crate) struct Progress {
    name: String,
    started: Instant,
    line: Option<ProgressBar>,
}

impl Progress {
    /// Shows that the step starts.
    pub(crate) fn start(name: impl Into<String>) -> Self {
        let name = name.into();
        let line = if std::io::stderr().is_terminal() {
            let line = ProgressBar::new_spinner().with_style(style());
            line.set_prefix(name.clone());
            line.enable_steady_tick(Duration::from_millis(120));
            Some(line)
        } else {
            eprintln!("{name} …");
            None
        };
        let started = Instant::now();
        Self {
            name,
            started,
            line,
        }
    }

    /// Shows what the step is doing.
    pub(crate) fn detail(&self, text: &str) {
        if let Some(line) = &self.line {
            line.set_message(text.trim().to_owned());
        }
    }

    /// Ends the step with a line that says how long it took.
    pub(crate) fn done(self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
        eprintln!("{} ({})", self.name, spent(self.started.elapsed()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}

/// Formats a duration: `0.4 s`, `1 min 05 s`.
pub(crate) fn spent(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_formats_seconds_and_minutes() {
        assert_eq!(spent(Duration::from_millis(420)), "0.4 s");
        assert_eq!(spent(Duration::from_secs(65)), "1 min 05 s");
    }
}
