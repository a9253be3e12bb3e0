//! The host that each instance has: ports to the simulated world.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use claims_atomics::Contender;
use claims_shared::{Failure, Name};
use email_orders::{
    auth::{FetchError, Fetched},
    clock::Clock,
    config::VariableError,
    delivery::{ContactsError, Email, Ports, Receipt, SendFailure},
    http::Host,
    order::{ConditionUrl, Contact, Identifier},
    store::{ClaimFailure, Claims, StoreError},
    timestamp::Timestamp,
};
use http::{HeaderMap, Response};

use crate::{
    network,
    plan::{Plant, Provider, SECOND},
    store::OpenStore,
    world::{self, Event, InstanceId},
};

/// The host of an instance; cheap to clone.
#[derive(Clone)]
pub(crate) struct SimulatedHost(Arc<Shared>);

struct Shared {
    instance: InstanceId,
    claims: Arc<OwnClaims>,
}

/// The claims component of an instance.
pub(crate) struct OwnClaims {
    instance: InstanceId,
    atomics: Mutex<claims_atomics::Claims>,
}

impl SimulatedHost {
    pub(crate) fn new(instance: InstanceId) -> Self {
        let claims = OwnClaims {
            instance,
            atomics: Mutex::default(),
        };
        Self(Arc::new(Shared {
            instance,
            claims: Arc::new(claims),
        }))
    }
}

/// Waits for so many microseconds.
pub(crate) async fn sleep(time: i64) {
    let until = world::with(|world| world.now() + time.max(0));
    let mut known: Option<Waker> = None;
    poll_fn(|context| {
        world::with(|world| {
            let now = world.now();
            if now >= until {
                return Poll::Ready(());
            }
            if !known
                .as_ref()
                .is_some_and(|known| known.will_wake(context.waker()))
            {
                known = Some(context.waker().clone());
                world.after(until - now, Event::Wake(context.waker().clone()));
            }
            Poll::Pending
        })
    })
    .await;
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 4)
}

impl Host for SimulatedHost {
    type Store = OpenStore;

    fn open_store(&self) -> Result<OpenStore, StoreError> {
        Ok(OpenStore {
            instance: self.0.instance,
            claims: Arc::clone(&self.0.claims),
        })
    }

    async fn variable(&self, variable: &'static str) -> Result<String, VariableError> {
        Ok(network::variable(variable))
    }

    async fn fetch(&self, _: &str) -> Result<Fetched, FetchError> {
        network::fetch_keys().await
    }

    async fn documentation(
        &self,
        _: &str,
        _: &HeaderMap,
    ) -> Result<Option<Response<Bytes>>, FetchError> {
        Ok(None)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.0.instance;
        world::with(|world| {
            if let Some(instance) = world.instances.get_mut(&id) {
                instance.inbox.push((None, Box::pin(task)));
            }
            world.rouse(id);
        });
    }
}

impl Clock for SimulatedHost {
    fn now(&self) -> Timestamp {
        let micros = world::with(|world| world.clock(self.0.instance));
        let whole = Timestamp::from_unix_seconds(micros.div_euclid(SECOND));
        let rest = Duration::from_micros(micros.rem_euclid(SECOND).unsigned_abs());
        whole.map_or_else(Timestamp::now, |whole| whole.plus(rest))
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        sleep(micros(time))
    }
}

impl Claims for SimulatedHost {
    async fn claim(&self, name: String, contender: String) -> Result<(), ClaimFailure> {
        self.0.claims.claim(name, contender).await.map_err(failure)
    }
}

fn failure(failure: Failure) -> ClaimFailure {
    match failure {
        Failure::Lost => ClaimFailure::Lost,
        Failure::Inconclusive(why) => ClaimFailure::Inconclusive(why),
    }
}

impl OwnClaims {
    fn has_atomics() -> bool {
        world::with(|world| world.plan.provider != Provider::Akamai)
    }

    async fn claim(&self, name: String, contender: String) -> Result<(), Failure> {
        let (name, contender) = (Name::parse(name)?, Name::parse(contender)?);
        if is_planted(Plant::ClaimsForAll) {
            return Ok(());
        }
        let store = self.store();
        if Self::has_atomics() {
            let atomics = self.atomics.lock().unwrap_or_else(PoisonError::into_inner);
            return atomics.claim(&store, &name, Contender::of(&contender));
        }
        claims_registers::claim(&store, &name, &contender).await
    }

    /// Returns the next number of the writers' sequence.
    pub(crate) fn next_writer(&self) -> Option<u64> {
        if !Self::has_atomics() {
            return None;
        }
        let atomics = self.atomics.lock().unwrap_or_else(PoisonError::into_inner);
        let sequence = Name::parse("writer".to_owned()).ok()?;
        let number = atomics.next(&self.store(), &sequence).ok()?;
        let is_repeated = is_planted(Plant::RepeatedNumbers);
        Some(if is_repeated { number / 2 } else { number })
    }

    fn store(&self) -> ClaimsStore {
        ClaimsStore {
            instance: self.instance,
        }
    }
}

fn is_planted(plant: Plant) -> bool {
    world::with(|world| world.plan.plant == Some(plant))
}

/// The store, as the claims component has opened it.
pub(crate) struct ClaimsStore {
    pub(crate) instance: InstanceId,
}

impl Ports for SimulatedHost {
    fn send_email(
        &self,
        email: Email,
    ) -> impl Future<Output = Result<Receipt, SendFailure>> + Send {
        network::send(self.0.instance, email)
    }

    async fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> Result<Vec<Contact>, ContactsError> {
        network::look_up(identifiers).await
    }

    async fn fetch_condition(&self, url: &ConditionUrl) -> Result<Bytes, FetchError> {
        network::ask_condition(&url.uri().to_string()).await
    }
}
