//! What the parties sign is believed by whoever knows them, and nobody else; and the same sequence makes the same party.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crypto::{PrivateKey, Signer as _};
use mdoc::IssuerSigned;
use primitives::base64url;
use primitives::test_support::SequenceEntropy;
use sd_jwt_vc::UnverifiedSdJwtVc;
use serde_json::json;
use test_world::{DAY, Party, card, mdoc, now, verified_card};
use trust::CredentialType;
use trust::certificate::builder::Validity;

const VCT: &str = "urn:example:card";
const DOCTYPE: &str = "org.example.card";

fn issuer(seed: u64) -> Party {
    Party::named("Issuer")
        .host("issuer.example")
        .document_signer()
        .valid(Validity::days(now() - 400 * DAY, 2000))
        .make(&SequenceEntropy::new(seed))
}

#[test]
fn what_a_party_signs_is_believed_under_its_own_root_alone() {
    let (issuer, other, entropy) = (issuer(1), issuer(2), SequenceEntropy::new(3));
    let holder = PrivateKey::generate(&entropy).unwrap().public_key();
    let dates = || now() - 60..now() + DAY;
    let claims = || json!({ "name": "Hong", "age": 38 });
    let types = || [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];

    let text = card(VCT, claims(), dates()).holder_key(&holder);
    let text = text.sign(&issuer.key, &issuer.chain, &entropy).unwrap();
    assert_eq!(verified_card(&text, &issuer.entitled_to(types()), now()).claims()["age"], 38);
    let unknown = UnverifiedSdJwtVc::parse(&text).unwrap().verify(
        &other.entitled_to(types()),
        now(),
        &Default::default(),
    );
    assert!(unknown.is_err());

    let document = mdoc(DOCTYPE, DOCTYPE, claims(), dates());
    let bytes = document.sign(&holder, &issuer.key, &issuer.chain, &entropy).unwrap().to_bytes();
    let verify = |party: &Party| {
        IssuerSigned::parse(&bytes).unwrap().verify(DOCTYPE, &party.entitled_to(types()), now())
    };
    assert!(verify(&issuer).is_ok() && verify(&other).is_err());
}

// What such a party signed stands in the corpora of the fuzz targets.
#[test]
fn the_same_sequence_makes_the_same_party_in_every_version() {
    let made = issuer(7);
    assert_eq!(base64url::encode(&made.chain.leaf().hash()), "GjfIB_VVvUNULvHjMdT7g_AYaL9nK1CUtsiU_1jZ3g0");
    assert_eq!(base64url::encode(&made.root.hash()), "bzS2cBsU0kyPGRLpYZbsdN_BE9JbHxfOtZF8vl3Kzfc");
}
