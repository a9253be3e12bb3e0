//! Version 0: the JSON of a request, as the first version of the component serialized its types.
//!
//! The names, the order of the members and `null` for absent ones are hashed, so nothing here may
//! change. Can be removed once no order is stored that was placed before version 1
//! (`retain_order_days`).

use serde::Serialize;

use super::Fingerprint;
use crate::order::{
    content_type::ContentType,
    request::{OrderRequest, RecipientRequest, SendTime},
};

/// Returns the fingerprint of a request in version 0.
pub(super) fn fingerprint(request: &OrderRequest) -> Fingerprint {
    let mut json = Json::default();
    json.member("{\"subject\":", &request.subject);
    json.member(",\"body\":", &request.body);
    json.raw(match request.content_type {
        ContentType::Plain => ",\"content_type\":\"Plain\"",
        ContentType::Html => ",\"content_type\":\"Html\"",
    });
    match &request.recipients {
        None => json.raw(",\"recipients\":null"),
        Some(recipients) => json.recipients(recipients),
    }
    json.raw(",\"requested_send_time\":");
    match request.requested_send_time {
        SendTime::Now => json.raw("\"Now\""),
        SendTime::At(instant) => {
            json.member("{\"At\":", &Some(instant.to_string()));
            json.raw("}");
        }
        SendTime::WithoutZone => json.raw("\"WithoutZone\""),
    }
    json.member(",\"senders_reference\":", &request.senders_reference);
    json.member(",\"ignore_reservation\":", &request.ignore_reservation);
    json.member(",\"resource_id\":", &request.resource_id);
    json.member(",\"resource_action\":", &request.resource_action);
    json.member(",\"condition_endpoint\":", &request.condition_endpoint);
    json.raw("}");
    Fingerprint::new(0, &json.0)
}

#[derive(Default)]
struct Json(Vec<u8>);

impl Json {
    fn raw(&mut self, json: &str) {
        self.0.extend(json.as_bytes());
    }

    fn member(&mut self, name: &str, value: &impl Serialize) {
        self.raw(name);
        // Texts and truth values can always be serialized.
        self.0.extend(serde_json::to_vec(value).unwrap_or_default());
    }

    fn recipients(&mut self, recipients: &[Option<RecipientRequest>]) {
        let mut separator = ",\"recipients\":[";
        for recipient in recipients {
            self.raw(separator);
            separator = ",";
            let Some(recipient) = recipient else {
                self.raw("null");
                continue;
            };
            self.member("{\"email_address\":", &recipient.email_address);
            self.member(",\"organization_number\":", &recipient.organization_number);
            self.member(
                ",\"national_identity_number\":",
                &recipient.national_identity_number,
            );
            self.raw("}");
        }
        if recipients.is_empty() {
            self.raw(separator);
        }
        self.raw("]");
    }
}
