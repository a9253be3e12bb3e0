//! The orders that the clients place, and what has to become of them.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::{
    network::{self, Send},
    plan::{DAY, HOUR, MINUTE, Plan, Provider, SECOND},
    world::{self, World},
};

/// An order of a client, and what is known of it.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Expected {
    pub(crate) number: usize,
    pub(crate) creator: usize,
    pub(crate) key: Option<String>,
    pub(crate) reference: Option<String>,
    /// When the client places it first.
    pub(crate) placed_at: i64,
    /// None: at once.
    pub(crate) send_time: Option<i64>,
    pub(crate) recipients: Vec<Value>,
    /// Whether it has a condition endpoint, and what that says.
    pub(crate) condition: Option<bool>,
    /// When the client cancels it.
    pub(crate) cancel_at: Option<i64>,
    /// Whether another client places another order under the same key.
    pub(crate) has_rival: bool,
    /// Whether the client repeats it although it was accepted.
    pub(crate) is_repeated: bool,
    /// The content that was accepted first, under which id, and when.
    pub(crate) accepted: Option<Accepted>,
    /// Whether a request to cancel it was made, and whether one was answered with 200.
    pub(crate) cancel_asked: bool,
    pub(crate) cancelled: bool,
    pub(crate) sends: Vec<Send>,
}

#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) variant: usize,
    pub(crate) at: i64,
}

impl Expected {
    /// Returns the orders of a run.
    pub(crate) fn all(plan: &Plan, random: &mut Rng) -> Vec<Self> {
        let mut all: Vec<Self> = (0..plan.orders)
            .map(|number| Self::of(number, plan, random))
            .collect();
        all.sort_by_key(|order| order.placed_at);
        for (number, order) in all.iter_mut().enumerate() {
            order.number = number;
        }
        all
    }

    fn of(number: usize, plan: &Plan, random: &mut Rng) -> Self {
        // Many come at the same time.
        let span = plan.heal - plan.start;
        let placed_at = match random.u32(0..4) {
            0 => plan.start + random.i64(0..MINUTE),
            1 => plan.start + span / 2 + random.i64(0..10 * SECOND),
            _ => plan.start + random.i64(0..span),
        };
        let send_time = match random.u32(0..10) {
            0..5 => None,
            5 => Some(placed_at + random.i64(-60..60) * SECOND),
            6 => Some(placed_at + random.i64(5 * MINUTE..20 * MINUTE)),
            7 => Some((placed_at / HOUR + 1) * HOUR),
            8 => Some(placed_at + random.i64(0..plan.heal - placed_at + HOUR)),
            _ => Some(plan.heal + random.i64(0..DAY)),
        };
        let key = random.bool().then(|| format!("key-{number}"));
        let cancel_at = send_time
            .filter(|time| *time > placed_at + 2 * MINUTE && random.bool())
            .map(|time| {
                let latest = (time - 4 * MINUTE).max(placed_at + SECOND);
                if random.bool() {
                    latest - random.i64(0..2 * MINUTE).min(latest - placed_at)
                } else {
                    random.i64(placed_at..latest)
                }
            });
        let condition = (random.u32(0..4) == 0).then(|| random.u32(0..3) > 0);
        Self {
            number,
            creator: random.usize(0..plan.creators),
            has_rival: key.is_some() && random.u32(0..4) == 0,
            is_repeated: key.is_some() && random.u32(0..3) == 0,
            key,
            reference: (random.u32(0..3) > 0).then(|| format!("case-{}", random.u32(0..4))),
            placed_at,
            send_time,
            recipients: recipients(number, random),
            condition,
            cancel_at,
            accepted: None,
            cancel_asked: false,
            cancelled: false,
            sends: Vec::new(),
        }
    }

    /// Returns the request's body, or that of the rival.
    pub(crate) fn body(&self, variant: usize) -> Value {
        let number = self.number;
        let mut body = json!({
            "subject": format!("order {number} variant {variant}"),
            "body": format!("body of {number}, {variant}"),
            "recipients": self.recipients,
        });
        if let Some(reference) = &self.reference {
            body["sendersReference"] = json!(reference);
        }
        if let Some(time) = self.send_time {
            body["requestedSendTime"] = json!(world::text(time));
        }
        if let Some(sends) = self.condition {
            let answer = if sends { "yes" } else { "no" };
            let url = format!("https://condition.example.no/{number}/{answer}");
            body["conditionEndpoint"] = json!(url);
        }
        body
    }

