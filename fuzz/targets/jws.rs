//! JWS, compact and JSON: what verifies is what was signed.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use crypto::jws::{HeaderBuilder, UnverifiedJws, parse_json_serialization};
use libfuzzer_sys::fuzz_target;

fn genuine() -> &'static str {
    static TOKEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TOKEN.get_or_init(|| {
        HeaderBuilder::new("fuzz+jwt")
            .kid("1")
            .sign(br#"{"sub":"x","iat":1800000000}"#, &world().holder)
            .unwrap()
    })
}

fn judge(jws: &UnverifiedJws) {
    let header = jws.header();
    let _ = (header.typ(), header.kid(), header.x5c().len(), header.jwk(), header.members().len());
    assert!(header.member("crit").is_none() && header.member("b64").is_none());
    let _ = jws.dangerous_claims();
    if let Ok(verified) = jws.verify(&world().holder.public_key(), "fuzz+jwt") {
        let known = UnverifiedJws::parse(genuine()).unwrap();
        assert_eq!(verified.payload(), known.dangerous_payload());
        assert_eq!(verified.header(), known.header());
    }
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_texts(&["openid4vci/jwts.json", "openid4vci/examples", "jose", "sd-jwt/disclosures.json"], |text| text.starts_with("eyJ"));
        seeds.push(genuine().as_bytes().to_vec());
        let parts: Vec<&str> = genuine().split('.').collect();
        let one = serde_json::json!({ "protected": parts[0], "signature": parts[2], "header": { "a": 1 } });
        seeds.push(serde_json::json!({ "payload": parts[1], "signatures": [one, one] }).to_string().into_bytes());
        seeds.push(serde_json::json!({ "payload": parts[1], "protected": parts[0], "signature": parts[2] }).to_string().into_bytes());
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        if let Ok(jws) = UnverifiedJws::parse(text) {
            judge(&jws);
        }
        if text.starts_with('{')
            && let Ok(value) = primitives::json::parse_strict(data, 64 * 1024)
            && let Ok(all) = parse_json_serialization(&value)
        {
            all.iter().flatten().for_each(judge);
        }
    }
);
