//! SD-JWT VC: who may say this, and about what (SV-1 to SV-12).

use crate::common::*;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use primitives::Refusal;
use sd_jwt_vc::{IssuerIdentifier, SdJwtError, UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc, VerifyError};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};
use trust::{CertificateChain, ChainFault, CredentialType};

fn verify(world: &World, text: &str, policy: &VcPolicy) -> Result<VerifiedSdJwtVc, VerifyError> {
    UnverifiedSdJwtVc::parse(text).unwrap_or_else(|error| panic!("{error}")).verify(
        &world.anchors,
        now(),
        policy,
    )
}

fn refused_with(world: &World, claims: Value, policy: &VcPolicy) -> VerifyError {
    verify(world, &world.signed(&claims, &[]), policy).err().expect("accepted")
}

fn refused(world: &World, claims: Value) -> VerifyError {
    refused_with(world, claims, &VcPolicy::default())
}

// rule: SV-1
#[test]
fn only_the_type_of_an_sd_jwt_vc_is_taken() {
    let world = World::new();
    let legacy = VcPolicy { accept_legacy_typ: true, ..VcPolicy::default() };
    let at = |typ: &str, policy: &VcPolicy| {
        verify(&world, &join(&world.jwt(typ, &payload(json!({}))), &[]), policy).err()
    };
    assert_eq!(at("dc+sd-jwt", &VcPolicy::default()), None);
    let other = Some(VerifyError::SdJwt(SdJwtError::Typ));
    for typ in ["vc+sd-jwt", "JWT", "kb+jwt", "sd-jwt", "example+sd-jwt", ""] {
        assert_eq!(at(typ, &VcPolicy::default()), other, "{typ}");
    }
    assert_eq!(at("vc+sd-jwt", &legacy), None);
    assert_eq!(at("kb+jwt", &legacy), other);
    let untyped = HeaderBuilder::without_type()
        .x5c(&world.chain.to_der())
        .sign_claims(payload(json!({})).as_object().unwrap(), &world.issuer_key)
        .unwrap();
    assert_eq!(verify(&world, &join(&untyped, &[]), &legacy).err(), other);
}

// rule: SV-2
#[test]
fn a_credential_has_a_type() {
    let world = World::new();
    for claims in [json!({}), json!({ "vct": "" }), json!({ "vct": 1 }), json!({ "vct": [VCT] })] {
        assert_eq!(refused(&world, claims), VerifyError::NoType);
    }
}

// rule: SV-3
#[test]
fn what_the_verdict_depends_on_is_not_disclosable() {
    let world = World::new();
    let holder = json!({ "jwk": world.holder_key.public_key().to_jwk().to_value() });
    let status = json!({ "status_list": { "idx": 1, "uri": "https://issuer.example/status" } });
    for (name, value) in [
        ("iss", json!("https://issuer.example")),
        ("nbf", json!(1)),
        ("exp", json!(now().unix_seconds() + 1000)),
        ("cnf", holder),
        ("vct#integrity", json!("sha256-abc")),
        ("status", status),
    ] {
        let d = disclosure(json!(["salt", name, value]));
        let text = world.signed(&payload(json!({ "_sd": [digest(&d)] })), &[d]);
        let error = verify(&world, &text, &VcPolicy::default()).err();
        assert_eq!(error, Some(VerifyError::DisclosableRegisteredClaim), "{name}");
    }
    let d = disclosure(json!(["salt", "vct", VCT]));
    let text = world.signed(&json!({ "_sd": [digest(&d)] }), &[d]);
    let error = verify(&world, &text, &VcPolicy::default()).err();
    assert_eq!(error, Some(VerifyError::DisclosableRegisteredClaim));
    // Nor is a part of it.
    let d = disclosure(json!(["salt", "jwk", world.holder_key.public_key().to_jwk().to_value()]));
    let text = world.signed(&payload(json!({ "cnf": { "_sd": [digest(&d)] } })), &[d]);
    let error = verify(&world, &text, &VcPolicy::default()).err();
    assert_eq!(error, Some(VerifyError::DisclosableRegisteredClaim));
    // `sub` and `iat` may be.
    let sub = disclosure(json!(["salt", "sub", "someone"]));
    let iat = disclosure(json!(["tlas", "iat", 1]));
    let text = world.signed(&payload(json!({ "_sd": [digest(&sub), digest(&iat)] })), &[sub, iat]);
    assert!(verify(&world, &text, &VcPolicy::default()).is_ok());
}

