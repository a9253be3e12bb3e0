//! Issuers whose keys are configured.

use serde_json::{Value, json};
use test_issuer::{Claims, Header, SigningKey};

use super::world::{Instance, World, key, set_of, token, verify};
use crate::auth::{IssuerUnavailable, IssuersError, Seal, read_issuers};

const GOOD: &str = "https://good.test";
const OTHER: &str = "https://other.test";

fn issuer(name: &str, key: &SigningKey) -> Value {
    json!({ "issuer": name, "jwks": set_of([key]) })
}

/// An issuer with these members besides, or in place of its own.
fn issuer_with(name: &str, key: &SigningKey, members: Value) -> Value {
    let (mut issuer, Value::Object(members)) = (issuer(name, key), members) else {
        panic!("members are an object's");
    };
    issuer.as_object_mut().unwrap().extend(members);
    issuer
}

#[test]
fn an_entry_that_cannot_be_used_concerns_its_issuer_alone() {
    let [good, other] = [key(), key()];
    for (members, reason) in [
        (
            json!({ "algorithms": ["none"] }),
            "none is not a signature algorithm",
        ),
        (
            json!({ "algorithms": ["EdDSA", "HS256"] }),
            "HS256 is not a",
        ),
        (json!({ "algorithms": [] }), "algorithms is empty"),
        (json!({ "algorithms": ["ES256"] }), "no usable key"),
        (json!({ "algorithms": "EdDSA" }), "invalid type"),
        (json!({ "audiences": [] }), "audiences is empty"),
        (json!({ "audience": ["x"] }), "unknown field `audience`"),
        (json!({ "jwks": { "keys": [] } }), "no usable key"),
        (json!({ "jwks": { "keys": [null, {}] } }), "no usable key"),
        (json!({ "jwks": null }), "must be given by one of"),
        (json!({ "pem": "x" }), "must be given by one of"),
        (json!({ "jwks": null, "pem": "x" }), "no usable key"),
        (
            json!({ "jwks": null, "jwks_uri": "http://a.test" }),
            "must be an https URL",
        ),
        (json!({ "jwks": {} }), "missing field `keys`"),
    ] {
        let broken = issuer_with(OTHER, &other, members.clone());
        let instance = Instance::of(&json!([issuer(GOOD, &good), broken]), &json!([]));
        let world = World::default();
        let verdict = |token: &str| verify(&instance.bearer, token, &world);
        assert_eq!(verdict(&token(GOOD, &good)), Ok(true), "{members}");
        assert_eq!(
            verdict(&token(OTHER, &other)),
            Err(IssuerUnavailable),
            "{members}"
        );
        let unusable: Vec<_> = instance.bearer.unusable().collect();
        let [(OTHER, error)] = unusable[..] else {
            panic!("{members}: {unusable:?}");
        };
        assert!(error.to_string().contains(reason), "{members}: {error}");
    }
}

#[test]
fn a_list_that_does_not_parse_as_a_whole_has_no_issuers() {
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
fn entries_with_something_in_common_are_all_out_of_use() {
    let [one, two, three] = [key(), key(), key()];
    let none = json!([]);
    let both = json!([issuer(GOOD, &one), issuer(GOOD, &two)]);
    let same_key = json!([issuer(GOOD, &one), issuer(OTHER, &one)]);
    let by_url = |name: &str| json!({ "issuer": name, "jwks_uri": "https://keys.test/" });
    let out = Err(IssuerUnavailable);
    for (case, bearer, platform, expected) in [
        ("one name", &both, &none, [out, Ok(false), Ok(false)]),
        ("one key", &same_key, &none, [out, out, Ok(false)]),
        (
            "a name of both kinds",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(GOOD, &two)]),
            [out, Ok(false), out],
        ),
        (
            "a key of both kinds",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(OTHER, &one)]),
            [out, Ok(false), Ok(false)],
        ),
        (
            "a key of an entry that is broken",
            &json!([
                issuer(GOOD, &one),
                issuer_with(OTHER, &one, json!({ "algorithms": [] }))
            ]),
            &none,
            [out, out, Ok(false)],
        ),
        (
            "a key among others",
            &json!([
                issuer(GOOD, &one),
                { "issuer": OTHER, "jwks": set_of([&two, &one]) }
            ]),
            &none,
            [out, out, Ok(false)],
        ),
        (
            "a URL",
            &json!([by_url(GOOD), by_url(OTHER)]),
            &none,
            [out, out, Ok(false)],
        ),
        (
            "nothing",
            &json!([issuer(GOOD, &one)]),
            &json!([issuer(OTHER, &two)]),
            [Ok(true), Ok(false), Ok(false)],
        ),
    ] {
        let instance = Instance::of(bearer, platform);
        let world = World::default();
        let got = [
            verify(&instance.bearer, &token(GOOD, &one), &world),
            verify(&instance.bearer, &token(OTHER, &one), &world),
            verify(&instance.platform, &token(GOOD, &three), &world),
        ];
        assert_eq!(got, expected, "{case}");
    }
}

#[test]
fn a_token_without_a_kid_is_tried_with_four_keys() {
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
        let instance = Instance::of(&list, &json!([]));
        for (place, key) in keys.iter().enumerate() {
            let header = if names_key {
                Header::of(key)
            } else {
                Header::of(key).without("kid")
            };
            let token = key.token_with(&header, &Claims::of(GOOD)).unwrap();
            let verdict = verify(&instance.bearer, &token, &World::default());
            assert_eq!(verdict, Ok(place < tried), "key {place} of {set}");
        }
    }
}

#[test]
fn clocks_may_differ_by_ten_seconds() {
    let key = key();
    let instance = Instance::of(&json!([issuer(GOOD, &key)]), &json!([]));
    let claims = || Claims::of(GOOD);
    for (case, claims, verifies) in [
        ("expired a little", claims().expires_in(-5), true),
        ("expired", claims().expires_in(-15), false),
        ("valid soon", claims().not_before_in(8), true),
        ("valid later", claims().not_before_in(20), false),
        ("issued soon", claims().issued_in(8), true),
        ("issued later", claims().issued_in(20), false),
        ("never issued", claims().without("iat"), true),
    ] {
        let token = key.token(&claims).unwrap();
        let verdict = verify(&instance.bearer, &token, &World::default());
        assert_eq!(verdict, Ok(verifies), "{case}");
    }
}
