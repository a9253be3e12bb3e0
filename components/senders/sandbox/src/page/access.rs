//! Access to the page.

/// Whether the page is served.
///
/// The page has no authentication: every client that can reach it can read every email. It is
/// therefore closed unless the operator opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The page shows all emails to every client.
    Open,
    /// Every path answers 404.
    Closed,
}

impl Access {
    /// The variable that opens the page.
    pub const VARIABLE: &str = "dev_mail";

    /// Parses the variable: only `open` opens the page.
    #[must_use]
    pub fn of(variable: &str) -> Self {
        match variable {
            "open" => Self::Open,
            _ => Self::Closed,
        }
    }
}
