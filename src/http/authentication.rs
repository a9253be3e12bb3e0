//! Authorization of a request: RFC 6750's refusals.

use http::{HeaderMap, header::AUTHORIZATION};
use subtle::ConstantTimeEq as _;

use super::{
    app::{App, Host},
    error::ApiError,
};
use crate::{
    auth::{AuthError, Credentials, Grant, authorize},
    config::Config,
    log,
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

/// Holds a request against the trigger key, which is presented as a bearer token.
pub(super) async fn trigger<H: Host>(app: &App<H>, headers: &HeaderMap) -> Result<(), ApiError> {
    let key = app.host().trigger_key().await.map_err(|error| {
        log::error("configuration cannot be read", &error);
        ApiError::Unavailable
    })?;
    if key.is_empty() {
        return Err(ApiError::NoTriggerKey);
    }
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let presented = match (lines.next(), lines.next()) {
        (None, _) => return Err(ApiError::Unauthenticated { presented: false }),
        (Some(line), None) => line.to_str().ok().and_then(bearer),
        (Some(_), Some(_)) => None,
    };
    match presented {
        Some(presented) if presented.as_bytes().ct_eq(key.as_bytes()).into() => Ok(()),
        _ => Err(ApiError::Unauthenticated { presented: true }),
    }
}

/// The token of a bearer, whose scheme may be in any case.
fn bearer(line: &str) -> Option<&str> {
    let (scheme, token) = line.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
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
