//! The credentials, as security schemes.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The name of the scheme of bearer tokens.
pub(super) const BEARER: &str = "bearer";
/// The name of the scheme of platform access tokens.
pub(super) const PLATFORM: &str = "platform";

/// The name of the scheme of the trigger key.
pub(super) const TRIGGER: &str = "trigger";

/// The schemes, by name.
pub(super) fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of Maskinporten, or one that Altinn exchanged for it, with a scope that this \
             API accepts. In development: `cargo xtask token`.",
        ))
        .build();
    let platform = ApiKeyValue::with_description(
        "PlatformAccessToken",
        "The token of an organisation's application on the platform; it decides also beside a \
         bearer token. In development: `cargo xtask token --platform`.",
    );
    let trigger = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The configured trigger key, or the previous one while the key is rotated.",
        ))
        .build();
    [
        (TRIGGER, SecurityScheme::Http(trigger)),
        (BEARER, SecurityScheme::Http(bearer)),
        (PLATFORM, SecurityScheme::ApiKey(ApiKey::Header(platform))),
    ]
}
