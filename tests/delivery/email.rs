//! Emails and the results of sending them, as the probe reads and writes them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Email {
    pub(crate) notification_id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) content_type: Content,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Content {
    Plain,
    Html,
}

impl Email {
    /// Returns an email to this address, with a unique id.
    pub(crate) fn to(address: &str) -> Self {
        Self {
            notification_id: Uuid::new_v4().to_string(),
            from: "noreply@altinn.cloud".to_owned(),
            to: address.to_owned(),
            subject: "Påminnelse om blåbærsyltetøy".to_owned(),
            body: "Kjære Åse Ærlig Øy,\n\nhusk syltetøyet.\n".to_owned(),
            content_type: Content::Plain,
        }
    }
}

pub(crate) type SendResult = Result<Receipt, Failure>;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) progress: Progress,
    pub(crate) provider_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Progress {
    Accepted,
    Delivered,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) enum Failure {
    InvalidAddress(String),
    Suppressed(String),
    Bounced(String),
    TooLarge(String),
    Rejected(String),
    RateLimited(Option<u32>),
    Transient(String),
}

impl Failure {
    /// Returns its text for the log.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::InvalidAddress(text)
            | Self::Suppressed(text)
            | Self::Bounced(text)
            | Self::TooLarge(text)
            | Self::Rejected(text)
            | Self::Transient(text) => text,
            Self::RateLimited(_) => "",
        }
    }

    /// Returns its name.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::InvalidAddress(_) => "invalid-address",
            Self::Suppressed(_) => "suppressed",
            Self::Bounced(_) => "bounced",
            Self::TooLarge(_) => "too-large",
            Self::Rejected(_) => "rejected",
            Self::RateLimited(_) => "rate-limited",
            Self::Transient(_) => "transient",
        }
    }
}
