//! An `IssuerSigned`: kept byte for byte; what verifies is what the issuer signed; so is every part of it.
#![no_main]
use citizen_wallet_fuzz::world::{DOC_TYPE, NAME_SPACE, entropy};
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use libfuzzer_sys::fuzz_target;
use mdoc::{ElementValue, Issuance, IssuerSigned, MobileSecurityObject, Validity};
use serde_json::json;
use std::sync::OnceLock;

fn genuine() -> &'static IssuerSigned {
    static DOCUMENT: OnceLock<IssuerSigned> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let validity =
            Validity { signed: now(), valid_from: now(), valid_until: now() + 86_400, expected_update: None };
        let mut issuance = Issuance::new(DOC_TYPE, validity);
        for (name, value) in [("name", json!("Kim")), ("birth", json!("1988-06-14")), ("age", json!(38))] {
            issuance = issuance.element(NAME_SPACE, name, ElementValue::from_json(&value).unwrap());
        }
        issuance
            .sign(&world().holder.public_key(), &world().issuer.key, &world().issuer.chain, &entropy())
            .unwrap()
    })
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_bytes(&["mdoc"], |bytes| bytes.len() > 100 && matches!(bytes.first(), Some(0xa1..=0xa9 | 0xd8)));
        let document = genuine();
        seeds.push(document.to_bytes());
        seeds.push(IssuerSigned::parse(&document.to_bytes()).unwrap().select([]).map(|_| document.to_bytes()).unwrap());
        seeds
    }),
    |data: &[u8]| {
        let _ = MobileSecurityObject::parse(data);
        let Ok(document) = IssuerSigned::parse(data) else { return };
        let bytes = document.to_bytes();
        let again = IssuerSigned::parse(&bytes).unwrap();
        assert!(again.to_bytes() == bytes && again.unverified_claims() == document.unverified_claims());
        assert!(IssuerSigned::parse_base64url(&document.to_base64url()).is_ok());
        let claims = document.unverified_claims();
        let chosen: Vec<(&str, &str)> = claims.iter().map(|(name_space, element, _)| (name_space, element)).take(1).collect();
        let disclosure = document.select(chosen.iter().copied()).unwrap();
        assert_eq!(disclosure.claims().iter().count(), chosen.len());
        let Ok(verified) = document.clone().verify(DOC_TYPE, &world().issuers, now()) else { return };
        let whole = genuine().unverified_claims();
        for (name_space, element, value) in verified.claims().iter() {
            assert_eq!(whole.value(name_space, element), Some(value));
        }
        assert_eq!(*verified.device_key(), world().holder.public_key());
    }
);
