//! An executor for tasks that wait: those of an instance, or those of the clients.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Wake, Waker},
};

use crate::world::{self, InstanceId, RequestId};

pub(crate) type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Who executes tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Executor {
    Instance(InstanceId),
    Clients,
}

/// Tasks that run in turns. The seed decides which ready task goes on.
pub(crate) struct Tasks {
    executor: Executor,
    all: Vec<Task>,
}

struct Task {
    /// The request that it answers; None if it was spawned.
    request: Option<RequestId>,
    work: Work,
    flag: Arc<Flag>,
}

struct Flag {
    is_ready: AtomicBool,
    executor: Executor,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        if !self.is_ready.swap(true, Relaxed) {
            world::wake(self.executor);
        }
    }
}

impl Tasks {
    pub(crate) fn new(executor: Executor) -> Self {
        Self {
            executor,
            all: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn add(&mut self, request: Option<RequestId>, work: Work) {
        let flag = Flag {
            is_ready: AtomicBool::new(true),
            executor: self.executor,
        };
        self.all.push(Task {
            request,
            work,
            flag: Arc::new(flag),
        });
    }

    /// Drops the task that answers a request.
    pub(crate) fn cancel(&mut self, request: RequestId) {
        self.all.retain(|task| task.request != Some(request));
    }

    /// Lets one ready task run until it waits; returns whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let is_ready = |(_, task): &(usize, &Task)| task.flag.is_ready.load(Relaxed);
        let ready: Vec<usize> = self
            .all
            .iter()
            .enumerate()
            .filter(is_ready)
            .map(|(number, _)| number)
            .collect();
        let Some(number) = world::with(|world| world.choose(&ready)) else {
            return false;
        };
        let task = &mut self.all[number];
        task.flag.is_ready.store(false, Relaxed);
        world::with(|world| world.current_request = task.request);
        let waker = Waker::from(Arc::clone(&task.flag));
        let polled = task.work.as_mut().poll(&mut Context::from_waker(&waker));
        world::with(|world| world.current_request = None);
        if polled.is_ready() {
            self.all.remove(number);
        }
        true
    }
}
