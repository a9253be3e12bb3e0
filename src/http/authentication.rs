//! Authentication and authorization of a request (RFC 6750), and the reasons for the log.

use super::{
    app::Host,
    context::RequestContext,
    error::{ApiError, Credential},
    failure::{Cause, Failure},
};
use crate::{
    auth::{AuthError, AuthErrorKind, Credentials, Grant, Presented, WebhookSecret, authorize},
    config::{Authorization, Config},
    log::Level,
    order::Creator,
};

/// Returns what the credentials of a request allow.
pub(super) async fn grant<H: Host>(
    context: &RequestContext<H>,
    config: &Config,
) -> Result<Grant, Failure> {
    let authorization = config.authorization()?;
    authorize(
        &Credentials::of(context.headers()),
        &authorization.bearer_issuers,
        &authorization.platform_issuers,
        &authorization.required_scopes,
        &context.app,
    )
    .await
    .map_err(|error| refusal(&error, authorization))
}

/// Returns the creator that a grant is for.
pub(super) fn creator<H: Host>(
    context: &RequestContext<H>,
    grant: Grant,
    config: &Config,
) -> Result<Creator, Failure> {
    let authorization = config.authorization()?;
    let creator = grant
        .creator()
        .map_err(|error| refusal(&error, authorization))?;
    Ok(context.creator.get_or_init(|| creator).clone())
}

/// Requires one of the trigger keys, as a bearer token.
pub(super) async fn require_trigger_key<H: Host>(
    context: &RequestContext<H>,
) -> Result<(), Failure> {
    let keys = context.app.trigger_config(context.received).await?.keys;
    let presented = Presented::bearer(context.headers());
    let is_presented = presented.is_something();
    let (error, reason) = match (keys, presented) {
        (None, _) => (ApiError::NoTriggerKey, "no trigger key is configured"),
        (Some(keys), Presented::Text(key)) if keys.accept(key) => return Ok(()),
        (Some(_), _) => {
            let error = ApiError::Unauthenticated {
                wanted: Credential::TriggerKey,
                presented: is_presented,
            };
            (error, "the trigger key is missing or wrong")
        }
    };
    Err(Failure::new(
        error,
        refused(is_presented, String::new(), reason.to_owned()),
    ))
}

/// Requires a secret for the signatures of a provider's webhooks. It is read for these requests alone.
pub(super) async fn webhook_secret<H: Host>(
    context: &RequestContext<H>,
    variable: &'static str,
) -> Result<WebhookSecret, Failure> {
    let text = context.app.host().variable(variable).await?;
    match WebhookSecret::parse(&text) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => {
            let reason = "no webhook secret is configured".to_owned();
            let cause = refused(true, String::new(), reason);
            Err(Failure::new(ApiError::NoTriggerKey, cause))
        }
        Err(error) => {
            let reason = format!("variable {variable}: {error}");
            Err(Failure::unavailable("configuration cannot be used", reason))
        }
    }
}

/// Returns the failure of a webhook whose signature is wrong, or whose time is another one.
pub(super) fn wrong_signature() -> Failure {
    let error = ApiError::Unauthenticated {
        wanted: Credential::Signature,
        presented: false,
    };
    let reason = "the webhook's signature is wrong or too old".to_owned();
    Failure::new(error, refused(true, String::new(), reason))
}

/// Returns the cause of refused credentials. A request without any is logged at debug level, since
/// there may be many of them.
fn refused(is_presented: bool, issuer: String, reason: String) -> Cause {
    Cause {
        level: if is_presented {
            Level::Info
        } else {
            Level::Debug
        },
        event: "credentials refused",
        issuer,
        reason,
    }
}

fn refusal(error: &AuthError, authorization: &Authorization) -> Failure {
    let unauthenticated = |presented| ApiError::Unauthenticated {
        wanted: Credential::Token,
        presented,
    };
    let forbidden = |detail| ApiError::Forbidden {
        detail,
        scopes: authorization.required_scopes.join(" "),
    };
    let answer = match error.kind {
        AuthErrorKind::Missing => unauthenticated(false),
        AuthErrorKind::Invalid => unauthenticated(true),
        AuthErrorKind::IssuerUnavailable => ApiError::Unavailable,
        AuthErrorKind::InsufficientScope => {
            forbidden("The token has none of the scopes that this API requires.")
        }
        AuthErrorKind::NoOrganization => {
            forbidden("The token names no organisation that the order could belong to.")
        }
    };
    let (issuer, reason) = (error.issuer().to_owned(), error.to_string());
    let cause = match error.kind {
        AuthErrorKind::IssuerUnavailable => Cause {
            level: Level::Error,
            event: "issuer unavailable",
            issuer,
            reason,
        },
        kind => refused(kind != AuthErrorKind::Missing, issuer, reason),
    };
    Failure::new(answer, cause)
}
