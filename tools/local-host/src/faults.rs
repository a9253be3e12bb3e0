//! Injects faults into calls to the host.
//!
//! A test's [`Hook`] is called before and after each call, and between the steps of calls that are not
//! atomic, and its result is awaited. It can delay the call, hold it until something else has
//! happened, make it fail, or end the instance. After a failure *after* the call, the call has taken
//! effect although the component is told that it failed.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;

use crate::calls::{Call, CallCounts, Counters};

/// Decides which fault happens at a [`Moment`].
pub type Hook = Arc<dyn Fn(&Moment<'_>) -> BoxFuture<'static, Fault> + Send + Sync>;

/// A moment of a call at which a fault can happen.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The call.
    pub call: Call,
    /// The number of the call among those of its kind since the start or the last reset, from 1.
    pub nth: u64,
    /// The phase of the call.
    pub phase: Phase,
    /// The component that makes the call.
    pub component: &'a str,
    /// The keys, the variable's name, or the URL that the call is about.
    pub subjects: &'a [&'a str],
}

/// A phase of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The call has had no effect yet.
    Before,
    /// This number of steps of a call that is not atomic has taken effect.
    Between(usize),
    /// The call has taken effect.
    After,
}

/// What happens at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The call fails with this message.
    Fail(String),
    /// The instance ends as by a trap, with all its requests.
    Trap,
}

/// Returns a hook that delays every call.
#[must_use]
pub fn latency(delay: Duration) -> Hook {
    Arc::new(move |moment| {
        let before = moment.phase == Phase::Before;
        Box::pin(async move {
            if before {
                tokio::time::sleep(delay).await;
            }
            Fault::None
        })
    })
}

/// Returns a hook that makes every `nth` call of a kind fail without effect.
#[must_use]
pub fn fail_every(call: Call, nth: u64) -> Hook {
    Arc::new(move |moment| {
        let hit =
            moment.call == call && moment.phase == Phase::Before && moment.nth.is_multiple_of(nth);
        let fault = if hit {
            Fault::Fail("injected failure".to_owned())
        } else {
            Fault::None
        };
        Box::pin(async { fault })
    })
}

/// Returns a hook that calls several until one returns a fault.
#[must_use]
pub fn any(hooks: Vec<Hook>) -> Hook {
    Arc::new(move |moment| {
        let answers: Vec<_> = hooks.iter().map(|hook| hook(moment)).collect();
        Box::pin(async move {
            for answer in answers {
                match answer.await {
                    Fault::None => {}
                    fault => return fault,
                }
            }
            Fault::None
        })
    })
}

/// Counts the calls of one server, and calls its hook.
#[derive(Default)]
pub(crate) struct Probe {
    counters: Counters,
    hook: Option<Hook>,
}

/// A fault that a hook injected into a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Injected {
    /// The call failed.
    #[error("{0}")]
    Fail(String),
    /// The call ended the instance.
    #[error("an injected trap")]
    Trap,
}

impl Probe {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self {
            counters: Counters::default(),
            hook,
        }
    }

    pub(crate) fn counts(&self) -> CallCounts {
        self.counters.snapshot()
    }

    pub(crate) fn reset(&self) {
        self.counters.reset();
    }

    /// Counts a call and makes it, unless a fault prevents it.
    pub(crate) async fn observe<T, E: From<Injected>>(
        &self,
        call: Call,
        component: &str,
        subjects: &[&str],
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let nth = self.counters.count(call);
        let mut moment = Moment {
            call,
            nth,
            phase: Phase::Before,
            component,
            subjects,
        };
        self.ask(&moment).await?;
        let result = work.await;
        moment.phase = Phase::After;
        self.ask(&moment).await?;
        result
    }

    /// Calls the hook.
    pub(crate) async fn ask(&self, moment: &Moment<'_>) -> Result<(), Injected> {
        let Some(hook) = &self.hook else {
            return Ok(());
        };
        match hook(moment).await {
            Fault::None => Ok(()),
            Fault::Fail(message) => Err(Injected::Fail(message)),
            Fault::Trap => Err(Injected::Trap),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(probe: &Probe, call: Call) -> Result<u8, Injected> {
        probe.observe(call, "main", &["key"], async { Ok(1) }).await
    }

    #[tokio::test]
    async fn fail_every_makes_every_nth_call_of_a_kind_fail() {
        let probe = Probe::new(Some(any(vec![
            latency(Duration::ZERO),
            fail_every(Call::Get, 2),
        ])));
        assert_eq!(run(&probe, Call::Get).await, Ok(1));
        assert_eq!(run(&probe, Call::Set).await, Ok(1));
        assert!(matches!(
            run(&probe, Call::Get).await,
            Err(Injected::Fail(_))
        ));
        assert_eq!(run(&probe, Call::Get).await, Ok(1));
        assert_eq!(probe.counts().get(Call::Get), 3);
    }

    #[tokio::test]
    async fn fault_after_call_keeps_its_effect() {
        let hook: Hook = Arc::new(|moment| {
            let after = moment.phase == Phase::After;
            Box::pin(async move { if after { Fault::Trap } else { Fault::None } })
        });
        let mut done = false;
        let result = Probe::new(Some(hook))
            .observe(Call::Set, "main", &[], async {
                done = true;
                Ok::<_, Injected>(())
            })
            .await;
        assert_eq!((result, done), (Err(Injected::Trap), true));
    }
}
