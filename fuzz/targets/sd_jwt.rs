//! An SD-JWT as text, with or without key binding: what verifies is what the issuer signed, and its text is kept.
#![no_main]
use citizen_wallet_fuzz::world::{VCT, entropy};
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use libfuzzer_sys::fuzz_target;
use primitives::ClaimPath;
use sd_jwt_vc::{Issuance, UnverifiedSdJwt, UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn claims() -> serde_json::Map<String, Value> {
    let claims = json!({ "name": "Kim", "birth": "1988-06-14", "address": { "city": "Garam", "street": "1" }, "list": [1, 2] });
    claims.as_object().unwrap().clone()
}

fn genuine() -> &'static (String, VerifiedSdJwtVc) {
    static TOKEN: OnceLock<(String, VerifiedSdJwtVc)> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let issuance = Issuance::new(VCT, claims())
            .disclosable(ClaimPath::top_level("name"))
            .disclosable(ClaimPath::of_names(["address", "city"]).unwrap())
            .disclosable(ClaimPath::top_level("address"))
            .disclosable(serde_json::from_str(r#"["list",1]"#).unwrap())
            .issued_at(now())
            .expires(now() + 86_400)
            .holder_key(&world().holder.public_key());
        let text = issuance.sign(&world().issuer.key, &world().issuer.chain, &entropy()).unwrap();
        let parsed = UnverifiedSdJwtVc::parse(&text).unwrap();
        let verified = parsed.verify(&world().issuers, now(), &VcPolicy::default()).unwrap();
        (text, verified)
    })
}

/// Whether every claim of `part` stands in `whole` too, with the same value.
fn within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|other| within(value, other)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.iter().all(|one| whole.iter().any(|other| within(one, other)))
        }
        _ => part == whole,
    }
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_texts(&["sd-jwt"], |text| text.contains('~'));
        seeds.push(genuine().0.clone().into_bytes());
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let _ = UnverifiedSdJwt::parse(text);
        let Ok(parsed) = UnverifiedSdJwtVc::parse(text) else { return };
        // The signature is worth its price only where the signed part is the genuine one, or nearly.
        let (known, whole) = genuine();
        let Ok(verified) = parsed.verify(&world().issuers, now(), &VcPolicy::default()) else { return };
        assert_eq!(verified.text(), text);
        assert_eq!(text.split('~').next(), known.split('~').next());
        assert!(within(verified.claims(), whole.claims()));
        assert!(verified.claims().get("_sd").is_none() && verified.claims().get("_sd_alg").is_none());
    }
);
