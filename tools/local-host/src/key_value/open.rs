//! The stores that a component has opened. Every call is counted and can be made to fail.

use std::sync::Arc;

use super::{
    KeyValue,
    store::{
        CompareAndSwap, KeyStream, Pair, Result, Store, StoreError, SwapError, keys_within_limit,
    },
};
use crate::{
    calls::Call,
    faults::{Moment, Phase, Probe},
};

/// Opens stores for one component.
#[derive(Clone)]
pub(crate) struct Opener {
    pub(super) service: Arc<KeyValue>,
    pub(super) component: Arc<str>,
    pub(super) allowed: Arc<[String]>,
}

impl Opener {
    /// Opens a store, if the component is allowed to.
    pub(crate) async fn open(&self, label: &str) -> Result<OpenStore> {
        let open = async {
            if !self.allowed.iter().any(|allowed| allowed == label) {
                return Err(StoreError::AccessDenied);
            }
            self.service.store(label, &self.component)
        };
        let store = self
            .service
            .probe
            .observe(Call::Open, &self.component, &[label], open)
            .await?;
        Ok(OpenStore {
            store,
            probe: Arc::clone(&self.service.probe),
            component: Arc::clone(&self.component),
        })
    }
}

/// A store that a component has opened.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct OpenStore {
    store: Arc<dyn Store>,
    probe: Arc<Probe>,
    component: Arc<str>,
}

impl OpenStore {
    async fn observe<T>(
        &self,
        call: Call,
        subjects: &[&str],
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.probe
            .observe(call, &self.component, subjects, work)
            .await
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.observe(Call::Get, &[key], self.store.get(key)).await
    }

    pub(crate) async fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.observe(Call::Set, &[key], self.store.set(key, value))
            .await
    }

    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        self.observe(Call::Delete, &[key], self.store.delete(key))
            .await
    }

    pub(crate) async fn exists(&self, key: &str) -> Result<bool> {
        self.observe(Call::Exists, &[key], self.store.exists(key))
            .await
    }

    pub(crate) async fn list_keys(&self) -> Result<Vec<String>> {
        let list = async { keys_within_limit(self.store.list_keys().await?) };
        self.observe(Call::GetKeys, &[], list).await
    }

    pub(crate) async fn stream_keys(&self) -> Result<KeyStream> {
        let stream = async { Ok(self.store.stream_keys().await) };
        self.observe(Call::GetKeys, &[], stream).await
    }

    pub(crate) async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>> {
        let subjects = keys.clone();
        let get = async {
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            self.store.get_many(keys).await
        };
        self.observe(Call::GetMany, &refs(&subjects), get).await
    }

    pub(crate) async fn set_many(&self, pairs: Vec<Pair>) -> Result<()> {
        let subjects: Vec<_> = pairs.iter().map(|(key, _)| key.clone()).collect();
        let set = async {
            if pairs.is_empty() {
                return Ok(());
            }
            self.store.set_many(pairs).await
        };
        self.observe(Call::SetMany, &refs(&subjects), set).await
    }

    pub(crate) async fn delete_many(&self, keys: Vec<String>) -> Result<()> {
        let subjects = keys.clone();
        let delete = async {
            if keys.is_empty() {
                return Ok(());
            }
            self.store.delete_many(keys).await
        };
        self.observe(Call::DeleteMany, &refs(&subjects), delete)
            .await
    }

    pub(crate) async fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        self.observe(Call::Increment, &[key], self.store.increment(key, delta))
            .await
    }

    pub(crate) async fn compare_and_swap(&self, key: &str) -> Result<OpenSwap> {
        let swap = self
            .observe(Call::CasNew, &[key], self.store.compare_and_swap(key))
            .await?;
        Ok(OpenSwap {
            swap: swap.into(),
            store: self.clone(),
            key: key.to_owned(),
        })
    }
}

fn refs(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// A compare-and-swap that a component has begun.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct OpenSwap {
    swap: Arc<dyn CompareAndSwap>,
    store: OpenStore,
    key: String,
}

impl OpenSwap {
    pub(crate) async fn current(&self) -> Result<Option<Vec<u8>>> {
        self.store
            .observe(Call::CasCurrent, &[&self.key], self.swap.current())
            .await
    }

    pub(crate) async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError> {
        let OpenStore {
            probe, component, ..
        } = &self.store;
        probe
            .observe(
                Call::CasSwap,
                component,
                &[&self.key],
                self.swap.swap(value),
            )
            .await
    }

    /// Begins another compare-and-swap of the same key.
    pub(crate) async fn renew(&self) -> Result<Self> {
        Ok(Self {
            swap: self.store.store.compare_and_swap(&self.key).await?.into(),
            store: self.store.clone(),
            key: self.key.clone(),
        })
    }

    /// Reads the value that the next swap expects, without counting a call.
    pub(crate) async fn prime(&self) -> Result<()> {
        self.swap.current().await.map(drop)
    }
}

/// The steps of calls that are not atomic. Between two steps other tasks run, and the hook is called.
pub(crate) struct Steps {
    probe: Arc<Probe>,
    component: Arc<str>,
}

impl Steps {
    pub(super) fn new(probe: Arc<Probe>, component: Arc<str>) -> Self {
        Self { probe, component }
    }

    pub(super) async fn between(&self, call: Call, steps: usize, key: &str) -> Result<()> {
        tokio::task::yield_now().await;
        let moment = Moment {
            call,
            nth: self.probe.counts().get(call),
            phase: Phase::Between(steps),
            component: &self.component,
            subjects: &[key],
        };
        Ok(self.probe.ask(&moment).await?)
    }
}
