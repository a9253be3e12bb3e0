//! Issuers whose keys are configured.

use serde_json::{Value, json};
use test_issuer::{Claims, Header, SigningKey, forge};

use super::{
    fake_key_host::FakeKeyHost,
    support::{Instance, key, set_of, token, verify, verify_or_reject},
};
use crate::auth::{
    IssuersError, Rejection,
    RejectionReason::{
        self, BadSignature, Expired, IssuerMisconfigured, NoExpiry, NotYetValid, UnknownIssuer,
        UnknownKey, WrongAudience,
    },
    Seal, read_issuers,
};

const GOOD: &str = "https://good.test";
const OTHER: &str = "https://other.test";

fn issuer(name: &str, key: &SigningKey) -> Value {
    json!({ "issuer": name, "jwks": set_of([key]) })
}

/// Returns an issuer whose members are extended or replaced by these.
fn issuer_with(name: &str, key: &SigningKey, members: Value) -> Value {
    let (mut issuer, Value::Object(members)) = (issuer(name, key), members) else {
        panic!("not an object");
    };
    issuer.as_object_mut().unwrap().extend(members);
    issuer
}

#[test]
fn unusable_entry_rejects_tokens_of_its_issuer_alone() {
    let [good, other] = [key(), key()];
    for (members, error_text) in [
        (
            json!({ "algorithms": ["none"] }),
            "algorithms[0] is not a supported",
        ),
        (
            json!({ "algorithms": ["EdDSA", "HS256"] }),
            "algorithms[1] is not a supported",
        ),
        (json!({ "algorithms": [] }), "algorithms is empty"),
        (json!({ "algorithms": ["ES256"] }), "no usable key"),
        (
            json!({ "algorithms": "EdDSA" }),
            "a value of the wrong type",
        ),
        (json!({ "audiences": [] }), "audiences is empty"),
        (json!({ "audience": ["x"] }), "unknown field `audience`"),
        (json!({ "jwks": { "keys": [] } }), "no usable key"),
        (json!({ "jwks": { "keys": [null, {}] } }), "no usable key"),
        (json!({ "jwks": null }), "must have exactly one of"),
        (json!({ "pem": "x" }), "must have exactly one of"),
        (json!({ "jwks": null, "pem": "x" }), "no usable key"),
        (
            json!({ "jwks": null, "jwks_uri": "http://a.test" }),
            "must be an https URL",
        ),
        (json!({ "jwks": {} }), "missing field `keys`"),
    ] {
        let broken = issuer_with(OTHER, &other, members.clone());
        let instance = Instance::new(&json!([issuer(GOOD, &good), broken]), &json!([]));
        let host = FakeKeyHost::default();
        let verify = |token: &str| verify(&instance.bearer, token, &host);
        assert_eq!(verify(&token(GOOD, &good)), Ok(()), "{members}");
        assert_eq!(
            verify(&token(OTHER, &other)),
            Err(IssuerMisconfigured),
            "{members}"
        );
        let unusable: Vec<_> = instance.bearer.unusable().collect();
        let [(OTHER, error)] = unusable[..] else {
            panic!("{members}: {unusable:?}");
        };
        assert!(error.to_string().contains(error_text), "{members}: {error}");
    }
}

#[test]
fn invalid_list_is_unusable_as_a_whole() {
    let good = issuer(GOOD, &key());
    let keys = set_of([&key()]);
    for list in [
        json!({}),
        json!(null),
        json!([good, 1]),
        json!([good, {}]),
        json!([good, { "jwks": keys }]),
        json!([good, { "issuer": 1, "jwks": keys }]),
        json!([good, { "issuer": " ", "jwks": keys }]),
    ] {
        let (bearer, platform) = read_issuers(&list.to_string(), "[]", Seal::default());
        assert!(bearer.is_err(), "{list}");
        assert!(platform.is_ok());
    }
    let (bearer, _) = read_issuers("", "[]", Seal::default());
    assert!(matches!(bearer, Err(IssuersError::Json(_))));
}

