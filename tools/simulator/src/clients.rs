//! The clients: they place, repeat, read and cancel orders, and call the trigger.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use bytes::Bytes;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt as _, Collected, Full};
use serde_json::Value;

use crate::{
    checks,
    host::sleep,
    network::{self, TRIGGER_KEY},
    plan::{HOUR, MINUTE, SECOND},
    tasks::{Executor, Tasks},
    world::{self, Answer, RequestId},
};

/// How long a client waits for an answer.
const PATIENCE: i64 = 30 * SECOND;

/// How often one trigger calls after the last fault, and after everything is settled.
const CALM_TRIGGERS: i64 = 3 * MINUTE;
const LATE_TRIGGERS: i64 = 3 * HOUR;

/// Returns the tasks of all clients.
pub(crate) fn all() -> Tasks {
    let mut tasks = Tasks::new(Executor::Clients);
    let (orders, hosts, triggers) = world::with(|world| {
        let hosts = world.plan.skews.len();
        (world.orders.len(), hosts, world.plan.triggers)
    });
    for number in 0..orders {
        tasks.add(None, Box::pin(place(number)));
        tasks.add(None, Box::pin(rival(number)));
    }
    for trigger in 0..triggers {
        tasks.add(None, Box::pin(call_trigger(trigger % hosts)));
    }
    tasks.add(None, Box::pin(checks::audit()));
    tasks
}

/// A request of a client.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) creator: Option<usize>,
    pub(crate) key: Option<String>,
    pub(crate) body: Option<Value>,
}

impl Call {
    pub(crate) fn get(creator: usize, path: String) -> Self {
        Self {
            method: Method::GET,
            path,
            creator: Some(creator),
            key: None,
            body: None,
        }
    }

    fn request(&self) -> http::Request<Full<Bytes>> {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let token = self.creator.map_or(TRIGGER_KEY, network::token);
        let mut request = http::Request::builder()
            .method(&self.method)
            .uri(&self.path)
            .header(header::HOST, "orders.example.no")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_LENGTH, body.len());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        let body = Full::new(Bytes::from(body));
        request.body(body).unwrap_or_default()
    }

    /// Sends the request to a host; returns the answer, and how many calls of the store it took if no
    /// fault happened meanwhile.
    pub(crate) async fn send(&self, host: usize, patience: i64) -> (Answer, Option<u64>) {
        let request = self.request();
        let began = world::with(|world| world.now());
        let (id, instance) = world::with(|world| {
            let (id, instance) = world.open_request(host);
            let Self { method, path, .. } = self;
            world.trace(|| format!("[{instance}] request {id}: {method} {path}"));
            (id, instance)
        });
        let work = async move {
            let Some(api) = world::with(|world| world.apis.get(&instance).cloned()) else {
                return;
            };
            let (head, body) = api.handle(request).await.into_parts();
            let body = body.collect().await.map(Collected::to_bytes);
            let waker = world::with(|world| {
                let answer = Answer::Response {
                    status: head.status,
                    body: body.unwrap_or_default(),
                };
                world.trace(|| format!("[{instance}] request {id}: {}", head.status));
                world.answer(id, answer)
            });
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        world::with(|world| {
            if let Some(one) = world.instances.get_mut(&instance) {
                one.inbox.push((Some(id), Box::pin(work)));
            }
            world.rouse(instance);
        });
        let answer = within(patience, answer(id)).await.unwrap_or(Answer::Lost);
        let calls = world::with(|world| {
            let request = world.requests.remove(&id)?;
            if request.answer.is_none()
                && let Some(one) = world.instances.get_mut(&instance)
            {
                one.open = one.open.saturating_sub(1);
                // A host may drop the request of a client that has gone.
                if world.choose(&[true, false]) == Some(true)
                    && let Some(one) = world.instances.get_mut(&instance)
                {
                    one.dropped.push(id);
                    world.note_fault(instance);
                    world.rouse(instance);
                }
            }
            let had_fault = request.had_fault || world.had_fault_since(instance, began);
            (!had_fault).then_some(request.calls)
        });
        (answer, calls)
    }
}

