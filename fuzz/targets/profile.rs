//! A profile file.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use wallet::profile::{MAX_PROFILE_BYTES, Profile};

fuzz_target!(
    init: plant(|| {
        let pem = |party: &citizen_wallet_fuzz::world::Party| party.root.to_pem().unwrap();
        let world = world();
        let profile = serde_json::json!({
            "version": 1, "name": { "ko": "시험", "en": "Test" }, "marking": "developer",
            "anchors": {
                "issuers": [{ "certificate": pem(&world.issuer), "types": ["vct:urn:fuzz:Card:1", "doctype:x", "*"] }],
                "verifiers": [pem(&world.verifier)], "registrars": [pem(&world.registrar)],
            },
            "trustList": { "uri": "https://lists.example/list", "signers": [pem(&world.lists)] },
            "tlsRoots": [pem(&world.lists)], "systemTlsRoots": true,
            "loopback": { "ports": [8080], "plainHttp": true },
            "unauthenticatedVerifiers": "warn", "statusMaxAge": 86400,
        });
        vec![profile.to_string().into_bytes()]
    }),
    |data: &[u8]| {
        if let Ok(profile) = Profile::parse(data) {
            assert!(data.len() <= MAX_PROFILE_BYTES);
            assert_eq!(profile.hash(), crypto::sha256(data));
            let _ = (profile.allows_loopback(80), profile.trust_list.as_ref().map(|list| list.uri.as_str().len()));
        }
    }
);
