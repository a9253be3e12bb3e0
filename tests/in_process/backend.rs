//! Hosts in this process.

use std::{
    any::Any,
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Body as ResponseBody;
use bytes::Bytes;
use email_orders::http::{Api, App};
use futures_util::{FutureExt as _, future::BoxFuture, stream};
use http::{HeaderValue, Method, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use test_support::{Backend, Body, Call, Connect, Handler, Running, Sent, Setup, State, setup};
use time::OffsetDateTime;
use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};

use crate::{host::FakeHost, log, network, store::Memory};

/// How many requests an instance serves by default, as on Spin 4.1.
const REQUESTS_PER_INSTANCE: usize = 128;

/// Serves the API in this process.
pub(crate) struct InProcess;

impl Backend for InProcess {
    /// Returns a runtime whose time stands still while a task runs, and jumps to the next timer while
    /// every task waits.
    fn runtime(&self) -> Runtime {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let runtime = runtime.expect("a runtime");
        let inside = runtime.enter();
        START.set(Some((OffsetDateTime::now_utc(), Instant::now())));
        drop(inside);
        runtime
    }

    /// Returns the time at which the case began, and what it has waited since. A microsecond passes
    /// between two looks at the clock, so that no two instants are equal.
    fn now(&self) -> OffsetDateTime {
        let (wall, instant) = START.get().expect("a case runs");
        LOOKS.set(LOOKS.get() + 1);
        wall + instant.elapsed() + Duration::from_micros(LOOKS.get())
    }

    fn time_jumps(&self) -> bool {
        true
    }

    fn shared(&self) -> BoxFuture<'_, Arc<dyn Running>> {
        self.start(setup(&[]))
    }

    fn start(&self, setup: Setup) -> BoxFuture<'_, Arc<dyn Running>> {
        async { Arc::new(Instances::new(setup)) as Arc<dyn Running> }.boxed()
    }

    fn state(&self) -> Arc<dyn State> {
        Arc::new(Memory::default())
    }

    fn serve(&self, handler: Handler) -> BoxFuture<'_, (u16, Box<dyn Any + Send + Sync>)> {
        async { network::serve(handler) }.boxed()
    }
}

thread_local! {
    /// The wall clock's time when this thread's case began. Each case has a thread.
    static START: Cell<Option<(OffsetDateTime, Instant)>> = const { Cell::new(None) };
    /// How often this thread's case has looked at the clock.
    static LOOKS: Cell<u64> = const { Cell::new(0) };
}

/// Instances of the application over one store, one after the other.
#[derive(Clone)]
struct Instances(Arc<Shared>);

struct Shared {
    host: FakeHost,
    requests_per_instance: usize,
    instance: Mutex<Instance>,
    /// The length of the log before this host started.
    log_start: usize,
}

struct Instance {
    api: Api,
    /// How many requests it has taken.
    requests: usize,
}

impl Instances {
    fn new(setup: Setup) -> Self {
        let requests_per_instance = setup.requests_per_instance;
        let host = FakeHost::new(setup);
        let instance = Instance::new(&host);
        Self(Arc::new(Shared {
            host,
            requests_per_instance: requests_per_instance.unwrap_or(REQUESTS_PER_INSTANCE),
            instance: Mutex::new(instance),
            log_start: log::length(),
        }))
    }

    /// Returns the instance that takes the next request.
    fn next(&self) -> Api {
        let mut instance = self.0.instance.lock().expect("the instance");
        if instance.requests == self.0.requests_per_instance {
            *instance = Instance::new(&self.0.host);
        }
        instance.requests += 1;
        instance.api.clone()
    }
}

impl Instance {
    fn new(host: &FakeHost) -> Self {
        Self {
            api: Api::new(App::new(host.clone())),
            requests: 0,
        }
    }
}

impl Running for Instances {
    fn connect(&self) -> BoxFuture<'_, Box<dyn Connect>> {
        let connection: Box<dyn Connect> = Box::new(self.clone());
        async { connection }.boxed()
    }

    fn log(&self) -> String {
        log::since(self.0.log_start)
    }

    fn deliveries(&self) -> BTreeMap<String, usize> {
        self.0.host.deliveries()
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        self.0.host.finish().boxed()
    }
}

impl Connect for Instances {
    fn send<'a>(&'a mut self, call: &'a Call) -> BoxFuture<'a, Sent> {
        async {
            let response: Response<ResponseBody> = self.next().handle(request(call)).await;
            let (head, body) = response.into_parts();
            let body = body.collect().await.expect("a body in memory");
            Ok(Response::from_parts(head, body.to_bytes()))
        }
        .boxed()
    }
}

/// Returns a request as an HTTP server gives it to the component.
fn request(call: &Call) -> Request<BoxBody<Bytes, std::convert::Infallible>> {
    let (body, framing) = match &call.body {
        Body::Whole(bytes) => {
            let has_length = !bytes.is_empty() || call.method == Method::POST;
            let length = has_length.then(|| (header::CONTENT_LENGTH, bytes.len().into()));
            (Full::new(bytes.clone()).boxed(), length)
        }
        Body::Chunked(chunks) => {
            let frames = chunks.clone().into_iter().map(Frame::data).map(Ok);
            let chunked = (
                header::TRANSFER_ENCODING,
                HeaderValue::from_static("chunked"),
            );
            (StreamBody::new(stream::iter(frames)).boxed(), Some(chunked))
        }
    };
    let mut request = Request::new(body);
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = call.target.parse().expect("a request target");
    *request.headers_mut() = call.headers.clone();
    request
        .headers_mut()
        .entry(header::HOST)
        .or_insert(HeaderValue::from_static("localhost"));
    request.headers_mut().extend(framing);
    request
}
