//! Group commit: requests that store something at the same time share one write.
//!
//! A durable write takes about as long for several records as for one. Each request enqueues what it
//! has to store, and pauses. The first one whose pause is over writes everything that is pending.
//!
//! A request finds its result when its own pause is over, since no task of a component can wake
//! another one: wit-bindgen 0.57 can do that only with its feature `inter-task-wakeup`, which
//! spin-sdk 7 leaves off. Once it is on, the writer can wake the others.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use super::StoreError;

/// The queue of the next write.
#[derive(Debug)]
pub(super) struct GroupCommit<T>(Mutex<Vec<Pending<T>>>);

/// An entry that is to be written, and the result that its request waits for.
#[derive(Debug)]
pub(super) struct Pending<T> {
    pub(super) entry: T,
    pub(super) result: WriteResult,
}

/// The result of a write, once it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteResult(Arc<OnceLock<Result<(), StoreError>>>);

impl WriteResult {
    /// Sets the result. Later calls change nothing.
    pub(super) fn set(&self, result: Result<(), StoreError>) {
        _ = self.0.set(result);
    }

    fn get(&self) -> Option<Result<(), StoreError>> {
        self.0.get().cloned()
    }
}

impl<T> Default for GroupCommit<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> GroupCommit<T> {
    /// Writes an entry together with those that arrive during the pause. `write` writes all entries
    /// that it is given, and sets the result of each.
    ///
    /// If the request is dropped before its entry was written, the entry is not written.
    pub(super) async fn write(
        &self,
        entry: T,
        pause: impl Future<Output = ()>,
        write: impl FnOnce(Vec<Pending<T>>),
    ) -> Result<(), StoreError> {
        let ticket = self.enqueue(entry);
        pause.await;
        if let Some(result) = ticket.result.get() {
            return result;
        }
        write(std::mem::take(&mut *self.lock()));
        let lost = || Err(StoreError::Host("it was not written".to_owned()));
        ticket.result.get().unwrap_or_else(lost)
    }

    fn enqueue(&self, entry: T) -> Ticket<'_, T> {
        let result = WriteResult::default();
        self.lock().push(Pending {
            entry,
            result: result.clone(),
        });
        Ticket {
            group: self,
            result,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pending<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's place in the queue. Dropping it removes the entry, if that is still there.
struct Ticket<'a, T> {
    group: &'a GroupCommit<T>,
    result: WriteResult,
}

impl<T> Drop for Ticket<'_, T> {
    fn drop(&mut self) {
        let own = &self.result.0;
        self.group
            .lock()
            .retain(|pending| !Arc::ptr_eq(&pending.result.0, own));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use futures_executor::block_on;
    use futures_util::{FutureExt as _, future::join_all};

    use super::*;
    use crate::store::yield_now;

    /// Counts the entries of each write. Entry 13 is refused.
    #[derive(Default)]
    struct Writes(Mutex<Vec<usize>>);

    impl Writes {
        fn write(&self, pending: Vec<Pending<usize>>) {
            self.0.lock().unwrap().push(pending.len());
            for Pending { entry, result } in pending {
                result.set(match entry {
                    13 => Err(StoreError::Host("refused".to_owned())),
                    _ => Ok(()),
                });
            }
        }
    }

    #[test]
    fn write_concurrent_entries_share_one_write() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        let all =
            (0..20).map(|entry| group.write(entry, yield_now(), |pending| writes.write(pending)));
        let results = block_on(join_all(all));
        assert_eq!(*writes.0.lock().unwrap(), [20]);
        for (entry, result) in results.into_iter().enumerate() {
            assert_eq!(result.is_ok(), entry != 13, "{entry}");
        }
    }

    #[test]
    fn write_entry_that_arrives_meanwhile_is_included() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        let late = async {
            yield_now().await;
            group
                .write(1, yield_now(), |pending| writes.write(pending))
                .await
        };
        let pause = async {
            yield_now().await;
            yield_now().await;
        };
        let early = group.write(0, pause, |pending| writes.write(pending));
        let results = block_on(join_all([late.left_future(), early.right_future()]));
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(*writes.0.lock().unwrap(), [2]);
    }

    #[test]
    fn write_sequential_entries_are_separate_writes() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        for entry in 0..3 {
            block_on(group.write(entry, yield_now(), |pending| writes.write(pending))).unwrap();
        }
        assert_eq!(*writes.0.lock().unwrap(), [1, 1, 1]);
    }

    #[test]
    fn write_dropped_request_is_not_written() {
        let (group, written) = (GroupCommit::default(), AtomicUsize::new(0));
        let write = |pending: Vec<Pending<usize>>| {
            written.fetch_add(pending.len(), Relaxed);
            for one in pending {
                one.result.set(Ok(()));
            }
        };
        let mut dropped = Box::pin(group.write(0, yield_now(), write));
        assert!(dropped.as_mut().now_or_never().is_none());
        drop(dropped);
        block_on(group.write(1, yield_now(), write)).unwrap();
        assert_eq!(written.load(Relaxed), 1);
    }
}
