//! What the routes work with: the host, its store, and the configuration.

use std::{
    future::{Future, ready},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use futures_util::StreamExt as _;

use super::error::ApiError;
use crate::{
    auth::{FetchError, Fetched, KeyHost},
    config::{Config, ConfigError, Variables},
    delivery::{
        Attempt, Outside, Reservation,
        trigger::{self, Worked},
    },
    log,
    order::Order,
    store::{KeyValue, Orders, StoreError},
};

/// What the API asks of the host that it runs on.
pub trait Host: Outside {
    /// The host's key-value store.
    type Store: KeyValue;

    /// Opens the store; it is kept open.
    fn open_store(&self) -> Result<Self::Store, StoreError>;

    /// Reads every variable.
    fn variables(&self) -> impl Future<Output = Result<Variables, ConfigError>> + Send;

    /// Reads the variable `trigger_key` alone.
    fn trigger_key(&self) -> impl Future<Output = Result<String, ConfigError>> + Send;

    /// GETs a URL over HTTP: 200 only, no redirect followed, bounded in size and time.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send;

    /// GETs a path of the component that holds the documentation, with these headers; None where
    /// there is none.
    fn documentation(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Option<Response<Bytes>>, FetchError>> + Send;

    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Does something behind the response.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

/// The application on its host. It lives as long as the instance, and holds nothing of a request.
pub struct App<H: Host>(Arc<Shared<H>>);

struct Shared<H: Host> {
    host: H,
    orders: OnceLock<Orders<H::Store>>,
    configuration: Mutex<Option<Configuration>>,
}

/// The configuration as it was read last; None if it cannot be used.
struct Configuration {
    read_at: Instant,
    variables: Variables,
    config: Option<Arc<Config>>,
}

/// For how long a configuration is used before the host is asked again.
const CONFIGURATION_LIFETIME: Duration = Duration::from_secs(2);

impl<H: Host> Clone for App<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: Host> App<H> {
    /// The application on this host.
    pub fn new(host: H) -> Self {
        Self(Arc::new(Shared {
            host,
            orders: OnceLock::new(),
            configuration: Mutex::new(None),
        }))
    }

    /// The orders in the host's store.
    pub(super) fn orders(&self) -> Result<&Orders<H::Store>, StoreError> {
        if let Some(orders) = self.0.orders.get() {
            return Ok(orders);
        }
        let orders = Orders::new(self.0.host.open_store()?);
        Ok(self.0.orders.get_or_init(|| orders))
    }

    /// The host.
    pub(super) fn host(&self) -> &H {
        &self.0.host
    }

    /// Delivers an order behind the response.
    pub(super) fn deliver(&self, order: Order, reservation: Option<Reservation>, trace: String) {
        let app = self.clone();
        self.0.host.spawn(async move {
            let delivered = match (app.attempt(&trace), reservation) {
                (Ok(attempt), Some(reservation)) => attempt.reserved(&order, reservation).await,
                (Ok(attempt), None) => attempt.at(&order).await,
                (Err(error), _) => Err(error),
            };
            if let Err(error) = delivered {
                // The trigger takes it up.
                log::error("order cannot be delivered now", &error);
            }
        });
    }

    /// Works off what is due. Attempts that have not come to their end when the run has to answer
    /// go on behind the response.
    pub(super) async fn work_off(&self, trace: &str) -> Result<trigger::Run, StoreError> {
        let answer_at = Instant::now() + trigger::ANSWER;
        let end = async {
            let left = answer_at.saturating_duration_since(Instant::now());
            self.host().sleep(left).await;
        };
        let attempt = self.attempt(trace)?;
        let begin = |id| {
            let (app, trace) = (self.clone(), trace.to_owned());
            let deadline = attempt.deadline;
            async move {
                match app.attempt(&trace) {
                    Ok(attempt) => {
                        let attempt = Attempt {
                            deadline,
                            ..attempt
                        };
                        trigger::work_on(attempt, id).await
                    }
                    Err(error) => {
                        log::error("order cannot be processed", &error);
                        Worked::Failed
                    }
                }
            }
        };
        let (run, under_way) = trigger::run(attempt, begin, end).await?;
        if !under_way.is_empty() {
            self.0.host.spawn(under_way.for_each(|_| ready(())));
        }
        Ok(run)
    }

    /// An attempt at orders, within the time that a run of the trigger has.
    pub(super) fn attempt<'a>(
        &'a self,
        trace: &'a str,
    ) -> Result<Attempt<'a, H::Store, H>, StoreError> {
        let outside = self.host();
        Ok(Attempt {
            orders: self.orders()?,
            outside,
            trace,
            deadline: outside.now().plus_seconds(trigger::BEGIN_SECONDS),
        })
    }

    /// The configuration, at most [`CONFIGURATION_LIFETIME`] old.
    pub(super) async fn config(&self) -> Result<Arc<Config>, ApiError> {
        if let Some(config) = self.fresh_config() {
            return config.ok_or(ApiError::Unavailable);
        }
        let variables = self.0.host.variables().await.map_err(|error| {
            log::error("configuration cannot be read", &error);
            ApiError::Unavailable
        })?;
        self.configure(variables).ok_or(ApiError::Unavailable)
    }

    fn fresh_config(&self) -> Option<Option<Arc<Config>>> {
        let last = self.lock();
        let last = last.as_ref()?;
        (last.read_at.elapsed() < CONFIGURATION_LIFETIME).then(|| last.config.clone())
    }

    /// Parses the variables, unless they are those that were parsed last.
    fn configure(&self, variables: Variables) -> Option<Arc<Config>> {
        let mut last = self.lock();
        if let Some(last) = last.as_mut().filter(|last| last.variables == variables) {
            last.read_at = Instant::now();
            return last.config.clone();
        }
        let config = Config::parse(&variables)
            .inspect_err(|error| log::error("configuration cannot be used", error))
            .ok()
            .map(Arc::new);
        *last = Some(Configuration {
            read_at: Instant::now(),
            variables,
            config: config.clone(),
        });
        config
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Configuration>> {
        let configuration = &self.0.configuration;
        configuration.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Host> KeyHost for App<H> {
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send {
        self.0.host.fetch(url)
    }

    fn stored_keys(&self, name: &str) -> Option<Vec<u8>> {
        self.orders()
            .and_then(|orders| orders.issuer_keys(name))
            .ok()?
    }

    fn store_keys(&self, name: &str, json: Vec<u8>) {
        let stored = self
            .orders()
            .and_then(|orders| orders.set_issuer_keys(name, json));
        if let Err(error) = stored {
            log::error("keys of an issuer cannot be stored", &error);
        }
    }

    fn shared_token(&self, slot: &str) -> Option<Vec<u8>> {
        self.orders()
            .and_then(|orders| orders.shared_token(slot))
            .ok()?
    }

    fn share_token(&self, slot: &str, json: Vec<u8>) {
        if let Ok(orders) = self.orders() {
            orders.share_token(slot, json);
        }
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.host.sleep(time)
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F) {
        self.0.host.spawn(task(self.clone()));
    }
}
