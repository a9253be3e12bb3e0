//! The application: a host with its store and its configuration.

use std::{
    future::{Future, ready},
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Response};

use super::{configuration::Configuration, failure::Failure};
use crate::{
    auth::{FetchError, Fetched, KeyHost},
    clock::Clock,
    config::{Config, DeliverySettings, TriggerConfig, VariableError},
    delivery::{
        DeliveryContext, InitialLease, Ports, SendGate, await_send_time,
        trigger::{self, OrderResult},
    },
    log,
    order::Order,
    store::{KeyValue, LastRun, Pace, Stopped, StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

/// How long a run of the trigger erases and deletes orders, and when it ends after its beginning: a run
/// answers within 20 seconds.
const RETENTION_SECONDS: i64 = 3;
const RETENTION_END_SECONDS: i64 = 19;

/// The host that the API runs on.
pub trait Host: Ports {
    /// The host's key-value store.
    type Store: KeyValue;

    /// Opens the store. The application keeps it open.
    fn open_store(&self) -> Result<Self::Store, StoreError>;

    /// Reads a variable.
    fn variable(
        &self,
        name: &'static str,
    ) -> impl Future<Output = Result<String, VariableError>> + Send;

    /// GETs a URL over HTTP. Accepts 200 only, follows no redirect, and limits size and time.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send;

    /// GETs a path of the documentation's component, with these headers. Returns None if there is no
    /// such component.
    fn documentation(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Option<Response<Bytes>>, FetchError>> + Send;

    /// Runs a task after the response.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

/// The application on its host. It lives as long as the instance, and holds no data of a request.
pub struct App<H: Host>(Arc<Shared<H>>);

struct Shared<H: Host> {
    host: H,
    stores: OnceLock<Stores<H::Store>>,
    configuration: Configuration,
    gate: SendGate,
}

impl<H: Host> Clone for App<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: Host> App<H> {
    /// Returns the application on this host.
    pub fn new(host: H) -> Self {
        Self(Arc::new(Shared {
            host,
            stores: OnceLock::new(),
            configuration: Configuration::default(),
            gate: SendGate::default(),
        }))
    }

    /// Returns what is stored, in the host's store.
    pub(super) fn stores(&self) -> Result<&Stores<H::Store>, StoreError> {
        if let Some(stores) = self.0.stores.get() {
            return Ok(stores);
        }
        let stores = Stores::new(self.0.host.open_store()?);
        Ok(self.0.stores.get_or_init(|| stores))
    }

    /// Returns the host.
    pub(super) fn host(&self) -> &H {
        &self.0.host
    }

    /// Delivers an order after the response, and not before its send time.
    pub(super) fn deliver(
        &self,
        order: Order,
        lease: Option<InitialLease>,
        trace: TraceId,
        settings: DeliverySettings,
    ) {
        let app = self.clone();
        self.0.host.spawn(async move {
            await_send_time(&app, &order).await;
            let delivered = match (app.delivery_context(trace, settings), lease) {
                (Ok(context), Some(lease)) => context.attempt_leased(&order, lease).await,
                (Ok(context), None) => context.attempt(&order).await,
                (Err(error), _) => Err(error.into()),
            };
            if let Err(error) = delivered {
                // A run of the trigger delivers it later.
                log::error("order cannot be delivered now")
                    .trace(trace)
                    .order(order.id)
                    .creator(&order.creator)
                    .reason(&error)
                    .write();
            }
        });
    }

    /// Runs the trigger: delivers due orders. Attempts that are not finished when the run has to
    /// answer continue after the response.
    pub(super) async fn run_trigger(
        &self,
        trace: TraceId,
        settings: DeliverySettings,
    ) -> Result<trigger::Run, StoreError> {
        let started = self.host().now();
        let end = async {
            let elapsed = self.host().now().duration_since(started);
            self.host()
                .sleep(trigger::RESPONSE_TIME.saturating_sub(elapsed))
                .await;
        };
        let context = self.delivery_context(trace, settings)?;
        let begin = |id| {
            let app = self.clone();
            let deadline = context.deadline;
            async move {
                match app.delivery_context(trace, settings) {
                    Ok(context) => {
                        let context = DeliveryContext {
                            deadline,
                            ..context
                        };
                        trigger::process_order(context, id).await
                    }
                    Err(error) => {
                        log::error("order cannot be processed")
                            .trace(trace)
                            .order(id)
                            .reason(&error)
                            .write();
                        OrderResult::Failed
                    }
                }
            }
        };
        let (run, under_way) = trigger::run(context, begin, end).await?;
        if !under_way.is_empty() {
            self.0.host.spawn(under_way.for_each(|_| ready(())));
        }
        self.record(run, trace);
        Ok(run)
    }

    /// Erases and deletes orders that have reached their age, if that is due. If the store fails, a
    /// later run goes on. The run of the trigger has begun at `begun`.
    pub(super) async fn retain(&self, trace: TraceId, begun: Timestamp) -> Result<(), Failure> {
        let (stores, now) = (self.stores()?, self.host().now());
        if !stores.retention.is_due(now)? {
            return Ok(());
        }
        let days = self.0.configuration.retention_days(self.host()).await?;
        let clock = || self.host().now();
        let end = now.plus_seconds(RETENTION_SECONDS);
        let end = end.min(begun.plus_seconds(RETENTION_END_SECONDS));
        let pace = Pace::new(&clock, end, end);
        match stores.retention.run(days, now, &pace).await {
            Ok(()) | Err(Stopped::OutOfTime) => {}
            Err(error) => log::error("orders cannot be erased or deleted")
                .trace(trace)
                .reason(&error)
                .write(),
        }
        Ok(())
    }

    /// Records a run, for the health report. A failure is only logged, since the run itself has
    /// succeeded.
    fn record(&self, run: trigger::Run, trace: TraceId) {
        let last_run = LastRun {
            at: self.host().now(),
            due: run.due,
            processed: run.processed,
            more: run.more,
        };
        let stores = self.stores();
        let recorded = stores.and_then(|stores| stores.deliveries.set_last_run(&last_run));
        if let Err(error) = recorded {
            log::warn("run cannot be recorded")
                .trace(trace)
                .reason(&error)
                .write();
        }
    }

    /// Returns what an attempt at an order needs. The deadline is that of a run of the trigger.
    pub(super) fn delivery_context(
        &self,
        trace: TraceId,
        settings: DeliverySettings,
    ) -> Result<DeliveryContext<'_, H::Store, H>, StoreError> {
        let ports = self.host();
        Ok(DeliveryContext {
            stores: self.stores()?,
            ports,
            gate: &self.0.gate,
            trace,
            deadline: ports.now().plus_seconds(trigger::BEGIN_SECONDS),
            settings,
        })
    }

    /// Returns the configuration, at most a few seconds old.
    pub(super) async fn config(&self, now: Timestamp) -> Result<Arc<Config>, VariableError> {
        self.0.configuration.get(&self.0.host, now).await
    }

    /// Returns the part of the configuration that a run of the trigger needs.
    pub(super) async fn trigger_config(
        &self,
        now: Timestamp,
    ) -> Result<TriggerConfig, VariableError> {
        self.0.configuration.trigger(&self.0.host, now).await
    }
}

impl<H: Host> Clock for App<H> {
    fn now(&self) -> Timestamp {
        self.0.host.now()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.host.sleep(time)
    }
}

impl<H: Host> KeyHost for App<H> {
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send {
        self.0.host.fetch(url)
    }

    fn stored_keys(&self, name: &str) -> Option<Vec<u8>> {
        self.stores()
            .and_then(|stores| stores.cache.issuer_keys(name))
            .ok()?
    }

    fn store_keys(&self, name: &str, value: Vec<u8>) {
        let stored = self
            .stores()
            .and_then(|stores| stores.cache.set_issuer_keys(name, value));
        if let Err(error) = stored {
            log::error("keys of an issuer cannot be stored")
                .reason(&error)
                .write();
        }
    }

    fn shared_token(&self, slot: &str) -> Option<Vec<u8>> {
        self.stores()
            .and_then(|stores| stores.cache.shared_token(slot))
            .ok()?
    }

    fn share_token(&self, slot: &str, value: Vec<u8>) {
        if let Ok(stores) = self.stores() {
            stores.cache.share_token(slot, value);
        }
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F) {
        self.0.host.spawn(task(self.clone()));
    }
}
