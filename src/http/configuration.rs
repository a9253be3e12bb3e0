//! The configuration, read from the host every few seconds.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{app::Host, error::ApiError};
use crate::{
    auth::TriggerKeys,
    config::{Config, ConfigError, VariableError, Variables},
    log,
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
    trigger_keys: Option<(Timestamp, Option<TriggerKeys>)>,
    /// The errors that have been logged: each is logged once per instance and value.
    logged: HashSet<ConfigError>,
}

struct All {
    read_at: Timestamp,
    variables: Variables,
    config: Arc<Config>,
}

impl Configuration {
    /// Returns the configuration, at most [`LIFETIME_SECONDS`] old.
    pub(super) async fn get(&self, host: &impl Host) -> Result<Arc<Config>, ApiError> {
        if let Some(config) = self.lock().fresh_config(host.now()) {
            return Ok(config);
        }
        let variables = read(host).await.map_err(unreadable)?;
        Ok(self.lock().configure(variables, host.now()))
    }

    /// Returns the trigger keys, at most [`LIFETIME_SECONDS`] old. Of the variables it reads only theirs: a
    /// timer's call mostly finds a new instance, which needs no others.
    pub(super) async fn trigger_keys(
        &self,
        host: &impl Host,
    ) -> Result<Option<TriggerKeys>, ApiError> {
        if let Some(keys) = self.lock().fresh_trigger_keys(host.now()) {
            return Ok(keys);
        }
        let [current, previous] = read_trigger_keys(host).await.map_err(unreadable)?;
        let keys = TriggerKeys::new(&current, &previous);
        self.lock().trigger_keys = Some((host.now(), keys.clone()));
        Ok(keys)
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

    fn fresh_trigger_keys(&self, now: Timestamp) -> Option<Option<TriggerKeys>> {
        if let Some(config) = self.fresh_config(now) {
            return Some(config.trigger_keys().cloned());
        }
        let (read_at, keys) = self.trigger_keys.as_ref()?;
        is_fresh(*read_at, now).then(|| keys.clone())
    }

    /// Parses the variables, unless they are those that were parsed last.
    fn configure(&mut self, variables: Variables, now: Timestamp) -> Arc<Config> {
        if let Some(all) = self.all.as_mut().filter(|all| all.variables == variables) {
            all.read_at = now;
            return Arc::clone(&all.config);
        }
        let (config, errors) = Config::parse(&variables);
        for error in errors {
            if !self.logged.contains(&error) {
                log::error("configuration cannot be used")
                    .reason(&error)
                    .write();
                self.logged.insert(error);
            }
        }
        let config = Arc::new(config);
        self.all = Some(All {
            read_at: now,
            variables,
            config: Arc::clone(&config),
        });
        config
    }
}

fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    read_at.seconds_apart(now) < LIFETIME_SECONDS
}

async fn read(host: &impl Host) -> Result<Variables, VariableError> {
    let [trigger_key, trigger_key_previous] = read_trigger_keys(host).await?;
    Ok(Variables {
        bearer_issuers: host.variable("bearer_issuers").await?,
        platform_issuers: host.variable("platform_issuers").await?,
        required_scopes: host.variable("required_scopes").await?,
        public_base_url: host.variable("public_base_url").await?,
        default_from_address: host.variable("default_from_address").await?,
        trigger_key,
        trigger_key_previous,
        max_body_bytes: host.variable("max_body_bytes").await?,
    })
}

async fn read_trigger_keys(host: &impl Host) -> Result<[String; 2], VariableError> {
    Ok([
        host.variable("trigger_key").await?,
        host.variable("trigger_key_previous").await?,
    ])
}

fn unreadable(error: VariableError) -> ApiError {
    log::error("configuration cannot be read")
        .reason(&error)
        .write();
    ApiError::Unavailable
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
            max_body_bytes: "1".to_owned(),
            ..Variables::default()
        }
    }

    #[test]
    fn an_error_is_logged_once_per_value() {
        let mut last = LastRead::default();
        let mut logged_with = |base: &str, from: &str| {
            last.configure(variables(base, from), NOW);
            last.logged.len()
        };
        assert_eq!(logged_with("", "a@b.no"), 0);
        assert_eq!(logged_with("x", "a@b.no"), 1);
        // Another variable changes, and the value comes back: it is not said again.
        assert_eq!(logged_with("x", "c@b.no"), 1);
        assert_eq!(logged_with("", "c@b.no"), 1);
        assert_eq!(logged_with("x", "c@b.no"), 1);
        assert_eq!(logged_with("y", "c@b.no"), 2);
    }

    #[test]
    fn variables_that_do_not_change_keep_their_configuration() {
        let mut last = LastRead::default();
        let first = last.configure(variables("", "a@b.no"), NOW);
        let same = last.configure(variables("", "a@b.no"), NOW);
        assert!(Arc::ptr_eq(&first, &same));
        let other = last.configure(variables("", "c@b.no"), NOW);
        assert!(!Arc::ptr_eq(&first, &other));
    }
}
