//! JWE: what decrypts is what was encrypted.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use crypto::jwe::{ContentEncryption, Jwe, PartyInfo, encrypt};
use libfuzzer_sys::fuzz_target;

const PLAIN: &[u8] = br#"{"vp_token":{}}"#;

fn genuine(enc: ContentEncryption) -> String {
    let info = PartyInfo { apu: Some(b"u".to_vec()), apv: Some(b"v".to_vec()) };
    let key = world().holder.public_key().to_jwk().with_kid("k");
    encrypt(&key, enc, &info, PLAIN, &citizen_wallet_fuzz::world::entropy()).unwrap()
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_texts(&["jose", "openid4vp/encrypted-response.json", "openid4vci/examples"], |text| text.split('.').count() == 5);
        seeds.extend([ContentEncryption::A128Gcm, ContentEncryption::A256Gcm].map(|enc| genuine(enc).into_bytes()));
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let Ok(jwe) = Jwe::parse(text) else { return };
        let _ = (jwe.kid(), jwe.party_info());
        if let Ok(plain) = jwe.decrypt(&world().holder.own) {
            assert_eq!(plain.expose(), PLAIN);
            // Every part is authenticated: nothing of the text can have changed.
            assert!(genuine(jwe.enc()) == text);
        }
    }
);
