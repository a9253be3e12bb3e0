//! `POST /delivery-report/{sender}`

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    auth::WebhookSignature,
    delivery::report::{Reports, UNKNOWN_NOTIFICATION},
    http::{
        app::Host,
        authentication,
        body::{self, MediaTypes},
        context::RequestContext,
        error::ApiError,
        failure::Failure,
        view::{HandshakeView, TakenView},
    },
    log,
    store::yield_now,
};

/// The names that providers report under: this project's senders, and `own` for any other.
pub(in crate::http) const SENDERS: [&str; 5] = ["acs", "own", RESEND, "sandbox", "smtp"];

/// The sender whose provider signs its reports in place of the trigger key.
const RESEND: &str = "resend";

/// The variable with the secret of the signatures.
const RESEND_SECRET: &str = "resend_webhook_secret";

/// Accepts delivery reports of a sender's provider. The form of a report decides how it is read, not
/// the sender's name.
pub(super) async fn accept<H: Host>(
    context: &RequestContext<H>,
    stream: Body,
) -> Result<Response, Failure> {
    let sender = context.path_parameter.as_deref().unwrap_or_default();
    let headers = context.headers();
    let signed = if sender == RESEND && WebhookSignature::is_present(headers) {
        let secret = authentication::webhook_secret(context, RESEND_SECRET).await?;
        let signature = WebhookSignature::of(headers, context.received);
        Some((
            secret,
            signature.ok_or_else(authentication::wrong_signature)?,
        ))
    } else {
        authentication::require_trigger_key(context).await?;
        None
    };
    if !SENDERS.contains(&sender) {
        return Err(ApiError::UnknownSender.into());
    }
    body::require(headers, MediaTypes::JsonOrCloudEvents)?;
    let config = context.config().await?;
    let bytes = body::read(headers, stream, config.max_body_bytes()?).await?;
    if let Some((secret, signature)) = signed
        && !signature.verify(&secret, &bytes)
    {
        return Err(authentication::wrong_signature());
    }
    let items = match Reports::parse(&bytes).ok_or(ApiError::NotAReport)? {
        Reports::Handshake(code) => return Ok(body::ok(&HandshakeView::of(&code))),
        Reports::Items(items) => items,
    };
    let (stores, now) = (context.stores()?, context.app.host().now());
    let mut taken = TakenView::default();
    let mut first_reason = None;
    for item in items {
        // Each report takes several calls to the store, and other requests wait during each.
        yield_now().await;
        let reason = match item {
            Ok(report) if report.store(stores, sender, context.trace, now)? => {
                taken.accepted += 1;
                continue;
            }
            Ok(_) => UNKNOWN_NOTIFICATION,
            Err(reason) => reason,
        };
        taken.ignored += 1;
        first_reason.get_or_insert(reason);
    }
    if let Some(reason) = first_reason {
        let ignored = taken.ignored;
        log::info("delivery reports ignored")
            .trace(context.trace)
            .sender(sender)
            .reason(&format_args!("{ignored}; the first is {reason}"))
            .write();
    }
    Ok(body::ok(&taken))
}

const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// Adds the consent to deliveries that the handshake of CloudEvents asks for (HTTP 1.1 Web Hooks for
/// Event Delivery 1.0, section 4). Every origin may send events; the trigger key authenticates them.
pub(super) fn consent<H: Host>(context: &RequestContext<H>, headers: &mut HeaderMap) {
    let is_sender = |name| SENDERS.contains(&name);
    if let Some(origin) = context.headers().get(REQUEST_ORIGIN)
        && context.path_parameter.as_deref().is_some_and(is_sender)
    {
        headers.insert(ALLOWED_ORIGIN, origin.clone());
        headers.insert(ALLOWED_RATE, HeaderValue::from_static("*"));
    }
}

/// The path.
pub(super) const PATH: &str = "/delivery-report/{sender}";
