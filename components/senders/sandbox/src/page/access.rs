//! Who may see the page.

/// Whether the page answers.
///
/// The page has no credentials: who can reach it reads every email. So it is closed unless the
/// operator opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody sees everything.
    Open,
    /// There is nothing at any of its paths.
    Closed,
}

impl Access {
    /// The variable that opens the page.
    pub const VARIABLE: &str = "dev_mail";

    /// What the variable says: `open`, or anything else.
    #[must_use]
    pub fn of(variable: &str) -> Self {
        match variable {
            "open" => Self::Open,
            _ => Self::Closed,
        }
    }
}
