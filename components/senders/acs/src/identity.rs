//! What identifies an operation and a request to the service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

/// The time in which repeats are the same request. The service compares requests of the last five
/// minutes and refuses older ones, so this leaves two minutes for a clock that is wrong.
const SAME_REQUEST: Duration = Duration::from_mins(3);

/// The operation of an attempt at a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OperationId(pub(crate) Uuid);

impl OperationId {
    /// Returns the operation of a notification after this number of operations that have failed.
    pub(crate) fn new(notification: Uuid, failed: u32) -> Self {
        Self(if failed == 0 {
            notification
        } else {
            derived(notification, u64::from(failed))
        })
    }
}

/// The identity of a repeatable request (OASIS Repeatable Requests 1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeatability {
    pub(crate) request: Uuid,
    pub(crate) first_sent: SystemTime,
}

impl Repeatability {
    /// Returns the identity of a request that starts an operation now. Both values are derived from
    /// the time, because the sender keeps no record of requests: a repeat in the same three minutes
    /// has the same values, in every instance.
    pub(crate) fn new(operation: OperationId, now: SystemTime) -> Self {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let first_sent = now.as_secs() - now.as_secs() % SAME_REQUEST.as_secs();
        Self {
            request: derived(operation.0, first_sent),
            first_sent: UNIX_EPOCH + Duration::from_secs(first_sent),
        }
    }
}

/// Derives an id from another one and a number.
fn derived(id: Uuid, number: u64) -> Uuid {
    let hash = hmac_sha256::Hash::hash(&[&id.as_bytes()[..], &number.to_be_bytes()].concat());
    let (bytes, _) = hash.split_at(16);
    let mut custom = [0; 16];
    custom.copy_from_slice(bytes);
    Builder::from_custom_bytes(custom).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(0x0b8f_6b1e_58f6_4b5e_9a3a_0c6a_4f5f_7f10);

    #[test]
    fn operation_id_after_a_failed_operation_is_another_one() {
        assert_eq!(OperationId::new(ID, 0).0, ID);
        let ids: Vec<_> = (0..4)
            .map(|failed| OperationId::new(ID, failed).0)
            .collect();
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id));
        }
        assert_eq!(OperationId::new(ID, 3).0, ids[3]);
    }

    #[test]
    fn repeatability_in_the_same_minutes_is_the_same() {
        let at = |seconds: u64| {
            let now = UNIX_EPOCH + Duration::from_secs(1_700_000_100 + seconds);
            (now, Repeatability::new(OperationId(ID), now))
        };
        let (_, first) = at(0);
        for seconds in [1, 179] {
            let (now, same) = at(seconds);
            assert_eq!(same, first);
            let age = now.duration_since(same.first_sent).unwrap();
            assert!(age < SAME_REQUEST, "{age:?}");
        }
        let (_, later) = at(180);
        assert_ne!(later.request, first.request);
        assert_ne!(later.first_sent, first.first_sent);
        let other = Repeatability::new(OperationId::new(ID, 1), first.first_sent);
        assert_ne!(other.request, first.request);
    }
}
