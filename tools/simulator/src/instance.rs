//! An instance: a thread of its own (a coroutine with its own stack) with an executor.
//!
//! One thread runs at a time. It hands the baton back whenever it calls the host, and when all its tasks
//! wait. In a call of the store the whole instance waits, as on Spin.

use std::{
    cell::Cell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use corosensei::{Coroutine, CoroutineResult, Yielder, stack::DefaultStack};
use email_orders::http::{Api, App};

use crate::{
    host::SimulatedHost,
    tasks::{Executor, Tasks},
    world::{self, Activity, Answer, Event, InstanceId},
};

const STACK_BYTES: usize = 1 << 20;

thread_local! {
    /// The way back from the coroutine that runs on this thread.
    static BACK: Cell<*const Yielder<(), ()>> = const { Cell::new(std::ptr::null()) };
}

/// The instances that live.
#[derive(Default)]
pub(crate) struct Instances {
    threads: BTreeMap<InstanceId, Coroutine<(), (), ()>>,
    stacks: Vec<DefaultStack>,
}

/// Hands the baton over until the scheduler hands it back.
pub(crate) fn suspend() {
    let back = BACK.get();
    // SAFETY: a coroutine sets it before it runs anything else, and again whenever it goes on; it
    // lives as long as the coroutine.
    unsafe { &*back }.suspend(());
    BACK.set(back);
}

/// Lets an instance wait in a call of the host.
pub(crate) fn wait(id: InstanceId, time: i64) {
    world::with(|world| {
        if let Some(instance) = world.instances.get_mut(&id) {
            instance.activity = Activity::InCall;
        }
        world.after(time, Event::Resume(id));
    });
    suspend();
}

/// Lets an instance die while it waits in a call of the host.
pub(crate) fn die(id: InstanceId, time: i64) -> ! {
    world::with(|world| {
        if let Some(instance) = world.instances.get_mut(&id) {
            instance.activity = Activity::InCall;
        }
        world.after(time, Event::Kill(id));
    });
    loop {
        suspend();
    }
}

/// The life of an instance.
fn live(id: InstanceId) {
    let api = Api::new(App::new(SimulatedHost::new(id)));
    world::with(|world| world.apis.insert(id, api));
    let mut tasks = Tasks::new(Executor::Instance(id));
    loop {
        let (begun, dropped) = world::with(|world| match world.instances.get_mut(&id) {
            Some(instance) => (
                std::mem::take(&mut instance.inbox),
                std::mem::take(&mut instance.dropped),
            ),
            None => Default::default(),
        });
        for (request, work) in begun {
            tasks.add(request, work);
        }
        for request in dropped {
            tasks.cancel(request);
        }
        if tasks.step() {
            continue;
        }
        let is_waiting = world::with(|world| {
            let Some(instance) = world.instances.get_mut(&id) else {
                return true;
            };
            if !instance.inbox.is_empty() {
                return false;
            }
            instance.activity = Activity::Idle;
            if tasks.is_empty() {
                let stamp = instance.stamp;
                world.after(crate::plan::SECOND, Event::Expire(id, stamp));
            }
            true
        });
        if is_waiting {
            suspend();
        }
    }
}

impl Instances {
    /// Lets an instance go on until it waits.
    pub(crate) fn resume(&mut self, id: InstanceId) {
        let is_alive = world::with(|world| {
            world.running = id;
            world.instances.contains_key(&id)
        });
        if !is_alive {
            return;
        }
        let stacks = &mut self.stacks;
        let thread = self.threads.entry(id).or_insert_with(|| {
            let stack = stacks.pop();
            let stack = stack.or_else(|| DefaultStack::new(STACK_BYTES).ok());
            let live = move |yielder: &Yielder<(), ()>, ()| {
                BACK.set(std::ptr::from_ref(yielder));
                live(id);
            };
            Coroutine::with_stack(stack.unwrap_or_default(), live)
        });
        let result = catch_unwind(AssertUnwindSafe(|| thread.resume(())));
        match result {
            Ok(CoroutineResult::Yield(())) => {}
            Ok(CoroutineResult::Return(())) => self.drop_thread(id),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
                self.threads.remove(&id);
                world::with(|world| {
                    let text = text.unwrap_or_default();
                    world.violate(format!("instance {id} panicked: {text}"));
                });
            }
        }
    }

    /// Ends an instance. Its requests get no answer.
    pub(crate) fn kill(&mut self, id: InstanceId) {
        let wakers = world::with(|world| {
            world.note_fault(id);
            world.trace(|| format!("instance {id} dies"));
            world.mix(u64::from(id));
            let requests = world.requests.iter();
            let lost = requests.filter(|(_, one)| one.instance == id && one.answer.is_none());
            let lost: Vec<u64> = lost.map(|(id, _)| *id).collect();
            let answer = |id: u64| world.answer(id, Answer::Lost);
            lost.into_iter().filter_map(answer).collect::<Vec<_>>()
        });
        self.remove(id);
        for waker in wakers {
            waker.wake();
        }
    }

    /// Ends an instance that has done nothing since.
    pub(crate) fn expire(&mut self, id: InstanceId, stamp: u64) {
        let has_expired = world::with(|world| {
            let instance = world.instances.get(&id);
            instance.is_some_and(|one| one.activity == Activity::Idle && one.stamp == stamp)
        });
        if has_expired {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: InstanceId) {
        let left = world::with(|world| (world.instances.remove(&id), world.apis.remove(&id)));
        drop(left);
        self.drop_thread(id);
    }

    fn drop_thread(&mut self, id: InstanceId) {
        if let Some(mut thread) = self.threads.remove(&id) {
            thread.force_unwind();
            self.stacks.push(thread.into_stack());
        }
    }

    /// Ends all instances.
    pub(crate) fn clear(&mut self) {
        let ids: Vec<_> = self.threads.keys().copied().collect();
        for id in ids {
            self.remove(id);
        }
    }
}
