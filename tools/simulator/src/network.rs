//! The simulated network: the configuration, an issuer of tokens, condition endpoints, contacts, and a
//! sender.

use std::{collections::BTreeMap, sync::LazyLock};

use bytes::Bytes;
use ct_codecs::{Base64UrlSafeNoPadding, Encoder as _};
use email_orders::{
    auth::{FetchError, Fetched},
    delivery::{ContactsError, Email, Progress, Receipt, SendFailure},
    order::{Contact, Identifier},
};
use http::HeaderMap;
use jwt_simple::prelude::{Claims, Ed25519KeyPair, EdDSAKeyPairLike as _, UnixTimeStamp};
use serde_json::json;

use crate::{
    host::sleep,
    plan::SECOND,
    random,
    world::{self, InstanceId},
};

/// The key that opens the trigger.
pub(crate) const TRIGGER_KEY: &str = "simulated-trigger-key";

const ISSUER: &str = "https://issuer.example.no";

/// How long the component waits for a server, for contacts, and for the sender.
const EXCHANGE_LIMIT: i64 = 5 * SECOND;
const CONTACTS_LIMIT: i64 = 10 * SECOND;
const SEND_LIMIT: i64 = 30 * SECOND;

/// What the sender and the condition endpoints remember.
#[derive(Default)]
pub(crate) struct Network {
    /// Until when the sender takes no emails.
    limited_until: i64,
    /// How often each condition endpoint gave no answer.
    pub(crate) silences: BTreeMap<usize, u32>,
}

/// An email that the sender got.
#[derive(Debug, Clone)]
pub(crate) struct Send {
    pub(crate) at: i64,
    pub(crate) instance: InstanceId,
    pub(crate) notification: String,
    pub(crate) to: String,
    pub(crate) variant: usize,
    /// Whether it has left, and whether the sender has said so.
    pub(crate) has_left: bool,
    pub(crate) is_answered: bool,
}

/// The issuer's key, and tokens by the number of their creator.
struct Issuer {
    jwks: String,
    tokens: Vec<String>,
}

static THE_ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let key = Ed25519KeyPair::generate().with_key_id("simulated");
    let public = Base64UrlSafeNoPadding::encode_to_string(key.public_key().to_bytes());
    let public = public.unwrap_or_default();
    let jwks = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "simulated", "alg": "EdDSA", "x": public,
    }] });
    let token = |creator: usize| {
        let custom = serde_json::Map::from_iter([
            (
                "urn:altinn:scope".to_owned(),
                json!("altinn:notifications.create"),
            ),
            ("urn:altinn:org".to_owned(), json!(format!("org{creator}"))),
        ]);
        let day = jwt_simple::prelude::Duration::from_days(1);
        let mut claims = Claims::with_custom_claims(custom, day).with_issuer(ISSUER);
        // From 2026 to 2099, by the application's clock as by the library's.
        claims.issued_at = Some(UnixTimeStamp::from_secs(1_767_225_600));
        claims.invalid_before = None;
        claims.expires_at = Some(UnixTimeStamp::from_secs(4_070_908_800));
        key.sign(claims).unwrap_or_default()
    };
    Issuer {
        jwks: jwks.to_string(),
        tokens: (0..4).map(token).collect(),
    }
});

/// Makes what all runs share, the same each time.
pub(crate) fn prepare() {
    let make = || {
        random::seed_thread(0);
        LazyLock::force(&THE_ISSUER);
    };
    _ = std::thread::spawn(make).join();
}

/// Returns the token of a creator.
pub(crate) fn token(creator: usize) -> &'static str {
    &THE_ISSUER.tokens[creator]
}

/// Returns a variable of the application.
pub(crate) fn variable(name: &str) -> String {
    let plan = |number: fn(&crate::plan::Plan) -> i64| world::with(|world| number(&world.plan));
    match name {
        "bearer_issuers" => {
            let uri = format!("{ISSUER}/jwks");
            json!([{ "issuer": ISSUER, "jwks_uri": uri }]).to_string()
        }
        "platform_issuers" => "[]".to_owned(),
        "required_scopes" => "altinn:notifications.create".to_owned(),
        "default_from_address" => "noreply@altinn.cloud".to_owned(),
        "trigger_key" => TRIGGER_KEY.to_owned(),
        "max_body_bytes" => "262144".to_owned(),
        "give_up_hours" => plan(|plan| plan.give_up_hours).to_string(),
        "retain_content_days" => plan(|plan| plan.content_days).to_string(),
        "retain_order_days" => plan(|plan| plan.order_days).to_string(),
        "send_rate" => "0".to_owned(),
        "from_addresses" => "{}".to_owned(),
        "log_level" => world::with(|world| world.log_level().to_owned()),
        _ => String::new(),
    }
}

/// Waits as long as an exchange takes; returns whether there is an answer.
async fn exchange(fault: f64, limit: i64) -> bool {
    let (time, is_answered) = world::with(|world| {
        if !world.fault(fault) {
            return (world.random().i64(1000..50_000), true);
        }
        // It hangs, or is refused at once.
        let hangs = world.random().bool();
        (if hangs { limit } else { 1000 }, false)
    });
    sleep(time).await;
    is_answered
}