// rule: SV-5, HA-9
#[test]
fn without_certificates_there_is_no_issuer() {
    let world = World::new();
    let jwt = HeaderBuilder::new("dc+sd-jwt")
        .sign_claims(payload(json!({})).as_object().unwrap(), &world.issuer_key)
        .unwrap();
    assert_eq!(
        verify(&world, &join(&jwt, &[]), &VcPolicy::default()).err(),
        Some(VerifyError::NoCertificates)
    );
    let jwt = HeaderBuilder::new("dc+sd-jwt")
        .jwk(&world.issuer_key.public_key().to_jwk())
        .sign_claims(payload(json!({})).as_object().unwrap(), &world.issuer_key)
        .unwrap();
    assert_eq!(
        verify(&world, &join(&jwt, &[]), &VcPolicy::default()).err(),
        Some(VerifyError::NoCertificates)
    );
}

// rule: SV-5, SJ-4
#[test]
fn the_signature_is_by_the_key_of_the_first_certificate() {
    let world = World::new();
    let forged = HeaderBuilder::new("dc+sd-jwt")
        .x5c(&world.chain.to_der())
        .sign_claims(payload(json!({})).as_object().unwrap(), &world.holder_key)
        .unwrap();
    assert_eq!(
        verify(&world, &join(&forged, &[]), &VcPolicy::default()).err(),
        Some(VerifyError::SdJwt(SdJwtError::Signature))
    );
}

// rule: SV-6, HA-9
#[test]
fn the_chain_ends_at_an_anchor_that_is_not_in_it() {
    let world = World::new();
    let fault = |chain: &[Vec<u8>], key: &PrivateKey, at| {
        let jwt = HeaderBuilder::new("dc+sd-jwt")
            .x5c(chain)
            .sign_claims(payload(json!({})).as_object().unwrap(), key)
            .unwrap();
        match UnverifiedSdJwtVc::parse(&join(&jwt, &[])).unwrap().verify(
            &world.anchors,
            at,
            &VcPolicy::default(),
        ) {
            Err(VerifyError::Chain(error)) => error.fault,
            Err(other) => panic!("refused for another reason: {other}"),
            Ok(_) => panic!("accepted"),
        }
    };
    let with_anchor = [world.chain.to_der(), vec![world.anchor.der().to_vec()]].concat();
    assert_eq!(fault(&with_anchor, &world.issuer_key, now()), ChainFault::AnchorInChain);
    let own = CertificateBuilder::leaf(Subject::new("Self"), Validity::days(now(), 1))
        .self_signed(&world.issuer_key, &world.entropy)
        .unwrap();
    assert_eq!(fault(&[own.der().to_vec()], &world.issuer_key, now()), ChainFault::SelfSignedLeaf);
    let stranger = PrivateKey::generate(&world.entropy).unwrap();
    let root = CertificateBuilder::authority(Subject::new("Other"), Validity::days(now() - 10, 1))
        .self_signed(&stranger, &world.entropy)
        .unwrap();
    let leaf = CertificateBuilder::leaf(Subject::new("Leaf"), Validity::days(now() - 10, 1))
        .issued_by(&stranger.public_key(), &root, &stranger, &world.entropy)
        .unwrap();
    assert_eq!(fault(&[leaf.der().to_vec()], &stranger, now()), ChainFault::UnknownAnchor);
    let much_later = now() + 400 * 86_400;
    assert_eq!(fault(&world.chain.to_der(), &world.issuer_key, much_later), ChainFault::Expired);
}

// rule: SV-7
#[test]
fn an_issuer_issues_what_it_is_entitled_to() {
    let world = World::with_types([CredentialType::sd_jwt_vc("urn:example:library_card")]);
    assert_eq!(refused(&world, payload(json!({}))), VerifyError::NotEntitled);
    let doctype = World::with_types([CredentialType::mdoc(VCT)]);
    assert_eq!(refused(&doctype, payload(json!({}))), VerifyError::NotEntitled);
    let prefix = World::with_types([CredentialType::sd_jwt_vc(VCT.trim_end_matches('y'))]);
    assert_eq!(refused(&prefix, payload(json!({}))), VerifyError::NotEntitled);
}

