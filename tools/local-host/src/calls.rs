//! Counts the calls of components to the host.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::{Serialize, Serializer};

/// A kind of call to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Opens a store, by either interface.
    Open,
    /// Reads a value.
    Get,
    /// Writes a value.
    Set,
    /// Tests whether a key has a value.
    Exists,
    /// Deletes a value.
    Delete,
    /// Lists keys.
    GetKeys,
    /// Writes several values.
    SetMany,
    /// Reads several values.
    GetMany,
    /// Deletes several values.
    DeleteMany,
    /// Adds to a number.
    Increment,
    /// Begins a compare-and-swap.
    CasNew,
    /// Reads the current value within a compare-and-swap.
    CasCurrent,
    /// Completes a compare-and-swap.
    CasSwap,
    /// Reads a variable.
    VariableGet,
    /// Sends an HTTP request.
    OutboundHttp,
    /// Connects to a Redis server, or sends it a command.
    OutboundRedis,
}

impl Call {
    /// All kinds of calls.
    pub const ALL: [Self; 16] = [
        Self::Open,
        Self::Get,
        Self::Set,
        Self::Exists,
        Self::Delete,
        Self::GetKeys,
        Self::SetMany,
        Self::GetMany,
        Self::DeleteMany,
        Self::Increment,
        Self::CasNew,
        Self::CasCurrent,
        Self::CasSwap,
        Self::VariableGet,
        Self::OutboundHttp,
        Self::OutboundRedis,
    ];

    /// Returns the call's name in the statistics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Get => "get",
            Self::Set => "set",
            Self::Exists => "exists",
            Self::Delete => "delete",
            Self::GetKeys => "get_keys",
            Self::SetMany => "set_many",
            Self::GetMany => "get_many",
            Self::DeleteMany => "delete_many",
            Self::Increment => "increment",
            Self::CasNew => "cas_new",
            Self::CasCurrent => "cas_current",
            Self::CasSwap => "cas_swap",
            Self::VariableGet => "variable_get",
            Self::OutboundHttp => "outbound_http",
            Self::OutboundRedis => "outbound_redis",
        }
    }
}

impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The number of calls of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CallCounts(BTreeMap<Call, u64>);

impl CallCounts {
    /// Returns the number of calls of this kind.
    #[must_use]
    pub fn get(&self, call: Call) -> u64 {
        self.0.get(&call).copied().unwrap_or_default()
    }

    /// Returns the number of all calls.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Counts the calls of one server.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Call::ALL.len()]);

impl Counters {
    /// Counts a call, and returns its number among those of its kind, from 1.
    pub(crate) fn count(&self, call: Call) -> u64 {
        self.0[call as usize].fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn snapshot(&self) -> CallCounts {
        let count = |call: Call| (call, self.0[call as usize].load(Relaxed));
        CallCounts(Call::ALL.map(count).into())
    }

    pub(crate) fn reset(&self) {
        for counter in &self.0 {
            counter.store(0, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_count_each_kind_separately() {
        let counters = Counters::default();
        for (index, call) in Call::ALL.into_iter().enumerate() {
            assert_eq!(call as usize, index, "{call:?} is at its index");
            assert_eq!(counters.count(call), 1);
        }
        assert_eq!(counters.count(Call::Get), 2);
        assert_eq!(counters.snapshot().get(Call::Get), 2);
        assert_eq!(counters.snapshot().total(), Call::ALL.len() as u64 + 1);
        counters.reset();
        assert_eq!(counters.snapshot().total(), 0);
    }
}
