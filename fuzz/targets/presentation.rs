//! An SD-JWT with key binding as a verifier takes it: only what the holder's key bound to this request is taken.
#![no_main]
use citizen_wallet_fuzz::world::{VCT, entropy};
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use libfuzzer_sys::fuzz_target;
use primitives::ClaimPath;
use sd_jwt_vc::*;
use serde_json::json;
use std::sync::OnceLock;

const AUDIENCE: &str = "x509_hash:abc";
const NONCE: &str = "n-0S6_WzA2Mj";

fn genuine() -> &'static String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let claims = json!({ "name": "Kim", "birth": "1988-06-14" }).as_object().unwrap().clone();
        let issuance = Issuance::new(VCT, claims)
            .all_disclosable()
            .issued_at(now())
            .holder_key(&world().holder.public_key());
        let text = issuance.sign(&world().issuer.key, &world().issuer.chain, &entropy()).unwrap();
        let credential = UnverifiedSdJwtVc::parse(&text)
            .unwrap()
            .verify(&world().issuers, now(), &VcPolicy::default())
            .unwrap();
        let selection = credential.select(&[ClaimPath::top_level("name")]).unwrap();
        let binding = KeyBinding {
            audience: AUDIENCE,
            nonce: NONCE,
            issued_at: now(),
            transaction_data: TransactionData::default(),
        };
        selection.with_key_binding(&binding, &world().holder).unwrap()
    })
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_texts(&["sd-jwt", "openid4vp/sd-jwt-presentation.json"], |text| text.contains('~') && !text.ends_with('~'));
        seeds.push(genuine().clone().into_bytes());
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let expected = ExpectedKeyBinding {
            audience: AUDIENCE,
            nonce: NONCE,
            max_age_seconds: 300,
            transaction_data: TransactionData::default(),
            required: true,
        };
        let Ok(taken) = verify_presentation(text, &expected, &world().issuers, now(), &VcPolicy::default()) else { return };
        // Everything but the two signatures is signed.
        let bound = |text: &str| text.rsplit_once('.').map(|(signed, _)| signed.to_owned());
        assert_eq!(bound(text), bound(genuine()));
        assert_eq!(taken.claims().get("name"), Some(&json!("Kim")));
        assert!(taken.claims().get("birth").is_none() && taken.key_binding().is_some());
    }
);