    /// Returns the addresses that are to be notified, in lower case.
    pub(crate) fn addresses(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for recipient in &self.recipients {
            if let Some(address) = recipient["emailAddress"].as_str() {
                all.insert(address.to_ascii_lowercase());
            }
            for member in ["organizationNumber", "nationalIdentityNumber"] {
                if let Some(digits) = recipient[member].as_str() {
                    let found = network::addresses(digits);
                    all.extend(found.iter().map(|address| address.to_ascii_lowercase()));
                }
            }
        }
        all
    }

    /// Returns the time at which it is due, once it is accepted.
    pub(crate) fn due(&self) -> i64 {
        let accepted = self.accepted.as_ref().map_or(self.placed_at, |one| one.at);
        self.send_time.map_or(accepted, |time| time.max(accepted))
    }
}

fn recipients(number: usize, random: &mut Rng) -> Vec<Value> {
    let count = *random.choice(&[1, 1, 1, 2, 3, 5, 25, 45]).unwrap_or(&1);
    let mut all = Vec::new();
    for n in 0..count {
        all.push(match random.u32(0..20) {
            0 => json!({ "emailAddress": "Shared@example.no" }),
            1 => json!({ "emailAddress": format!("bounce-{number}-{n}@example.no") }),
            2 => json!({ "organizationNumber": format!("{:09}", random.u32(100..200)) }),
            3 => json!({ "nationalIdentityNumber": format!("{:011}", random.u32(100..200)) }),
            _ => json!({ "emailAddress": format!("to-{number}-{n}@example.no") }),
        });
    }
    all
}

impl World {
    /// Takes in that the sender got an email, and checks that it may. Returns the number of the email.
    pub(crate) fn email_handed_over(&mut self, number: usize, send: Send) -> usize {
        self.count("emails");
        let what = format!(
            "order {number}: {} to {} by instance {} at {}",
            send.notification,
            send.to,
            send.instance,
            world::text(send.at)
        );
        self.trace(|| format!("email of {what} (left: {})", send.has_left));
        let Some(order) = self.orders.get(number) else {
            self.violate(format!("an email of an unknown order: {what}"));
            return 0;
        };
        if let Some(fault) = order.fault_of(&send, self) {
            self.violate(format!("{fault}: {what}"));
        }
        let all = self.orders.iter().map(|order| order.sends.len());
        let count = all.sum();
        self.orders[number].sends.push(send);
        count
    }

    /// Takes in that an order was accepted, and checks that it may.
    pub(crate) fn accepted(&mut self, number: usize, variant: usize, id: String) {
        let now = self.now();
        let is_sound = self.plan.provider != Provider::Akamai;
        self.trace(|| format!("order {number}.{variant} is accepted as {id}"));
        match &self.orders[number].accepted {
            None => {
                self.orders[number].accepted = Some(Accepted {
                    id,
                    variant,
                    at: now,
                });
            }
            Some(known) if known.id != id => {
                let known = known.id.clone();
                self.violate(format!("order {number} has two ids: {known} and {id}"));
            }
            Some(known) if known.variant != variant && is_sound => {
                self.violate(format!("order {number}: both contents are accepted"));
            }
            Some(_) => {}
        }
        let order = &self.orders[number];
        let other = order.sends.iter().find(|send| send.variant != variant);
        if let Some(send) = other
            && is_sound
        {
            let to = send.to.clone();
            self.violate(format!(
                "order {number}: the other content was sent to {to}"
            ));
        }
    }

    /// Takes in that an order was cancelled.
    pub(crate) fn cancelled(&mut self, number: usize) {
        self.trace(|| format!("order {number} is cancelled"));
        let order = &mut self.orders[number];
        order.cancelled = true;
        if let Some(send) = order.sends.first() {
            let notification = send.notification.clone();
            self.violate(format!(
                "order {number} was cancelled after {notification} was sent"
            ));
        }
    }
}

