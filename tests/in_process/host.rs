//! A host made of fakes.

use std::{
    any::Any,
    collections::BTreeMap,
    fs,
    future::{Future, pending},
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, atomic::Ordering::SeqCst},
    time::Duration,
};

use bytes::Bytes;
use email_orders::{
    auth::{FetchError, Fetched},
    clock::Clock,
    config::VariableError,
    delivery::{
        ContactsError, Email, NameLookUpError, Ports, Receipt, SendFailure,
        require_public_addresses,
    },
    http::Host,
    order::{ConditionUrl, Contact, Identifier},
    store::{ClaimFailure, Claims, StoreError},
    timestamp::Timestamp,
};
use http::{HeaderMap, Response};
use test_support::{LookUps, Setup, clock};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use toml::Table;

use crate::{
    network,
    sender::Sender,
    store::{Memory, Store},
};

/// How long an exchange with another server may take, as in the component.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);

/// A host; cheap to clone.
#[derive(Clone)]
pub(crate) struct FakeHost(Arc<Shared>);

struct Shared {
    setup: Setup,
    store: Arc<Memory>,
    sender: Sender,
    tasks: Mutex<JoinSet<()>>,
}

impl FakeHost {
    pub(crate) fn new(setup: Setup) -> Self {
        let store = setup.state.clone().map_or_else(Arc::default, |state| {
            let state: Arc<dyn Any + Send + Sync> = state;
            state.downcast().expect("a store in memory")
        });
        Self(Arc::new(Shared {
            setup,
            store,
            sender: Sender::default(),
            tasks: Mutex::default(),
        }))
    }

    /// Returns how often each notification was delivered.
    pub(crate) fn deliveries(&self) -> BTreeMap<String, usize> {
        self.0.sender.deliveries()
    }

    /// Waits for the spawned tasks.
    pub(crate) async fn finish(&self) {
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().expect("the tasks"));
        while tasks.join_next().await.is_some() {}
    }

    /// Looks a name up, if this host does so for components.
    async fn look_up_name(&self, name: String) -> Result<Vec<IpAddr>, NameLookUpError> {
        match &self.0.setup.look_ups {
            None => Err(NameLookUpError::Refused),
            Some(LookUps::Hanging) => pending().await,
            Some(LookUps::Known(names)) => match name.parse() {
                Ok(literal) => Ok(vec![literal]),
                Err(_) => {
                    let known = names.get(&name).cloned();
                    known.ok_or_else(|| NameLookUpError::Failed("name-unresolvable".to_owned()))
                }
            },
        }
    }
}

impl Host for FakeHost {
    type Store = Store;

    fn open_store(&self) -> Result<Store, StoreError> {
        Ok(Store(Arc::clone(&self.0.store)))
    }

    async fn variable(&self, variable: &'static str) -> Result<String, VariableError> {
        let value = self.0.setup.variables.get(variable);
        let value = value.or_else(|| DEFAULTS.get(variable)).cloned();
        value.ok_or_else(|| VariableError {
            variable,
            reason: "no such variable".to_owned(),
        })
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        in_time(network::get(url)).await
    }

    async fn documentation(
        &self,
        _: &str,
        _: &HeaderMap,
    ) -> Result<Option<Response<Bytes>>, FetchError> {
        Ok(None)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.lock().expect("the tasks").spawn(task);
    }
}

impl Clock for FakeHost {
    fn now(&self) -> Timestamp {
        Timestamp::parse(&clock::text(clock::now())).expect("an instant")
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        sleep(time)
    }
}

impl Claims for FakeHost {
    async fn claim(&self, name: String, contender: String) -> Result<(), ClaimFailure> {
        let fault = self.0.setup.claim_fault.as_ref();
        let fault = fault.filter(|fault| fault.switch.load(SeqCst));
        let inconclusive = || ClaimFailure::Inconclusive("injected failure".to_owned());
        if fault.is_some_and(|fault| !fault.after_effect) {
            return Err(inconclusive());
        }
        let has_won = self.0.store.claim(name, contender);
        match fault {
            Some(_) => Err(inconclusive()),
            None if has_won => Ok(()),
            None => Err(ClaimFailure::Lost),
        }
    }
}

impl Ports for FakeHost {
    fn send_email(
        &self,
        email: Email,
    ) -> impl Future<Output = Result<Receipt, SendFailure>> + Send {
        self.0.sender.send(email)
    }

    /// Finds no contact, as the default component.
    async fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> Result<Vec<Contact>, ContactsError> {
        Ok(vec![Contact::default(); identifiers.len()])
    }

    async fn fetch_condition(&self, url: &ConditionUrl) -> Result<Bytes, FetchError> {
        let exchange = async {
            require_public_addresses(url.host(), |name| self.look_up_name(name)).await?;
            network::get(&url.uri().to_string()).await
        };
        Ok(in_time(exchange).await?.body)
    }
}

async fn in_time<T>(
    exchange: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let late = |_| FetchError::NoAnswer("it took too long".to_owned());
    timeout(EXCHANGE_LIMIT, exchange).await.map_err(late)?
}

/// The defaults of the variables in `spin.toml`.
static DEFAULTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spin.toml");
    let manifest: Table = fs::read_to_string(path)
        .expect("spin.toml")
        .parse()
        .expect("a manifest");
    let variables = manifest["variables"].as_table().expect("a table");
    let default = |(name, variable): (&String, &toml::Value)| {
        let default = variable.get("default")?.as_str()?;
        Some((name.clone(), default.to_owned()))
    };
    variables.iter().filter_map(default).collect()
});
