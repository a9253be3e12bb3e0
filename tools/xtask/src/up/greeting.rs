//! Prints where `up` serves, and curl lines to try it with.

use anyhow::Result;
use console::style;
use serde_json::json;
use test_issuer::{Algorithm, Issuers};

use super::host::HostProgram;
use crate::development::{self, ORG, SCOPE, TRIGGER_KEY};

/// Long enough for a day at the keyboard.
const TOKEN_SECONDS: i64 = 12 * 3600;

/// What `up` prints once the server answers.
pub(super) struct Greeting {
    pub(super) base_url: String,
    host: String,
    shows_mail: bool,
    development: Option<Development>,
}

struct Development {
    bearer: String,
    platform: String,
    trigger_key: Option<String>,
}

impl Greeting {
    /// Returns the greeting of a host that the environment configures.
    pub(super) fn new(host: &HostProgram, base_url: String, shows_mail: bool) -> Self {
        Self {
            base_url,
            host: host.to_string(),
            shows_mail,
            development: None,
        }
    }

    /// Adds tokens signed with the development keys.
    pub(super) fn with_development_keys(
        mut self,
        issuers: &Issuers,
        variables: &[(&str, String)],
    ) -> Result<Self> {
        let (bearer, platform) = (&issuers.bearer, &issuers.platform);
        let claims = bearer.claims().scope(SCOPE).org(ORG);
        let claims = claims.expires_in(TOKEN_SECONDS);
        let trigger_key = variables.iter().find(|(name, _)| *name == TRIGGER_KEY);
        self.development = Some(Development {
            bearer: bearer.key(Algorithm::Rs256).token(&claims)?,
            platform: platform
                .key(Algorithm::Es256)
                .token(&platform.claims().expires_in(TOKEN_SECONDS))?,
            trigger_key: trigger_key.map(|(_, key)| key.clone()),
        });
        Ok(self)
    }

    /// Prints everything to standard error, but the lines to paste to standard output.
    pub(super) fn print(&self) {
        eprintln!("\nServing {} with {}", self.base_url, self.host);
        if self.shows_mail {
            eprintln!(
                "Emails that the sandbox has kept: {}/dev/mail",
                self.base_url
            );
        }
        let Some(keys) = &self.development else {
            eprintln!("It accepts tokens of the issuers in the environment.");
            return;
        };
        let warning = format!(
            "DEVELOPMENT KEYS: anyone who can read {} can sign tokens that this server accepts.\n\
             Do not use it for real orders.",
            development::folder().display()
        );
        eprintln!("\n{}\n", style(warning).for_stderr().red().bold());
        if let Some(key) = &keys.trigger_key {
            eprintln!("The trigger key is {key}");
        }
        eprintln!("More tokens: cargo xtask token --help");
        eprintln!("\nAn order, with a bearer token:\n");
        println!(
            "{}",
            self.curl(&format!("Authorization: Bearer {}", keys.bearer))
        );
        eprintln!("\nThe same, with a platform token:\n");
        println!(
            "{}",
            self.curl(&format!("PlatformAccessToken: {}", keys.platform))
        );
    }

    fn curl(&self, credential: &str) -> String {
        let order = json!({
            "subject": "Hello",
            "body": "An order for an email.",
            "recipients": [{ "emailAddress": "someone@example.no" }],
        });
        format!(
            "curl -i {}/order/email -H '{credential}' -H 'Content-Type: application/json' -d '{order}'",
            self.base_url
        )
    }
}
