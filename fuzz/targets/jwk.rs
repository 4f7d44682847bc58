//! JWK and JWK sets: a public key on the curve, written and read again, and nothing private.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::{Jwks, PublicJwk, Signer as _};
use libfuzzer_sys::fuzz_target;
use primitives::json;

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vci/issuer-jwks.json", "jose/cookbook", "jose/thumbprints.json"]);
        let key = world().holder.public_key().to_jwk().with_kid("1").with_alg("ECDH-ES").with_use("enc");
        seeds.push(key.to_value().to_string().into_bytes());
        seeds.push(serde_json::json!({ "keys": [key.to_value(), key.to_value()] }).to_string().into_bytes());
        seeds
    }),
    |data: &[u8]| {
        let Ok(value) = json::parse_strict(data, 16 * 1024) else { return };
        if let Ok(jwk) = PublicJwk::from_value(&value) {
            assert!(value.get("d").is_none());
            let back = PublicJwk::from_value(&jwk.to_value()).unwrap();
            assert!(back == jwk && back.thumbprint() == jwk.thumbprint());
            // A key that names its algorithm is for one of both, or for neither.
            assert!(jwk.alg().is_none() || jwk.verification_key().is_err() || jwk.encryption_key().is_err());
        }
        if let Ok(set) = Jwks::from_value(&value) {
            for key in set.keys() {
                let _ = key.kid().and_then(|kid| set.by_kid(kid));
            }
        }
    }
);
