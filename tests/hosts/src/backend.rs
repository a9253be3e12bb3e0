//! The backend of the cases: the local host, Spin, or the host at `BASE_URL`.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use test_support::{Backend, Connect, Handler, Running, Setup, State, left_out, setup};
use time::OffsetDateTime;
use tokio::{
    net::lookup_host,
    runtime::{Builder, Runtime},
    sync::OnceCell,
};

use crate::{
    Folder, HttpConnection, Program,
    elsewhere::{authority, leave_out_elsewhere},
    host::Started,
    reasons::{FAULTS, LOOK_UPS},
    server,
};

/// Serves the API on a real host, with the components that `cargo xtask build` has built.
#[derive(Debug)]
pub struct Real;

impl Backend for Real {
    fn runtime(&self) -> Runtime {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.expect("a runtime")
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn time_jumps(&self) -> bool {
        false
    }

    fn shared(&self) -> BoxFuture<'_, Arc<dyn Running>> {
        async { Arc::clone(&shared_host().await.running) }.boxed()
    }

    fn start(&self, setup: Setup) -> BoxFuture<'_, Arc<dyn Running>> {
        async move {
            leave_out_elsewhere();
            if Program::chosen() == Program::Spin {
                leave_out_on_spin(&setup).await;
            }
            Arc::new(Started::of(&setup).await) as Arc<dyn Running>
        }
        .boxed()
    }

    fn state(&self) -> Arc<dyn State> {
        Arc::new(Folder::default())
    }

    fn serve(&self, handler: Handler) -> BoxFuture<'_, (u16, Box<dyn Any + Send + Sync>)> {
        server::serve(handler).boxed()
    }
}

/// The host that cases share.
struct Shared {
    running: Arc<dyn Running>,
    authority: String,
}

async fn shared_host() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    let start = async || match authority() {
        Some(authority) => Shared {
            running: Arc::new(Elsewhere(authority.clone())),
            authority,
        },
        None => {
            let started = Started::of(&setup(&[])).await;
            Shared {
                authority: started.authority().to_owned(),
                running: Arc::new(started),
            }
        }
    };
    SHARED.get_or_init(start).await
}

/// Returns the host and port of the host that cases share.
pub async fn shared_authority() -> &'static str {
    &shared_host().await.authority
}

/// Returns whether the system resolves a name to this machine. Spin asks the system.
pub async fn leads_here(name: &str) -> bool {
    let addresses = lookup_host((name, 80)).await;
    addresses.is_ok_and(|mut all| all.any(|one| one.ip().is_loopback()))
}

/// Returns why a test leaves itself out if a name does not lead to this machine.
pub fn not_here(name: &str) -> String {
    format!("{name} does not lead to 127.0.0.1, as a line in /etc/hosts could say")
}

/// Leaves the test out if Spin does not have what it asks for.
async fn leave_out_on_spin(setup: &Setup) {
    if setup.look_ups.is_some() {
        left_out(LOOK_UPS);
    }
    if setup.claim_fault.is_some() {
        left_out(FAULTS);
    }
    for name in &setup.local_names {
        if !leads_here(name).await {
            left_out(not_here(name));
        }
    }
}

/// A host that is already up.
struct Elsewhere(String);

impl Running for Elsewhere {
    fn connect(&self) -> BoxFuture<'_, Box<dyn Connect>> {
        async {
            let connection = HttpConnection::open(&self.0).await;
            Box::new(connection) as Box<dyn Connect>
        }
        .boxed()
    }

    fn log(&self) -> String {
        panic!("the log of the host at BASE_URL is not at hand")
    }

    fn deliveries(&self) -> BTreeMap<String, usize> {
        panic!("the deliveries of the host at BASE_URL are not at hand")
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}
