//! Group commit: what comes to be stored at the same time is stored by one write.
//!
//! A write that is on the disk when it returns takes about as long for several orders as for one.
//! While an instance waits for one, nothing else runs in it; requests pile up, and come here one
//! after another when it is over. So whoever has something to store lets others come, as long as
//! more do, and then stores all that wait. Somebody alone waits for [`LEAST_TURNS`] of the host's.
//!
//! Nobody waits to be woken by another request, which hosts do not do: whoever's turn it is again
//! and finds its own not yet stored is the one that stores.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Poll,
};

use super::StoreError;

/// How many turns somebody waits at the least. In the first one the host still takes the instance
/// for busy, and has a new one made for whatever comes during the write; from the second on what
/// comes waits for this one (wasmtime's `ProxyHandler`, which Spin is built on).
const LEAST_TURNS: usize = 2;

/// What waits for the next write.
#[derive(Debug)]
pub(super) struct GroupCommit<T>(Mutex<Vec<Waiting<T>>>);

/// Something to store, and whom to tell what came of that.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    pub(super) entry: T,
    pub(super) outcome: Outcome,
}

/// What came of the write, once there was one.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome(Arc<OnceLock<Result<(), StoreError>>>);

impl Outcome {
    /// Tells it; it is told once.
    pub(super) fn set(&self, result: Result<(), StoreError>) {
        // Whoever was told before was told the truth.
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
    /// Stores an entry together with those that come meanwhile. `write` stores all that it is
    /// given, and tells each what came of it.
    ///
    /// An entry whose request is given up before it was written is not written any more.
    pub(super) async fn store(
        &self,
        entry: T,
        write: impl FnOnce(Vec<Waiting<T>>),
    ) -> Result<(), StoreError> {
        let place = self.join(entry);
        let (mut turns, mut came) = (0, 0);
        while turns < LEAST_TURNS || came < self.len() {
            came = self.len();
            turns += 1;
            turn().await;
            if let Some(result) = place.outcome.get() {
                return result;
            }
        }
        write(std::mem::take(&mut *self.lock()));
        let lost = || Err(StoreError::Host("it was not written".to_owned()));
        place.outcome.get().unwrap_or_else(lost)
    }

    fn join(&self, entry: T) -> Place<'_, T> {
        let outcome = Outcome::default();
        self.lock().push(Waiting {
            entry,
            outcome: outcome.clone(),
        });
        Place {
            group: self,
            outcome,
        }
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those that wait; who leaves it takes their entry along.
struct Place<'a, T> {
    group: &'a GroupCommit<T>,
    outcome: Outcome,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let left = &self.outcome.0;
        self.group
            .lock()
            .retain(|waiting| !Arc::ptr_eq(&waiting.outcome.0, left));
    }
}

/// Lets everybody else run who can.
pub(crate) async fn turn() {
    let mut is_over = false;
    poll_fn(|context| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use futures_executor::block_on;
    use futures_util::{FutureExt as _, future::join_all};

    use super::*;

    /// Writes that succeed, and how many entries each had.
    #[derive(Default)]
    struct Writes(Mutex<Vec<usize>>);

    impl Writes {
        fn write(&self, waiting: Vec<Waiting<usize>>) {
            self.0.lock().unwrap().push(waiting.len());
            for Waiting { entry, outcome } in waiting {
                outcome.set(match entry {
                    13 => Err(StoreError::Host("refused".to_owned())),
                    _ => Ok(()),
                });
            }
        }
    }

    #[test]
    fn what_comes_at_once_is_written_at_once() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        let all = (0..20).map(|entry| group.store(entry, |waiting| writes.write(waiting)));
        let results = block_on(join_all(all));
        assert_eq!(*writes.0.lock().unwrap(), [20]);
        for (entry, result) in results.into_iter().enumerate() {
            assert_eq!(result.is_ok(), entry != 13, "{entry}");
        }
    }

    #[test]
    fn who_comes_in_the_meantime_is_waited_for() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        let late = async {
            turn().await;
            group.store(1, |waiting| writes.write(waiting)).await
        };
        let early = group.store(0, |waiting| writes.write(waiting));
        let results = block_on(join_all([late.left_future(), early.right_future()]));
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(*writes.0.lock().unwrap(), [2]);
    }

    #[test]
    fn one_after_the_other_each_is_written() {
        let (group, writes) = (GroupCommit::default(), Writes::default());
        for entry in 0..3 {
            block_on(group.store(entry, |waiting| writes.write(waiting))).unwrap();
        }
        assert_eq!(*writes.0.lock().unwrap(), [1, 1, 1]);
    }

    #[test]
    fn who_gives_up_is_not_written() {
        let (group, written) = (GroupCommit::default(), AtomicUsize::new(0));
        let write = |waiting: Vec<Waiting<usize>>| {
            written.fetch_add(waiting.len(), Relaxed);
            for one in waiting {
                one.outcome.set(Ok(()));
            }
        };
        let mut given_up = Box::pin(group.store(0, write));
        assert!(given_up.as_mut().now_or_never().is_none());
        drop(given_up);
        block_on(group.store(1, write)).unwrap();
        assert_eq!(written.load(Relaxed), 1);
    }
}