fn no_answer() -> FetchError {
    FetchError::NoAnswer("simulated".to_owned())
}

/// Fetches the keys of the issuer.
pub(crate) async fn fetch_keys() -> Result<Fetched, FetchError> {
    let fault = world::with(|world| world.plan.issuer_fault);
    if !exchange(fault, EXCHANGE_LIMIT).await {
        return Err(no_answer());
    }
    Ok(Fetched {
        body: Bytes::from_static(THE_ISSUER.jwks.as_bytes()),
        headers: HeaderMap::new(),
    })
}

/// Asks a condition endpoint, `https://condition.example.no/<order>/<yes or no>`.
pub(crate) async fn ask_condition(url: &str) -> Result<Bytes, FetchError> {
    let fault = world::with(|world| world.plan.condition_fault);
    let mut parts = url.rsplit('/');
    let sends = parts.next() == Some("yes");
    let order = parts.next().and_then(|order| order.parse().ok());
    if !exchange(fault, EXCHANGE_LIMIT).await {
        world::with(|world| {
            let silences = &mut world.network.silences;
            *silences.entry(order.unwrap_or_default()).or_default() += 1;
        });
        return Err(no_answer());
    }
    Ok(Bytes::from(format!("{{\"sendNotification\":{sends}}}")))
}

/// Returns the addresses of an organisation or a person. Some share addresses, and some have none.
pub(crate) fn addresses(digits: &str) -> Vec<String> {
    let last = digits.bytes().last().unwrap_or(b'0') - b'0';
    match last {
        0 => Vec::new(),
        1 => vec!["Shared@example.no".to_owned()],
        2 => (0..30).map(|n| format!("many-{n}@example.no")).collect(),
        _ => vec![
            format!("own-{digits}@example.no"),
            "shared@example.no".to_owned(),
        ],
    }
}

/// Looks up contacts.
pub(crate) async fn look_up(identifiers: Vec<Identifier>) -> Result<Vec<Contact>, ContactsError> {
    let fault = world::with(|world| world.plan.contacts_fault);
    if !exchange(fault, CONTACTS_LIMIT).await {
        return Err(ContactsError("simulated".to_owned()));
    }
    let contact = |identifier: &Identifier| Contact {
        addresses: addresses(identifier.as_str()),
        name: None,
        reserved: false,
    };
    Ok(identifiers.iter().map(contact).collect())
}

/// Sends an email of an instance.
pub(crate) async fn send(instance: InstanceId, email: Email) -> Result<Receipt, SendFailure> {
    let plan = world::with(|world| world.plan.sender.clone());
    let time = world::with(|world| {
        let notification = &email.notification;
        world.trace(|| format!("[{instance}] sends {notification} ({})", email.subject));
        if world.fault(plan.slow) {
            world.random().i64(0..40 * SECOND)
        } else {
            world.random().i64(5_000..200_000)
        }
    });
    let mut numbers = email
        .subject
        .split(' ')
        .filter_map(|word| word.parse().ok());
    let (order, variant) = (numbers.next().unwrap_or(usize::MAX), numbers.next());
    let mut sent = Send {
        at: world::with(|world| world.now()),
        instance,
        notification: email.notification.to_string(),
        to: email.to.to_ascii_lowercase(),
        variant: variant.unwrap_or_default(),
        has_left: false,
        is_answered: false,
    };
    if email.to.starts_with("bounce") {
        sleep(time).await;
        world::with(|world| world.email_handed_over(order, sent));
        return Err(SendFailure::Bounced("simulated".to_owned()));
    }
    let refusal = world::with(|world| {
        let now = world.now();
        if now < world.network.limited_until || world.fault(plan.limited) {
            let left = (world.network.limited_until - now) / SECOND;
            let seconds = if left > 0 {
                left
            } else {
                world.random().i64(1..90)
            };
            world.network.limited_until = world.network.limited_until.max(now + seconds * SECOND);
            return Some(SendFailure::RateLimited(u32::try_from(seconds).ok()));
        }
        let fails = world.fault(plan.transient);
        fails.then(|| SendFailure::Transient("simulated".to_owned()))
    });
    if let Some(refusal) = refusal {
        sleep(time.min(SEND_LIMIT)).await;
        world::with(|world| world.email_handed_over(order, sent));
        return Err(refusal);
    }
    sent.has_left = true;
    let is_lost = world::with(|world| world.fault(plan.unanswered)) || time > SEND_LIMIT;
    sent.is_answered = !is_lost;
    let number = world::with(|world| world.email_handed_over(order, sent));
    sleep(time.min(SEND_LIMIT)).await;
    if is_lost {
        return Err(SendFailure::Transient("no answer in time".to_owned()));
    }
    let progress = if number.is_multiple_of(2) {
        Progress::Accepted
    } else {
        Progress::Delivered
    };
    // Some providers have ids of their own.
    let provider_id = number
        .is_multiple_of(3)
        .then(|| format!("provider-{number}"));
    Ok(Receipt {
        progress,
        provider_id,
    })
}
