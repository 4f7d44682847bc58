//! One certificate: DER kept, PEM back and forth.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use trust::Certificate;

fuzz_target!(
    init: plant(|| {
        let world = world();
        let mut seeds = vector_bytes(&["mdoc", "status-list", "openid4vci"], |bytes| bytes.starts_with(&[0x30, 0x82]));
        seeds.extend([&world.issuer, &world.verifier].into_iter().flat_map(|party| [party.root.der().to_vec(), party.chain.leaf().der().to_vec()]));
        seeds
    }),
    |data: &[u8]| {
        if let Some(pem) = text(data) {
            let _ = Certificate::from_pem(pem);
        }
        let Ok(certificate) = Certificate::from_der(data) else { return };
        assert_eq!(certificate.der(), data);
        assert!(Certificate::from_pem(&certificate.to_pem().unwrap()).unwrap() == certificate);
        let _ = (certificate.public_key(), certificate.is_self_issued(), certificate.is_valid_at(now()));
        let _ = (certificate.authority_key_id(), certificate.subject_key_id(), certificate.names_dns("verifier.example"));
        if let Some(name) = certificate.display_name() {
            assert!(!name.is_empty() && !name.chars().any(char::is_control));
        }
    }
);
