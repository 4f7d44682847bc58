//! A `DeviceResponse` as a verifier takes it.
#![no_main]
use citizen_wallet_fuzz::world::{DOC_TYPE, NAME_SPACE, entropy};
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use libfuzzer_sys::fuzz_target;
use mdoc::{DeviceResponse, ElementValue, Issuance, SessionTranscript, Validity};
use serde_json::json;

fn transcript() -> SessionTranscript {
    SessionTranscript::openid4vp_redirect("x509_hash:abc", "nonce", None, "https://verifier.example/response")
}

fn genuine() -> Vec<u8> {
    let validity =
        Validity { signed: now(), valid_from: now(), valid_until: now() + 86_400, expected_update: None };
    let mut issuance = Issuance::new(DOC_TYPE, validity);
    for (name, value) in [("name", json!("Kim")), ("birth", json!("1988-06-14"))] {
        issuance = issuance.element(NAME_SPACE, name, ElementValue::from_json(&value).unwrap());
    }
    let world = world();
    let document = issuance
        .sign(&world.holder.public_key(), &world.issuer.key, &world.issuer.chain, &entropy())
        .unwrap();
    document.select([(NAME_SPACE, "name")]).unwrap().respond(&transcript(), &world.holder).unwrap()
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_bytes(&["mdoc", "openid4vp"], |bytes| bytes.len() > 100 && matches!(bytes.first(), Some(0xa2 | 0xa3)));
        seeds.push(genuine());
        seeds
    }),
    |data: &[u8]| {
        let Ok(response) = DeviceResponse::parse(data) else { return };
        let Ok(verified) = response.verify(&transcript(), &world().issuers, now()) else { return };
        assert_eq!(verified.doc_type, DOC_TYPE);
        assert!(verified.device_claims.is_empty());
        for (name_space, element, value) in verified.claims.iter() {
            assert!((name_space, element, value) == (NAME_SPACE, "name", &json!("Kim")));
        }
    }
);