impl Expected {
    /// Returns why an email must not be sent; None if it may.
    fn fault_of(&self, send: &Send, world: &World) -> Option<&'static str> {
        let is_sound = world.plan.provider != Provider::Akamai;
        // Clocks are wrong by 15 seconds at most.
        if self
            .send_time
            .is_some_and(|time| send.at < time - 15 * SECOND)
        {
            return Some("sent before its time");
        }
        if self.cancelled {
            return Some("sent although it was cancelled");
        }
        if !self.addresses().contains(&send.to) {
            return Some("sent to an address that is not the order's");
        }
        if let Some(accepted) = &self.accepted
            && accepted.variant != send.variant
            && is_sound
        {
            return Some("sent with the other content");
        }
        let silences = world.network.silences.get(&self.number);
        if self.condition == Some(false) && silences.is_none_or(|count| *count < 2) {
            return Some("sent although its condition says no");
        }
        for earlier in self.sends.iter().filter(|earlier| earlier.to == send.to) {
            if is_sound && earlier.notification != send.notification {
                return Some("sent under two notification ids");
            }
            // The instance may have died before it stored the result, or could not store it.
            // An instance that reads a page late sends again what the page has as sent (DynamoDB without
            // consistent reads).
            let is_excused =
                world.plan.stale > 0.0 || world.had_fault_since(earlier.instance, earlier.at);
            if earlier.has_left && earlier.is_answered && is_sound && !is_excused {
                return Some("sent twice");
            }
        }
        None
    }

    /// Tells whether an instance that sent to an address met a fault then, where a batch is applied in any
    /// order.
    fn has_met_fault(&self, address: &str, world: &World) -> bool {
        let in_any_order = matches!(world.plan.provider, Provider::DynamoDb | Provider::Akamai);
        let mut sends = self.sends.iter().filter(|send| send.to == address);
        in_any_order && sends.any(|send| world.had_fault_since(send.instance, send.at))
    }

    /// Returns what an address got.
    fn copies(&self) -> BTreeMap<&str, usize> {
        let mut copies = BTreeMap::new();
        for send in self.sends.iter().filter(|send| send.has_left) {
            *copies.entry(send.to.as_str()).or_default() += 1;
        }
        copies
    }

    /// Returns why the final state of an accepted order is wrong; None if it is right.
    pub(crate) fn final_fault(
        &self,
        status: &str,
        notifications: &Value,
        world: &World,
    ) -> Option<String> {
        let copies = self.copies();
        let silences = world.network.silences.get(&self.number);
        match status {
            "Cancelled" if self.cancel_asked && copies.is_empty() => return None,
            "SendConditionNotMet" if self.condition == Some(false) && copies.is_empty() => {
                return None;
            }
            "Completed" if !self.cancelled => {}
            other => return Some(format!("its status is {other}")),
        }
        if self.condition == Some(false) && silences.is_none_or(|count| *count < 2) {
            return Some("it was completed although its condition says no".to_owned());
        }
        let mut sent = BTreeMap::new();
        for one in notifications["notifications"].as_array()? {
            let to = one["recipient"]["emailAddress"]
                .as_str()
                .unwrap_or_default();
            let status = one["sendStatus"]["status"].as_str().unwrap_or_default();
            if !to.is_empty() && sent.insert(to.to_ascii_lowercase(), status).is_some() {
                return Some(format!("two notifications to {to}"));
            }
        }
        let is_given_up = world.now() > self.due() + world.plan.give_up_hours * HOUR;
        let may_lack = world.plan.contacts_fault > 0.0 && is_given_up;
        for address in self.addresses() {
            let copies = copies.get(address.as_str()).copied().unwrap_or_default();
            match sent.get(&address) {
                None if may_lack => {}
                None => return Some(format!("{address} has no notification")),
                Some(&("Succeeded" | "Delivered")) if copies > 0 => {}
                Some(&"Failed_Bounced") if address.starts_with("bounce") => {}
                Some(&"Failed") if is_given_up => {}
                // A batch may have stored the state of the order without its page.
                Some(&"Sending") if copies > 0 && self.has_met_fault(&address, world) => {}
                Some(status) => {
                    return Some(format!(
                        "{address} got {copies} copies, its status is {status}"
                    ));
                }
            }
        }
        None
    }
}
