//! Counting what components ask of the host.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::{Serialize, Serializer};

/// A call that a component makes to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Opening a store, by either interface.
    Open,
    /// Reading a value.
    Get,
    /// Writing a value.
    Set,
    /// Asking whether there is a value.
    Exists,
    /// Deleting a value.
    Delete,
    /// Listing keys.
    GetKeys,
    /// Writing values together.
    SetMany,
    /// Reading values together.
    GetMany,
    /// Deleting values together.
    DeleteMany,
    /// Adding to a number.
    Increment,
    /// Beginning a compare-and-swap.
    CasNew,
    /// Reading within a compare-and-swap.
    CasCurrent,
    /// Ending a compare-and-swap.
    CasSwap,
    /// Reading a variable.
    VariableGet,
    /// Sending an HTTP request.
    OutboundHttp,
    /// Connecting to a Redis server, or sending it a command.
    OutboundRedis,
}

impl Call {
    /// Every kind of call.
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

    /// The call's name, as in the statistics.
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

/// How often each call was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CallCounts(BTreeMap<Call, u64>);

impl CallCounts {
    /// How often this call was made.
    #[must_use]
    pub fn get(&self, call: Call) -> u64 {
        self.0.get(&call).copied().unwrap_or_default()
    }

    /// How many calls were made in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// The running counts of one server.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Call::ALL.len()]);

impl Counters {
    /// Counts a call and says which one of its kind it is, from 1.
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
    fn each_kind_counts_by_itself() {
        let counters = Counters::default();
        for (index, call) in Call::ALL.into_iter().enumerate() {
            assert_eq!(call as usize, index, "{call:?} stands where it counts");
            assert_eq!(counters.count(call), 1);
        }
        assert_eq!(counters.count(Call::Get), 2);
        assert_eq!(counters.snapshot().get(Call::Get), 2);
        assert_eq!(counters.snapshot().total(), Call::ALL.len() as u64 + 1);
        counters.reset();
        assert_eq!(counters.snapshot().total(), 0);
    }
}
