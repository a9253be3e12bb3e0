//! Authorization of a request: RFC 6750's refusals.

use http::HeaderMap;

use super::{
    app::{App, Host},
    error::ApiError,
};
use crate::{
    auth::{AuthError, Credentials, Grant, authorize},
    config::Config,
    order::Creator,
};

/// What the credentials in these headers allow.
pub(super) async fn grant<H: Host>(
    app: &App<H>,
    headers: &HeaderMap,
    config: &Config,
) -> Result<Grant, ApiError> {
    authorize(
        &Credentials::of(headers),
        &config.bearer_issuers,
        &config.platform_issuers,
        &config.required_scopes,
        app,
    )
    .await
    .map_err(|error| refusal(error, config))
}

/// Whose orders a grant is for.
pub(super) fn creator(grant: Grant, config: &Config) -> Result<Creator, ApiError> {
    grant.creator().map_err(|error| refusal(error, config))
}

fn refusal(error: AuthError, config: &Config) -> ApiError {
    match error {
        AuthError::Missing => ApiError::Unauthenticated { presented: false },
        AuthError::Invalid => ApiError::Unauthenticated { presented: true },
        AuthError::KeysUnavailable => ApiError::Unavailable,
        AuthError::InsufficientScope => ApiError::Forbidden {
            detail: "The token has none of the scopes that this API requires.",
            scopes: config.required_scopes.join(" "),
        },
        AuthError::NoOrganization => ApiError::Forbidden {
            detail: "The token names no organisation that the order could belong to.",
            scopes: config.required_scopes.join(" "),
        },
    }
}
