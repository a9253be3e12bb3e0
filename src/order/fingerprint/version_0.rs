//! Version 0: the JSON of a request, as the first version of the component serialized its types.
//!
//! Can be removed once no order is stored that was placed before version 1 (`retain_order_days`).

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Fingerprint;
use crate::{
    order::{
        content_type::ContentType,
        request::{OrderRequest, SendTime},
    },
    timestamp::Timestamp,
};

/// Never changed: the names, the order of the members and `null` for absent ones are hashed.
#[derive(Serialize)]
struct Request<'a> {
    subject: Option<&'a str>,
    body: Option<&'a str>,
    content_type: &'static str,
    recipients: Option<Vec<Option<Recipient<'a>>>>,
    requested_send_time: Time,
    senders_reference: Option<&'a str>,
    ignore_reservation: Option<bool>,
    resource_id: Option<&'a str>,
    resource_action: Option<&'a str>,
    condition_endpoint: Option<&'a str>,
}

#[derive(Serialize)]
struct Recipient<'a> {
    email_address: Option<&'a str>,
    organization_number: Option<&'a str>,
    national_identity_number: Option<&'a str>,
}

#[derive(Serialize)]
enum Time {
    Now,
    At(Timestamp),
    WithoutZone,
}

/// Returns the fingerprint of a request in version 0.
pub(super) fn fingerprint(request: &OrderRequest) -> Fingerprint {
    let recipients = request.recipients.as_deref().map(|recipients| {
        let recipients = recipients.iter().map(|recipient| {
            recipient.as_ref().map(|recipient| Recipient {
                email_address: recipient.email_address.as_deref(),
                organization_number: recipient.organization_number.as_deref(),
                national_identity_number: recipient.national_identity_number.as_deref(),
            })
        });
        recipients.collect()
    });
    let form = Request {
        subject: request.subject.as_deref(),
        body: request.body.as_deref(),
        content_type: match request.content_type {
            ContentType::Plain => "Plain",
            ContentType::Html => "Html",
        },
        recipients,
        requested_send_time: match request.requested_send_time {
            SendTime::Now => Time::Now,
            SendTime::At(instant) => Time::At(instant),
            SendTime::WithoutZone => Time::WithoutZone,
        },
        senders_reference: request.senders_reference.as_deref(),
        ignore_reservation: request.ignore_reservation,
        resource_id: request.resource_id.as_deref(),
        resource_action: request.resource_action.as_deref(),
        condition_endpoint: request.condition_endpoint.as_deref(),
    };
    // Its keys are strings, so that serializing it cannot fail.
    let json = serde_json::to_vec(&form).unwrap_or_default();
    Fingerprint::new(0, Sha256::new_with_prefix(json))
}
