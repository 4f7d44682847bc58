//! CBOR: bounded, whole, written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::cbor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: plant(|| vector_bytes(&["mdoc", "status-list", "openid4vp/handover.json"], |bytes| bytes.len() > 1)),
    |data: &[u8]| {
        let Ok(value) = cbor::parse(data, 16 * 1024) else { return };
        let written = cbor::encode(&value);
        let again = cbor::parse(&written, 64 * 1024).unwrap();
        // Compared as bytes, since NaN is unlike itself.
        assert_eq!(cbor::encode(&again), written);
        let _ = trust::status::StatusReference::from_cbor(&value);
        let _ = crypto::cose::key_from_value(&value).map(|key| {
            let back = crypto::cose::key_to_value(&key);
            assert_eq!(crypto::cose::key_from_value(&back).unwrap(), key);
        });
        let _ = trust::CertificateChain::from_x5chain(&value);
    }
);
