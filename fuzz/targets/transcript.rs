//! A session transcript made elsewhere, and element values from JSON.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use mdoc::{ElementValue, SessionTranscript};

fuzz_target!(
    init: plant(|| vector_bytes(&["mdoc", "openid4vp/handover.json"], |bytes| bytes.first() == Some(&0x83))),
    |data: &[u8]| {
        if let Ok(transcript) = SessionTranscript::from_bytes(data) {
            assert_eq!(transcript.as_bytes(), data);
        }
        if let Ok(value) = primitives::json::parse_strict(data, 4096) {
            let _ = ElementValue::from_json(&value);
        }
    }
);
