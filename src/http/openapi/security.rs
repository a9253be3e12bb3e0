//! The security schemes.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

/// Names the scheme of bearer tokens.
pub(super) const BEARER: &str = "bearer";
/// Names the scheme of platform access tokens.
pub(super) const PLATFORM: &str = "platform";
/// Names the scheme of the trigger key.
pub(super) const TRIGGER: &str = "trigger";

/// Returns the schemes by name.
pub(super) fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of Maskinporten, or one that Altinn issued in exchange, with one of the required \
             scopes. In development: `cargo xtask token`.",
        ))
        .build();
    let platform = ApiKeyValue::with_description(
        "PlatformAccessToken",
        "The token of an organisation's application on the platform. Beside a bearer token, this \
         one decides. In development: `cargo xtask token --platform`.",
    );
    let trigger = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The trigger key. During a rotation, the previous key is accepted too.",
        ))
        .build();
    [
        (TRIGGER, SecurityScheme::Http(trigger)),
        (BEARER, SecurityScheme::Http(bearer)),
        (PLATFORM, SecurityScheme::ApiKey(ApiKey::Header(platform))),
    ]
}
