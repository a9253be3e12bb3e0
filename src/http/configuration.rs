//! The configuration, read from the host every few seconds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{app::Host, failure::Failure};
use crate::{
    config::{
        Check, Config, RetentionVariables, TriggerConfig, TriggerVariables, VariableError,
        Variables,
    },
    log,
    store::RetentionDays,
    timestamp::Timestamp,
};

/// For how long a configuration is used before the host is asked again.
const LIFETIME_SECONDS: i64 = 2;

/// The configuration as it was read last.
#[derive(Default)]
pub(super) struct Configuration(Mutex<LastRead>);

#[derive(Default)]
struct LastRead {
    all: Option<All>,
    trigger: Option<(Timestamp, TriggerConfig)>,
    /// The errors that have been logged: each is logged once per instance and value.
    logged: Vec<Check>,
}

struct All {
    read_at: Timestamp,
    variables: Variables,
    config: Arc<Config>,
}

impl Configuration {
    /// Returns the configuration, at most [`LIFETIME_SECONDS`] old.
    pub(super) async fn get(
        &self,
        host: &impl Host,
        now: Timestamp,
    ) -> Result<Arc<Config>, VariableError> {
        if let Some(config) = self.lock().fresh_config(now) {
            return Ok(config);
        }
        let variables = read(host).await?;
        Ok(self.lock().configure(variables, now))
    }

    /// Returns the part of the configuration that a run of the trigger needs, at most
    /// [`LIFETIME_SECONDS`] old. Reads only the variables of that part: most calls of a timer meet a
    /// new instance.
    pub(super) async fn trigger(
        &self,
        host: &impl Host,
        now: Timestamp,
    ) -> Result<TriggerConfig, VariableError> {
        if let Some(config) = self.lock().fresh_trigger(now) {
            return Ok(config);
        }
        let variables = read_trigger(host).await?;
        Ok(self.lock().configure_trigger(&variables, now))
    }

    /// Reads for how long orders are kept. Few runs of the trigger need that.
    pub(super) async fn retention_days(&self, host: &impl Host) -> Result<RetentionDays, Failure> {
        let variables = RetentionVariables {
            retain_content_days: host.variable("retain_content_days").await?,
            retain_order_days: host.variable("retain_order_days").await?,
        };
        let mut checks = Vec::new();
        let days = variables.parse(&mut checks);
        self.lock().log_errors(&checks);
        Ok(days?)
    }

    fn lock(&self) -> MutexGuard<'_, LastRead> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LastRead {
    fn fresh_config(&self, now: Timestamp) -> Option<Arc<Config>> {
        let all = self.all.as_ref()?;
        is_fresh(all.read_at, now).then(|| Arc::clone(&all.config))
    }

    fn fresh_trigger(&self, now: Timestamp) -> Option<TriggerConfig> {
        if let Some(config) = self.fresh_config(now) {
            return Some(config.trigger());
        }
        let (read_at, config) = self.trigger?;
        is_fresh(read_at, now).then_some(config)
    }

    /// Parses the variables, unless they are equal to those that were parsed last.
    fn configure(&mut self, variables: Variables, now: Timestamp) -> Arc<Config> {
        if let Some(all) = self.all.as_mut().filter(|all| all.variables == variables) {
            all.read_at = now;
            return Arc::clone(&all.config);
        }
        let config = Arc::new(Config::parse(&variables));
        self.apply(config.trigger(), config.checks());
        self.all = Some(All {
            read_at: now,
            variables,
            config: Arc::clone(&config),
        });
        config
    }

    fn configure_trigger(&mut self, variables: &TriggerVariables, now: Timestamp) -> TriggerConfig {
        let mut checks = Vec::new();
        let config = TriggerConfig::parse(variables, &mut checks);
        self.apply(config, &checks);
        self.trigger = Some((now, config));
        config
    }

    /// Sets the log level, and logs the errors that have not been logged yet.
    fn apply(&mut self, config: TriggerConfig, checks: &[Check]) {
        log::set_level(config.log_level);
        self.log_errors(checks);
    }

    fn log_errors(&mut self, checks: &[Check]) {
        for check in checks {
            if check.error.is_some() && !self.logged.contains(check) {
                log::error("configuration cannot be used")
                    .reason(check)
                    .write();
                self.logged.push(check.clone());
            }
        }
    }
}

fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    read_at.seconds_apart(now) < LIFETIME_SECONDS
}

async fn read(host: &impl Host) -> Result<Variables, VariableError> {
    Ok(Variables {
        bearer_issuers: host.variable("bearer_issuers").await?,
        platform_issuers: host.variable("platform_issuers").await?,
        required_scopes: host.variable("required_scopes").await?,
        public_base_url: host.variable("public_base_url").await?,
        default_from_address: host.variable("default_from_address").await?,
        from_addresses: host.variable("from_addresses").await?,
        trigger: read_trigger(host).await?,
        max_body_bytes: host.variable("max_body_bytes").await?,
    })
}

async fn read_trigger(host: &impl Host) -> Result<TriggerVariables, VariableError> {
    Ok(TriggerVariables {
        trigger_key: host.variable("trigger_key").await?,
        trigger_key_previous: host.variable("trigger_key_previous").await?,
        log_level: host.variable("log_level").await?,
        give_up_hours: host.variable("give_up_hours").await?,
        send_rate: host.variable("send_rate").await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn variables(public_base_url: &str, default_from_address: &str) -> Variables {
        Variables {
            bearer_issuers: "[]".to_owned(),
            platform_issuers: "[]".to_owned(),
            public_base_url: public_base_url.to_owned(),
            default_from_address: default_from_address.to_owned(),
            from_addresses: "{}".to_owned(),
            max_body_bytes: "1".to_owned(),
            trigger: TriggerVariables {
                log_level: "info".to_owned(),
                give_up_hours: "48".to_owned(),
                send_rate: "0".to_owned(),
                ..TriggerVariables::default()
            },
            ..Variables::default()
        }
    }

    #[test]
    fn error_is_logged_once_per_value() {
        let mut last = LastRead::default();
        let mut logged_with = |base: &str, from: &str| {
            last.configure(variables(base, from), NOW);
            last.logged.len()
        };
        assert_eq!(logged_with("", "a@b.no"), 0);
        assert_eq!(logged_with("x", "a@b.no"), 1);
        // Another variable changes, and an earlier value returns: it is not logged again.
        assert_eq!(logged_with("x", "c@b.no"), 1);
        assert_eq!(logged_with("", "c@b.no"), 1);
        assert_eq!(logged_with("x", "c@b.no"), 1);
        assert_eq!(logged_with("y", "c@b.no"), 2);
    }

    #[test]
    fn variables_that_did_not_change_are_not_parsed_again() {
        let mut last = LastRead::default();
        let first = last.configure(variables("", "a@b.no"), NOW);
        let same = last.configure(variables("", "a@b.no"), NOW);
        assert!(Arc::ptr_eq(&first, &same));
        let other = last.configure(variables("", "c@b.no"), NOW);
        assert!(!Arc::ptr_eq(&first, &other));
    }
}
