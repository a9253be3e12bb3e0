//! Tokens verify with the keys that the issuer publishes; forgeries do not.

use crate::{Algorithm, Header, Issuer, SigningKey, forge};
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike as _, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike as _,
    NoCustomClaims, RS256PublicKey, RSAPublicKeyLike as _, VerificationOptions,
};

fn verifies(key: &SigningKey, token: &str) -> bool {
    let jwk = key.public_jwk().to_string();
    let options = Some(VerificationOptions {
        required_key_id: Some(key.id().to_owned()),
        ..VerificationOptions::default()
    });
    match key.algorithm() {
        Algorithm::Rs256 => RS256PublicKey::from_jwk(&jwk)
            .unwrap()
            .verify_token::<NoCustomClaims>(token, options),
        Algorithm::Es256 => ES256PublicKey::from_jwk(&jwk)
            .unwrap()
            .verify_token::<NoCustomClaims>(token, options),
        Algorithm::EdDsa => Ed25519PublicKey::from_jwk(&jwk)
            .unwrap()
            .verify_token::<NoCustomClaims>(token, options),
    }
    .is_ok()
}

#[test]
fn tokens_verify_and_forgeries_do_not() {
    let [issuer, attacker] = ["https://issuer.test", "https://attacker.test"]
        .map(|name| Issuer::generate(name).unwrap());
    let claims = issuer.claims().org("ttd");
    for algorithm in Algorithm::ALL {
        let (key, other) = (issuer.key(algorithm), attacker.key(algorithm));
        assert!(verifies(key, &key.token(&claims).unwrap()), "{algorithm}");

        let expired = claims.clone().expires_in(-3600);
        let without_kid = Header::of(key).without("kid");
        let forgeries = [
            forge::unsigned(&claims),
            forge::bad_signature(key, &claims).unwrap(),
            forge::swapped_claims(key, &expired, &claims).unwrap(),
            forge::wrong_key(key, other, &claims).unwrap(),
            forge::hmac_with_public_key(key, &claims).unwrap(),
            forge::embedded_key(other, &claims).unwrap(),
            forge::key_by_url(other, "https://attacker.test/jwks", &claims).unwrap(),
            key.token(&expired).unwrap(),
            key.token_with(&without_kid, &claims).unwrap(),
        ];
        for (place, token) in forgeries.iter().enumerate() {
            assert_eq!(token.split('.').count(), 3);
            assert!(!verifies(key, token), "{algorithm}, forgery {place}");
        }
    }
}

#[test]
fn public_key_is_the_same_as_jwk_and_as_pem() {
    let issuer = Issuer::generate("ttd").unwrap();
    let pem = |algorithm| issuer.key(algorithm).public_pem().unwrap();
    let jwk = |algorithm| issuer.key(algorithm).public_jwk().to_string();

    let from_pem = RS256PublicKey::from_pem(&pem(Algorithm::Rs256)).unwrap();
    let from_jwk = RS256PublicKey::from_jwk(&jwk(Algorithm::Rs256)).unwrap();
    assert_eq!(from_pem.jwk_thumbprint(), from_jwk.jwk_thumbprint());

    let from_pem = ES256PublicKey::from_pem(&pem(Algorithm::Es256)).unwrap();
    let from_jwk = ES256PublicKey::from_jwk(&jwk(Algorithm::Es256)).unwrap();
    assert_eq!(from_pem.jwk_thumbprint(), from_jwk.jwk_thumbprint());

    let from_pem = Ed25519PublicKey::from_pem(&pem(Algorithm::EdDsa)).unwrap();
    let from_jwk = Ed25519PublicKey::from_jwk(&jwk(Algorithm::EdDsa)).unwrap();
    assert_eq!(from_pem.jwk_thumbprint(), from_jwk.jwk_thumbprint());
}
