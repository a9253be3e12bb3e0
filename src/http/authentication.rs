//! Authorization of a request: RFC 6750's refusals.

use http::HeaderMap;

use super::{
    app::{App, Host},
    error::{ApiError, Credential},
};
use crate::{
    auth::{AuthError, Credentials, Grant, Presented, authorize},
    config::{Authorization, Config},
    order::Creator,
};

/// Decides what the credentials in these headers allow.
pub(super) async fn grant<H: Host>(
    app: &App<H>,
    headers: &HeaderMap,
    config: &Config,
) -> Result<Grant, ApiError> {
    let authorization = config.authorization()?;
    authorize(
        &Credentials::of(headers),
        &authorization.bearer_issuers,
        &authorization.platform_issuers,
        &authorization.required_scopes,
        app,
    )
    .await
    .map_err(|error| refusal(error, authorization))
}

/// Holds a request against the trigger keys, one of which it presents as a bearer token.
pub(super) async fn trigger<H: Host>(app: &App<H>, headers: &HeaderMap) -> Result<(), ApiError> {
    let keys = app.trigger_keys().await?.ok_or(ApiError::NoTriggerKey)?;
    let presented = Presented::bearer(headers);
    match presented {
        Presented::Text(key) if keys.accept(key) => Ok(()),
        _ => Err(ApiError::Unauthenticated {
            wanted: Credential::TriggerKey,
            presented: presented.is_something(),
        }),
    }
}

/// Returns whose orders a grant is for.
pub(super) fn creator(grant: Grant, config: &Config) -> Result<Creator, ApiError> {
    let authorization = config.authorization()?;
    grant
        .creator()
        .map_err(|error| refusal(error, authorization))
}

fn refusal(error: AuthError, authorization: &Authorization) -> ApiError {
    let unauthenticated = |presented| ApiError::Unauthenticated {
        wanted: Credential::Token,
        presented,
    };
    let forbidden = |detail| ApiError::Forbidden {
        detail,
        scopes: authorization.required_scopes.join(" "),
    };
    match error {
        AuthError::Missing => unauthenticated(false),
        AuthError::Invalid => unauthenticated(true),
        AuthError::IssuerUnavailable => ApiError::Unavailable,
        AuthError::InsufficientScope => {
            forbidden("The token has none of the scopes that this API requires.")
        }
        AuthError::NoOrganization => {
            forbidden("The token names no organisation that the order could belong to.")
        }
    }
}