/// The error of a credential that names this issuer.
fn fault_of_issuer(world: &World, iss: &Value, policy: &VcPolicy) -> Option<VerifyError> {
    verify(world, &world.signed(&payload(json!({ "iss": iss })), &[]), policy).err()
}

// rule: SV-8
#[test]
fn the_issuer_is_the_certificates_subject_whatever_iss_says() {
    let world = World::new();
    let haip = VcPolicy::default();
    for iss in ["https://issuer.example", "https://other.example/citizens", "did:example:1", "no address", ""]
    {
        let text = world.signed(&payload(json!({ "iss": iss })), &[]);
        let credential = verify(&world, &text, &haip).unwrap_or_else(|error| panic!("{iss}: {error}"));
        assert_eq!(credential.issuer().leaf().display_name(), Some("Issuer"), "{iss}");
    }
    for iss in [json!(1), json!(["https://issuer.example"]), json!(null)] {
        assert_eq!(fault_of_issuer(&world, &iss, &haip), Some(VerifyError::IssuerUnreadable));
    }
}

/// Two issuers under the same anchors: what keeps one from speaking as the other is what its anchor may issue, and that it is told by its
/// own certificate and anchor.
// rule: SV-7, SV-8
#[test]
fn naming_another_issuer_makes_nobody_that_issuer() {
    let mut world = World::new();
    let library = World::of(9, "Library", [CredentialType::sd_jwt_vc("urn:example:library_card")]);
    let twin = World::of(11, "Twin", [CredentialType::sd_jwt_vc(VCT)]);
    let claims = payload(json!({ "iss": "https://issuer.example/citizens" }));
    let haip = VcPolicy::default();
    // Nobody's: refused, whomever it names.
    let untrusted = verify(&world, &library.signed(&claims, &[]), &haip);
    assert!(matches!(untrusted, Err(VerifyError::Chain(_))));
    // An issuer, but not of this type.
    world.anchors.extend(library.anchors.clone());
    assert_eq!(verify(&world, &library.signed(&claims, &[]), &haip).err(), Some(VerifyError::NotEntitled));
    // An issuer of this type too: it stands under its own name and anchor.
    world.anchors.extend(twin.anchors.clone());
    let credential =
        verify(&world, &twin.signed(&claims, &[]), &haip).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(credential.issuer().leaf().display_name(), Some("Twin"));
    assert_eq!(*credential.issuer().anchor().certificate(), twin.anchor);
}

// rule: SV-8
#[test]
fn where_the_policy_asks_the_certificate_names_the_host_of_iss() {
    let world = World::new();
    let named = VcPolicy { issuer_identifier: IssuerIdentifier::NamedByCertificate, ..VcPolicy::default() };
    let at = |iss: Value| fault_of_issuer(&world, &iss, &named);
    for iss in ["https://issuer.example", "https://ISSUER.example:443/a?b", "HTTPS://issuer.example/x"] {
        assert_eq!(at(json!(iss)), None, "{iss}");
    }
    for iss in [
        "https://other.example",
        "https://issuer.example.other.example",
        "https://issuer.example@other.example/",
        "https://sub.issuer.example",
        "HTTPS://other.example",
        "https:other.example",
        " https://other.example",
        "https://127.0.0.1",
    ] {
        assert_eq!(at(json!(iss)), Some(VerifyError::IssuerMismatch), "{iss}");
    }
    assert_eq!(at(json!("https://")), Some(VerifyError::IssuerUnreadable));
    for iss in ["did:example:1", "http://127.0.0.1:8000", "no address at all", "http:", ""] {
        assert_eq!(at(json!(iss)), None, "{iss}");
    }
    for iss in [json!(1), json!(["https://issuer.example"]), json!(null)] {
        assert_eq!(at(iss), Some(VerifyError::IssuerUnreadable));
    }
}