/// Waits for the answer to a request.
async fn answer(id: RequestId) -> Answer {
    poll_fn(|context| {
        world::with(|world| {
            let Some(request) = world.requests.get_mut(&id) else {
                return Poll::Ready(Answer::Lost);
            };
            match &request.answer {
                Some(answer) => Poll::Ready(answer.clone()),
                None => {
                    request.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
    })
    .await
}

/// Waits for a future, but only so long.
async fn within<T>(time: i64, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut end = pin!(sleep(time));
    poll_fn(|context| {
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        end.as_mut().poll(context).map(|()| None)
    })
    .await
}

pub(crate) fn json(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn any_host() -> usize {
    world::with(|world| {
        let hosts = world.plan.skews.len();
        world.random().usize(0..hosts)
    })
}

pub(crate) async fn sleep_until(time: i64) {
    let left = world::with(|world| time - world.now());
    sleep(left).await;
}

async fn pause(range: std::ops::Range<i64>) {
    let time = world::with(|world| world.random().i64(range));
    sleep(time).await;
}

/// What became of a request to place an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placed {
    Accepted,
    /// It is not known whether the order is stored.
    Unknown,
    /// It is not: another request under the key is.
    Refused,
}

/// Places an order once.
async fn place_once(number: usize, variant: usize) -> Placed {
    let (call, is_faulty) = world::with(|world| {
        let order = &world.orders[number];
        let call = Call {
            method: Method::POST,
            path: "/order/email".to_owned(),
            creator: Some(order.creator),
            key: order.key.clone(),
            body: Some(order.body(variant)),
        };
        (call, world.is_faulty())
    });
    let (answer, calls) = call.send(any_host(), PATIENCE).await;
    let Answer::Response { status, body, .. } = answer else {
        return Placed::Unknown;
    };
    if let Some(calls) = calls {
        checks::budget("POST", calls, 150);
    }
    match status {
        StatusCode::ACCEPTED => {
            let id = json(&body)["orderId"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            world::with(|world| world.accepted(number, variant, id));
            Placed::Accepted
        }
        StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => Placed::Unknown,
        // Another content has the key, or the send time has passed.
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => Placed::Refused,
        // While the issuer's keys are not known.
        StatusCode::UNAUTHORIZED if is_faulty => Placed::Unknown,
        status => {
            let text = String::from_utf8_lossy(&body).into_owned();
            world::with(|world| {
                world.violate(format!("order {number} gets {status}: {text}"));
            });
            Placed::Refused
        }
    }
}

/// Places an order, repeats it until the answer is known if it has a key, and cancels it.
async fn place(number: usize) {
    let (placed_at, has_key, is_repeated, cancel_at) = world::with(|world| {
        let order = &world.orders[number];
        let has_key = order.key.is_some();
        (order.placed_at, has_key, order.is_repeated, order.cancel_at)
    });
    sleep_until(placed_at).await;
    let mut placed = place_once(number, 0).await;
    if has_key {
        let mut longest = 2 * SECOND;
        while placed == Placed::Unknown {
            pause(0..longest).await;
            longest = (2 * longest).min(10 * MINUTE);
            placed = place_once(number, 0).await;
            world::with(|world| {
                if placed == Placed::Unknown && world.now() > world.plan.heal + HOUR {
                    world.violate(format!("order {number} gets no definite answer"));
                }
            });
        }
        if is_repeated {
            pause(0..5 * MINUTE).await;
            let repeated = place_once(number, 0).await;
            let is_consistent = world::with(|world| world.plan.stale <= 0.0);
            if placed == Placed::Accepted && repeated == Placed::Refused && is_consistent {
                world::with(|world| {
                    world.violate(format!("order {number}: a repeat was refused"));
                });
            }
        }
    }
    if placed != Placed::Accepted {
        return;
    }
    read(number).await;
    if let Some(cancel_at) = cancel_at {
        sleep_until(cancel_at).await;
        cancel(number).await;
    }
}

/// Places another order under the same key at about the same time.
async fn rival(number: usize) {
    let (has_rival, placed_at) = world::with(|world| {
        let order = &world.orders[number];
        (order.has_rival, order.placed_at)
    });
    if !has_rival {
        return;
    }
    sleep_until(placed_at).await;
    pause(0..20_000).await;
    let mut longest = 2 * SECOND;
    for _ in 0..5 {
        if place_once(number, 1).await != Placed::Unknown {
            return;
        }
        pause(0..longest).await;
        longest *= 4;
    }
}

/// Reads an order that was accepted.
async fn read(number: usize) {
    let (creator, id) = world::with(|world| {
        let order = &world.orders[number];
        let id = order.accepted.as_ref().map(|one| one.id.clone());
        (order.creator, id.unwrap_or_default())
    });
    pause(0..MINUTE).await;
    let call = Call::get(creator, format!("/order/{id}/status"));
    let (answer, _) = call.send(any_host(), PATIENCE).await;
    let is_consistent = world::with(|world| world.plan.stale <= 0.0);
    if let Answer::Response { status, body, .. } = answer {
        if status == StatusCode::NOT_FOUND && is_consistent {
            world::with(|world| world.violate(format!("order {number} is not found by its id")));
        }
        let status = json(&body)["processingStatus"]["status"].clone();
        let is_cancelled = status == "Cancelled";
        world::with(|world| {
            if is_cancelled && !world.orders[number].cancel_asked {
                world.violate(format!("order {number} was cancelled by nobody"));
            }
        });
    }
}

/// Cancels an order, until the answer is known.
async fn cancel(number: usize) {
    loop {
        let call = world::with(|world| {
            let order = &mut world.orders[number];
            let id = order.accepted.as_ref().map(|one| one.id.clone());
            order.cancel_asked = true;
            Call {
                method: Method::PUT,
                path: format!("/order/{}/cancel", id.unwrap_or_default()),
                creator: Some(order.creator),
                key: None,
                body: None,
            }
        });
        let (answer, _) = call.send(any_host(), PATIENCE).await;
        if let Answer::Response { status, .. } = answer {
            match status {
                StatusCode::OK => {
                    world::with(|world| world.cancelled(number));
                    return;
                }
                StatusCode::CONFLICT => return,
                _ => {}
            }
        }
        pause(0..20 * SECOND).await;
    }
}

/// Calls the trigger for ever.
async fn call_trigger(host: usize) {
    loop {
        let (now, every, end) = world::with(|world| {
            let (now, plan) = (world.now(), &world.plan);
            let every = if now < plan.heal {
                plan.trigger_every
            } else if now < plan.settled() {
                CALM_TRIGGERS
            } else if plan.stale > 0.0 && now % LATE_TRIGGERS < 10 * MINUTE {
                // A claim whose number is read too late is inconclusive, and decided some minutes later.
                CALM_TRIGGERS
            } else {
                LATE_TRIGGERS
            };
            (now, every, plan.end())
        });
        if now > end || (host > 0 && world::with(|world| !world.is_faulty())) {
            return;
        }
        // Timers of several hosts fire at the same time.
        let next = (now / every + 1) * every;
        sleep_until(next).await;
        pause(0..20_000).await;
        for _ in 0..100 {
            let call = Call {
                method: Method::POST,
                path: "/trigger/pastdueorders".to_owned(),
                creator: None,
                key: None,
                body: None,
            };
            let began = world::with(|world| world.now());
            let (answer, calls) = call.send(host, 20 * MINUTE).await;
            let took = world::with(|world| world.now() - began);
            let Answer::Response { status, body, .. } = answer else {
                break;
            };
            if let Some(calls) = calls {
                checks::run(took, calls);
            }
            if status != StatusCode::OK {
                if calls.is_some() && world::with(|world| !world.is_faulty()) {
                    let text = String::from_utf8_lossy(&body).into_owned();
                    world::with(|world| world.violate(format!("a trigger gets {status}: {text}")));
                }
                break;
            }
            if json(&body)["more"] != true {
                break;
            }
        }
    }
}
