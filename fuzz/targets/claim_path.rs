//! Claim paths and what they select; dates and instants; base64url.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use primitives::{CivilDate, ClaimPath, Instant};

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vp/claims-path.json"]);
        seeds.extend([&br#"["a",null,0]"#[..], b"[]", b"\"2026-05-01\"", b"1800000000", b"[\"degrees\",null,\"type\"]"].map(<[u8]>::to_vec));
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        if let Ok(bytes) = primitives::base64url::decode(text) {
            // One text for one value: no two texts decode alike.
            assert_eq!(primitives::base64url::encode(&bytes), text);
        }
        if let Ok(bytes) = primitives::base64url::decode_standard(text) {
            assert_eq!(primitives::base64url::encode_standard(&bytes), text);
        }
        if let Ok(date) = CivilDate::parse(text) {
            assert_eq!(CivilDate::parse(&date.to_string()).unwrap(), date);
        }
        if let Ok(instant) = Instant::parse_rfc3339(text) {
            assert_eq!(Instant::parse_rfc3339(&instant.to_rfc3339()).unwrap(), instant);
        }
        let _ = serde_json::from_slice::<Instant>(data);
        let document = serde_json::json!({
            "a": [1, { "b": [null, true, { "c": "d" }] }, "x"], "degrees": [{ "type": "t" }, { "type": "u" }], "": { "0": [] },
        });
        if let Ok(path) = serde_json::from_slice::<ClaimPath>(data) {
            let written = serde_json::to_vec(&path).unwrap();
            assert_eq!(serde_json::from_slice::<ClaimPath>(&written).unwrap(), path);
            let _ = path.select(&document);
            assert!(path.starts_with(&path));
        }
    }
);