#[test]
fn entries_with_a_common_value_are_all_unusable() {
    const OUT: Result<(), RejectionReason> = Err(IssuerMisconfigured);
    const UNKNOWN: Result<(), RejectionReason> = Err(UnknownIssuer);
    let [one, two, three] = [key(), key(), key()];
    let none = json!([]);
    let same_name = json!([issuer(GOOD, &one), issuer(GOOD, &two)]);
    let same_key = json!([issuer(GOOD, &one), issuer(OTHER, &one)]);
    let by_url = |name: &str| json!({ "issuer": name, "jwks_uri": "https://keys.test/" });
    for (case, bearer, platform, expected) in [
        ("one name", &same_name, &none, [OUT, UNKNOWN, UNKNOWN]),
        ("one key", &same_key, &none, [OUT, OUT, UNKNOWN]),
        (
            "a name of both kinds",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(GOOD, &two)]),
            [OUT, UNKNOWN, OUT],
        ),
        (
            "a key of both kinds",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(OTHER, &one)]),
            [OUT, UNKNOWN, UNKNOWN],
        ),
        (
            "a key of an unusable entry",
            &json!([
                issuer(GOOD, &one),
                issuer_with(OTHER, &one, json!({ "algorithms": [] }))
            ]),
            &none,
            [OUT, OUT, UNKNOWN],
        ),
        (
            "a key among others",
            &json!([
                issuer(GOOD, &one),
                { "issuer": OTHER, "jwks": set_of([&two, &one]) }
            ]),
            &none,
            [OUT, OUT, UNKNOWN],
        ),
        (
            "a URL",
            &json!([by_url(GOOD), by_url(OTHER)]),
            &none,
            [OUT, OUT, UNKNOWN],
        ),
        (
            "nothing",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(OTHER, &two)]),
            [Ok(()), UNKNOWN, UNKNOWN],
        ),
    ] {
        let instance = Instance::new(bearer, platform);
        let host = FakeKeyHost::default();
        let results = [
            verify(&instance.bearer, &token(GOOD, &one), &host),
            verify(&instance.bearer, &token(OTHER, &one), &host),
            verify(&instance.platform, &token(GOOD, &three), &host),
        ];
        assert_eq!(results, expected, "{case}");
    }
}

#[test]
fn token_without_kid_is_tried_with_four_keys() {
    let keys: Vec<_> = (0..6).map(|_| key()).collect();
    let with_ids = set_of(&keys);
    let mut without_ids = with_ids.clone();
    for jwk in without_ids["keys"].as_array_mut().unwrap() {
        jwk.as_object_mut().unwrap().remove("kid");
    }
    for (set, names_key, tried) in [
        (&with_ids, true, 6),
        (&with_ids, false, 4),
        (&without_ids, true, 4),
        (&without_ids, false, 4),
    ] {
        let list = json!([{ "issuer": GOOD, "jwks": set }]);
        let instance = Instance::new(&list, &json!([]));
        for (index, key) in keys.iter().enumerate() {
            let header = if names_key {
                Header::of(key)
            } else {
                Header::of(key).without("kid")
            };
            let token = key.token_with(&header, &Claims::of(GOOD)).unwrap();
            let result = verify(&instance.bearer, &token, &FakeKeyHost::default());
            let expected = if index < tried {
                Ok(())
            } else {
                Err(BadSignature)
            };
            assert_eq!(result, expected, "key {index} of {set}");
        }
    }
}

#[test]
fn times_are_checked_with_ten_seconds_leeway() {
    let key = key();
    let instance = Instance::new(&json!([issuer(GOOD, &key)]), &json!([]));
    let claims = || Claims::of(GOOD);
    for (case, claims, expected) in [
        ("just expired", claims().expires_in(-5), Ok(())),
        ("expired", claims().expires_in(-15), Err(Expired)),
        ("valid soon", claims().not_before_in(8), Ok(())),
        ("valid later", claims().not_before_in(20), Err(NotYetValid)),
        ("issued soon", claims().issued_in(8), Ok(())),
        ("issued later", claims().issued_in(20), Err(NotYetValid)),
        ("without iat", claims().without("iat"), Ok(())),
        ("without exp", claims().without("exp"), Err(NoExpiry)),
    ] {
        let token = key.token(&claims).unwrap();
        let result = verify(&instance.bearer, &token, &FakeKeyHost::default());
        assert_eq!(result, expected, "{case}");
    }
}

#[test]
fn rejection_names_the_configured_issuer_and_the_reason() {
    let [configured, unknown] = [key(), key()];
    let list = json!([issuer_with(
        GOOD,
        &configured,
        json!({ "audiences": ["me"] })
    )]);
    let instance = Instance::new(&list, &json!([]));
    let claims = || Claims::of(GOOD).audience("me");
    for (token, issuer, reason) in [
        (
            forge::bad_signature(&configured, &claims()).unwrap(),
            Some(GOOD),
            BadSignature,
        ),
        (
            configured.token(&claims().audience("other")).unwrap(),
            Some(GOOD),
            WrongAudience,
        ),
        (
            configured.token(&claims().expires_in(-60)).unwrap(),
            Some(GOOD),
            Expired,
        ),
        (unknown.token(&claims()).unwrap(), Some(GOOD), UnknownKey),
        (
            configured.token(&Claims::of(OTHER)).unwrap(),
            None,
            UnknownIssuer,
        ),
        ("e30.e30.e30".to_owned(), None, RejectionReason::Malformed),
    ] {
        let result = verify_or_reject(&instance.bearer, &token, &FakeKeyHost::default());
        let issuer = issuer.map(Into::into);
        assert_eq!(result, Err(Rejection { issuer, reason }));
    }
}