// rule: SV-9
#[test]
fn the_holder_key_is_a_public_key_on_p_256() {
    let world = World::new();
    let good = world.holder_key.public_key().to_jwk().to_value();
    let text = world.signed(&payload(json!({ "cnf": { "jwk": good } })), &[]);
    let credential = verify(&world, &text, &VcPolicy::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(credential.holder_key(), Some(&world.holder_key.public_key()));
    let mut private = good.clone();
    private["d"] = json!("AAAA");
    let mut off_curve = good.clone();
    off_curve["y"] = off_curve["x"].clone();
    let mut other_curve = good.clone();
    other_curve["crv"] = json!("P-384");
    for cnf in [
        json!({ "jwk": private }),
        json!({ "jwk": off_curve }),
        json!({ "jwk": other_curve }),
        json!({ "jwk": "key" }),
        json!({ "kid": "key" }),
        json!({}),
        json!(null),
        json!("key"),
    ] {
        assert_eq!(refused(&world, payload(json!({ "cnf": cnf }))), VerifyError::HolderKey);
    }
}

// rule: SV-10
#[test]
fn a_policy_can_ask_for_a_holder_key() {
    let world = World::new();
    let bound = VcPolicy { require_holder_key: true, ..VcPolicy::default() };
    assert_eq!(refused_with(&world, payload(json!({})), &bound), VerifyError::NotBound);
    assert!(verify(&world, &world.signed(&payload(json!({})), &[]), &VcPolicy::default()).is_ok());
    assert!(verify(&world, &world.issue(json!({}), &[]), &bound).is_ok());
}

// rule: SV-11
#[test]
fn a_status_is_a_status_list_entry() {
    let world = World::new();
    let good = json!({ "status_list": { "idx": 412, "uri": "https://issuer.example/status/1" }, "more": 1 });
    let text = world.signed(&payload(json!({ "status": good })), &[]);
    let credential = verify(&world, &text, &VcPolicy::default()).unwrap_or_else(|error| panic!("{error}"));
    let status = credential.status().unwrap();
    assert_eq!((status.index(), status.uri()), (412, "https://issuer.example/status/1"));
    for status in [
        json!({}),
        json!(null),
        json!("valid"),
        json!({ "status_list": {} }),
        json!({ "status_list": { "idx": -1, "uri": "https://issuer.example/status/1" } }),
        json!({ "status_list": { "idx": 1, "uri": "" } }),
        json!({ "other_mechanism": {} }),
    ] {
        assert_eq!(refused(&world, payload(json!({ "status": status }))), VerifyError::Status);
    }
}

// rule: SV-12
#[test]
fn a_credential_is_not_issued_in_the_future() {
    let world = World::new();
    let seconds = now().unix_seconds();
    let at =
        |iat: i64| verify(&world, &world.signed(&payload(json!({ "iat": iat })), &[]), &VcPolicy::default());
    assert!(at(seconds + 60).is_ok());
    assert_eq!(at(seconds + 61).err(), Some(VerifyError::SdJwt(SdJwtError::IssuedInFuture)));
}

#[test]
fn what_was_taken_in_is_opened_later_and_says_that_it_expired() {
    let world = World::new();
    let text = world.issue(json!({ "name": "Kim" }), &["\"name\""]);
    let credential = world.accept(&text);
    assert_eq!(credential.validity().check(now() + 2 * 86_400), Err(SdJwtError::Expired));
    assert_eq!(credential.text(), text);
    let error = UnverifiedSdJwtVc::parse(&text)
        .unwrap()
        .verify(&world.anchors, now() + 2 * 86_400, &VcPolicy::default())
        .err()
        .unwrap();
    assert_eq!((error.code(), error.rule()), ("sd_jwt_expired", "SJ-17"));
}

#[test]
fn the_issuer_is_the_certificate_not_the_claim() {
    let world = World::new();
    let credential = world.accept(&world.issue(json!({}), &[]));
    assert_eq!(credential.issuer().leaf().organisation(), Some("Issuer"));
    assert_eq!(credential.issuer().anchor().certificate().der(), world.anchor.der());
    let chain: &CertificateChain = credential.issuer().chain();
    assert_eq!(chain.to_der(), world.chain.to_der());
}
