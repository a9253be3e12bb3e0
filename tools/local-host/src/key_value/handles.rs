//! The handles of one instance: at most 256 stores and 256 swaps.

use std::{collections::HashMap, sync::Arc};

use wasmtime::component::Resource;

use super::{
    KeyValue,
    open::{OpenStore, OpenSwap, Opener},
    store::{Result, StoreError},
};

const MAX_OPEN: usize = 256;

pub(crate) struct Handles {
    opener: Opener,
    stores: Table<OpenStore>,
    swaps: Table<OpenSwap>,
}

struct Table<T> {
    next: u32,
    entries: HashMap<u32, T>,
}

impl<T: 'static> Table<T> {
    fn new() -> Self {
        Self {
            next: 0,
            entries: HashMap::new(),
        }
    }

    fn push(&mut self, entry: T) -> Option<Resource<T>> {
        if self.entries.len() >= MAX_OPEN {
            return None;
        }
        while self.entries.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        self.entries.insert(self.next, entry);
        let resource = Resource::new_own(self.next);
        self.next = self.next.wrapping_add(1);
        Some(resource)
    }
}

impl Handles {
    /// Creates the handles of an instance of a component that may open the `allowed` stores.
    pub(crate) fn new(service: Arc<KeyValue>, component: Arc<str>, allowed: Arc<[String]>) -> Self {
        Self {
            opener: Opener {
                service,
                component,
                allowed,
            },
            stores: Table::new(),
            swaps: Table::new(),
        }
    }

    pub(crate) fn opener(&self) -> Opener {
        self.opener.clone()
    }

    pub(crate) fn keep(&mut self, store: OpenStore) -> Result<Resource<OpenStore>> {
        self.stores.push(store).ok_or(StoreError::TableFull)
    }

    pub(crate) fn store(&self, store: &Resource<OpenStore>) -> Result<OpenStore> {
        let store = self.stores.entries.get(&store.rep());
        store.cloned().ok_or(StoreError::NoSuchStore)
    }

    pub(crate) fn close(&mut self, store: &Resource<OpenStore>) {
        self.stores.entries.remove(&store.rep());
    }

    pub(crate) fn keep_swap(&mut self, swap: OpenSwap) -> Result<Resource<OpenSwap>> {
        self.swaps
            .push(swap)
            .ok_or_else(|| StoreError::other("too many compare_and_swaps opened"))
    }

    pub(crate) fn swap(&self, swap: &Resource<OpenSwap>) -> Result<OpenSwap> {
        let swap = self.swaps.entries.get(&swap.rep());
        swap.cloned()
            .ok_or_else(|| StoreError::other("compare and swap not found"))
    }

    pub(crate) fn take_swap(&mut self, swap: &Resource<OpenSwap>) -> Result<OpenSwap> {
        self.swaps
            .entries
            .remove(&swap.rep())
            .ok_or_else(|| StoreError::other("compare and swap not found"))
    }

    pub(crate) fn close_swap(&mut self, swap: &Resource<OpenSwap>) {
        self.swaps.entries.remove(&swap.rep());
    }
}
