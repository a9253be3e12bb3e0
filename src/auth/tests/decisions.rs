//! Decisions on requests, and what the log says about refusals.

use http::{HeaderMap, HeaderValue};
use serde_json::json;
use test_issuer::{Claims, SigningKey};

use super::{
    fake_key_host::FakeKeyHost,
    support::{Instance, key, set_of},
};
use crate::{
    auth::{
        AuthError,
        AuthErrorKind::{
            self, InsufficientScope, Invalid, IssuerUnavailable, Missing, NoOrganization,
        },
        Credentials, Grant, authorize,
    },
    order::Creator,
};

const BEARER: &str = "https://bearer.test";
const BROKEN: &str = "https://broken.test";
const PLATFORM: &str = "ttd";
const UNKNOWN: &str = "https://secret.test";

struct Keys {
    bearer: SigningKey,
    platform: SigningKey,
}

fn instance(keys: &Keys) -> Instance {
    Instance::new(
        &json!([
            { "issuer": BEARER, "jwks": set_of([&keys.bearer]) },
            { "issuer": BROKEN, "jwks": { "keys": [] } },
        ]),
        &json!([{ "issuer": PLATFORM, "jwks": set_of([&keys.platform]) }]),
    )
}

fn decide(
    instance: &Instance,
    bearer: Option<String>,
    platform: Option<String>,
) -> Result<Grant, AuthError> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: String| {
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
    };
    if let Some(token) = bearer {
        add("authorization", format!("Bearer {token}"));
    }
    if let Some(token) = platform {
        add("platformaccesstoken", token);
    }
    let host = FakeKeyHost::default();
    host.run(authorize(
        &Credentials::of(&headers),
        &instance.bearer,
        &instance.platform,
        &["a".to_owned()],
        &host,
    ))
}

#[test]
fn refusal_has_a_kind_and_names_issuer_and_reasons_for_the_log() {
    let keys = Keys {
        bearer: key(),
        platform: key(),
    };
    let instance = instance(&keys);
    let bearer = |claims: Claims| Some(keys.bearer.token(&claims).unwrap());
    let platform = |claims: Claims| Some(keys.platform.token(&claims).unwrap());
    let good = || Claims::of(BEARER).scope("a").org("skd");
    let expired = |issuer| Claims::of(issuer).expires_in(-60);
    let table: [(_, _, AuthErrorKind, &str, &str); _] = [
        (None, None, Missing, "", "no credential"),
        (
            bearer(expired(BEARER)),
            None,
            Invalid,
            BEARER,
            "bearer token: expired",
        ),
        (
            bearer(good().with("iss", UNKNOWN)),
            None,
            Invalid,
            "",
            "bearer token: unknown issuer",
        ),
        (
            None,
            platform(expired(PLATFORM)),
            Invalid,
            PLATFORM,
            "platform access token: expired",
        ),
        (
            Some("garbage".to_owned()),
            platform(expired(PLATFORM)),
            Invalid,
            PLATFORM,
            "bearer token: malformed; platform access token: expired",
        ),
        (
            bearer(Claims::of(BEARER).scope("b")),
            platform(Claims::of(UNKNOWN)),
            InsufficientScope,
            BEARER,
            "bearer token: missing scope; platform access token: unknown issuer",
        ),
        (
            bearer(Claims::of(BROKEN)),
            None,
            IssuerUnavailable,
            BROKEN,
            "bearer token: issuer misconfigured",
        ),
        (
            bearer(Claims::of(BEARER).scope("a")),
            None,
            NoOrganization,
            BEARER,
            "bearer token: no organisation",
        ),
    ];
    for (bearer, platform, kind, issuer, text) in table {
        let decision = decide(&instance, bearer, platform);
        let error = decision.and_then(Grant::creator).unwrap_err();
        assert_eq!(error.kind, kind, "{text}");
        assert_eq!(error.issuer(), issuer, "{text}");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn creator_is_that_of_the_platform_token_or_of_the_bearer_token() {
    let keys = Keys {
        bearer: key(),
        platform: key(),
    };
    let instance = instance(&keys);
    let bearer = || Claims::of(BEARER).scope("a").org("skd");
    let platform = || Claims::of(PLATFORM);
    for (bearer, platform, creator) in [
        (Some(bearer()), None, "skd"),
        (Some(bearer()), Some(platform()), PLATFORM),
        (Some(bearer()), Some(platform().expires_in(-60)), "skd"),
        (Some(bearer().expires_in(-60)), Some(platform()), PLATFORM),
        (None, Some(platform()), PLATFORM),
    ] {
        let bearer = bearer.map(|claims| keys.bearer.token(&claims).unwrap());
        let platform = platform.map(|claims| keys.platform.token(&claims).unwrap());
        let decision = decide(&instance, bearer, platform);
        let decided = decision.and_then(Grant::creator);
        assert_eq!(decided.ok(), Creator::new(creator));
    }
}
