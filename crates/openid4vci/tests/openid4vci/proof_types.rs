//! The proofs of keys: `jwt`, `jwt` with a key attestation, `attestation`. Which one is given, and what is not sent.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::common::provider::*;
use crate::common::*;
use crypto::jws::UnverifiedJws;
use crypto::{PrivateKey, Signer};
use openid4vci::holder::*;
use openid4vci::metadata::{ConfigurationEntry, KeyAttestationPower, ProofChoice, Unusable};
use openid4vci::oauth::OAuthErrorCode;
use primitives::Refusal;
use primitives::http::Response;
use serde_json::{Value, json};

fn received(world: &mut World, keys: usize, provider: Arc<Provider>) -> ReceivedCopies {
    let exchange = exchange(world, keys, provider);
    match world.drive(exchange).unwrap().outcome {
        Outcome::Received(copies) => *copies,
        Outcome::Deferred(_) => panic!("deferred"),
    }
}

fn sent(world: &World) -> Value {
    let request = world.sent.iter().rev().find(|it| it.url.path() == "/credential").unwrap();
    serde_json::from_slice(&request.body).unwrap()
}

// rule: CI-15, CI-16, CI-17
#[test]
fn of_what_the_issuer_takes_the_same_is_always_given() {
    let choice = |types: Value, power: KeyAttestationPower| match metadata(types).configuration("resident") {
        Some(ConfigurationEntry::Usable(configuration)) => configuration.proof.choose(&power),
        Some(ConfigurationEntry::Unusable(why)) => Err(*why),
        None => panic!("no configuration"),
    };
    let none = KeyAttestationPower::default();
    let high = || Some(json!({ "key_storage": ["iso_18045_high"] }));
    let any = || Some(json!({}));
    for (types, power, wanted) in [
        (json!({ "jwt": es256(None) }), none, Ok(ProofChoice::Jwt)),
        (json!({ "attestation": es256(None), "jwt": es256(None) }), SOFTWARE, Ok(ProofChoice::Jwt)),
        (
            json!({ "attestation": es256(any()), "jwt": es256(any()) }),
            SOFTWARE,
            Ok(ProofChoice::JwtWithKeyAttestation),
        ),
        (json!({ "attestation": es256(None), "jwt": es256(high()) }), SOFTWARE, Ok(ProofChoice::Attestation)),
        (json!({ "attestation": es256(any()) }), SOFTWARE, Ok(ProofChoice::Attestation)),
        (json!({ "attestation": es256(None) }), none, Err(Unusable::KeyAttestation)),
        (json!({ "jwt": es256(any()) }), none, Err(Unusable::KeyAttestation)),
        (json!({ "jwt": es256(high()) }), SOFTWARE, Err(Unusable::KeyStorage)),
        (json!({ "attestation": es256(high()) }), SOFTWARE, Err(Unusable::KeyStorage)),
        (
            json!({ "jwt": es256(Some(json!({ "key_storage": ["iso_18045_high", "iso_18045_basic"] }))) }),
            SOFTWARE,
            Ok(ProofChoice::JwtWithKeyAttestation),
        ),
        (
            json!({ "jwt": es256(Some(json!({ "user_authentication": ["iso_18045_basic"] }))) }),
            SOFTWARE,
            Err(Unusable::UserAuthentication),
        ),
        (
            json!({ "attestation": { "proof_signing_alg_values_supported": ["EdDSA"] } }),
            SOFTWARE,
            Err(Unusable::ProofType),
        ),
    ] {
        assert_eq!(choice(types.clone(), power), wanted, "{types}");
    }
}

// rule: CI-19
#[test]
fn an_issuer_that_takes_nothing_but_data_integrity_proofs_is_refused_by_name() {
    let mut world = world(json!({ "di_vp": { "proof_signing_alg_values_supported": ["eddsa-2022"] } }));
    // as it is published, not as this crate would write it
    let mut json = issuer_json();
    json["credential_configurations_supported"]["resident"]["proof_types_supported"] =
        json!({ "di_vp": { "proof_signing_alg_values_supported": ["eddsa-2022"] } });
    let offer = world.offer(&["resident"], None);
    let error = world.drive_altered(Discovery::new(offer, world.policy), |request, response| {
        match request.url.path().contains("openid-credential-issuer") {
            true => Response::of_json(200, &json),
            false => response,
        }
    });
    let error = error.unwrap_err();
    assert_eq!(
        (error.code(), error.rule(), error.left()),
        ("proof_type_unsupported", "CI-15", primitives::Left::Nothing)
    );
}

// rule: CI-18, HA-4
#[test]
fn what_demands_more_than_the_keys_are_is_refused_before_anything_is_sent() {
    for (requirement, power, code) in [
        (json!({ "key_storage": ["iso_18045_moderate"] }), SOFTWARE, "key_storage_too_weak"),
        (json!({ "user_authentication": ["iso_18045_basic"] }), SOFTWARE, "user_authentication_too_weak"),
        (json!({}), KeyAttestationPower::default(), "key_attestation_required"),
    ] {
        let mut world = world(json!({ "jwt": es256(Some(requirement)) }));
        world.policy.keys = power;
        let offer = world.offer(&["resident"], None);
        let error = world.drive(Discovery::new(offer, world.policy)).unwrap_err();
        assert_eq!((error.code(), error.rule()), (code, "CI-18"));
        let asked: Vec<&str> = world.log.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(asked, ["/.well-known/openid-credential-issuer/mobile"], "nobody else was called");
    }
    // what else is in the offer can be had
    let mut world = world(json!({ "jwt": es256(Some(json!({ "key_storage": ["iso_18045_high"] }))) }));
    let offer = world.offer(&["resident", "licence"], None);
    let resolved = world.drive(Discovery::new(offer, world.policy)).unwrap();
    assert_eq!(resolved.configurations().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["licence"]);
}

// rule: CI-18, HA-4
#[test]
fn a_jwt_for_each_key_carries_the_one_attestation_of_all() {
    for by_request in [false, true] {
        let mut world = by_jwt();
        let provider = Arc::new(Provider { by_request, ..Provider::of(&world) });
        let authorized = world.authorized(&["resident"]);
        let paper = authorized.papers()[0].clone();
        let keys = world.keys(3);
        let exchange =
            authorized.request_credential(&paper, keys, Some(provider.clone()), &world.context()).unwrap();
        let answered = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/keys" => Response::of_json(200, &serde_json::from_slice(&request.body).unwrap()),
            _ => response,
        });
        let Outcome::Received(copies) = answered.unwrap().outcome else { panic!("deferred") };
        assert_eq!(copies.copies.as_slice().len(), 3);
        assert_eq!(provider.asked.load(Ordering::Relaxed), 1);
        let proofs = sent(&world)["proofs"].clone();
        assert_eq!(proofs.as_object().unwrap().len(), 1);
        let header = |it: &Value| UnverifiedJws::parse_bounded(it.as_str().unwrap(), 100_000).unwrap();
        let proofs: Vec<_> = proofs["jwt"].as_array().unwrap().iter().map(header).collect();
        assert_eq!(proofs.len(), 3);
        let attestation = proofs[0].header().member("key_attestation").unwrap().clone();
        assert!(proofs.iter().all(|it| it.header().member("key_attestation") == Some(&attestation)));
        let attested =
            UnverifiedJws::parse(attestation.as_str().unwrap()).unwrap().dangerous_claims().unwrap();
        let nonce = proofs[0].dangerous_claims().unwrap()["nonce"].clone();
        assert_eq!(attested["nonce"], nonce);
        assert_eq!(attested["attested_keys"].as_array().unwrap().len(), 3);
        assert_eq!(attested["key_storage"], json!(["iso_18045_basic"]));
        assert!(!attested.contains_key("user_authentication"), "what is not so is not said");
        assert!(attested.contains_key("exp"));
    }
}

// rule: CI-17, CI-18, HA-4
#[test]
fn an_attestation_proof_is_exactly_one_jwt_of_all_keys_with_the_nonce() {
    let mut world = by_attestation();
    let provider = Arc::new(Provider::of(&world));
    let copies = received(&mut world, 3, provider);
    assert_eq!(copies.copies.as_slice().len(), 3);
    let body = sent(&world);
    assert_eq!(body["proofs"].as_object().unwrap().len(), 1);
    assert_eq!(body["proofs"]["attestation"].as_array().unwrap().len(), 1);
}

// rule: CI-14, CI-18
#[test]
fn keys_are_attested_anew_for_a_new_nonce_and_once_for_each() {
    let mut world = by_attestation();
    world.mode.forget_nonces = 1;
    let provider = Arc::new(Provider::of(&world));
    received(&mut world, 2, provider.clone());
    assert_eq!(provider.asked.load(Ordering::Relaxed), 2);
    // a third one is not asked for
    let mut world = by_attestation();
    world.mode.forget_nonces = 9;
    let provider = Arc::new(Provider::of(&world));
    let exchange = exchange(&mut world, 2, provider.clone());
    let error = world.drive(exchange).unwrap_err().error;
    assert_eq!(error.code(), OAuthErrorCode::InvalidNonce.stable_code());
    assert_eq!(provider.asked.load(Ordering::Relaxed), 2);
}

// rule: CI-18, HA-4
#[test]
fn an_attestation_that_is_not_of_these_keys_and_this_nonce_or_says_too_much_is_not_sent() {
    let alterations: [(&str, Alter); 7] = [
        ("hardware", Arc::new(|it| drop(it.insert("key_storage".into(), json!(["iso_18045_high"]))))),
        (
            "hardware too",
            Arc::new(|it| {
                drop(it.insert("key_storage".into(), json!(["iso_18045_basic", "iso_18045_high"])))
            }),
        ),
        ("no list", Arc::new(|it| drop(it.insert("key_storage".into(), json!("iso_18045_basic"))))),
        (
            "a passphrase",
            Arc::new(|it| drop(it.insert("user_authentication".into(), json!(["iso_18045_basic"])))),
        ),
        ("another nonce", Arc::new(|it| drop(it.insert("nonce".into(), json!("old"))))),
        ("a key less", Arc::new(|it| drop(it["attested_keys"].as_array_mut().unwrap().pop()))),
        (
            "another key",
            Arc::new(|it| {
                let other = PrivateKey::generate(&crypto::SystemEntropy).unwrap().public_key();
                it["attested_keys"][0] = other.to_jwk().to_value();
            }),
        ),
    ];
    for (what, alter) in alterations {
        for by_request in [false, true] {
            let mut world = by_attestation();
            let provider = Provider { alter: alter.clone(), by_request, ..Provider::of(&world) };
            let exchange = exchange(&mut world, 2, Arc::new(provider));
            let error = world.drive_altered(exchange, |request, response| match request.url.path() {
                "/keys" => Response::of_json(200, &serde_json::from_slice(&request.body).unwrap()),
                _ => response,
            });
            assert_eq!(error.unwrap_err().error, CredentialError::KeyAttestation, "{what}");
            assert!(world.log.iter().all(|(path, _)| path != "/credential"), "{what}");
        }
    }
    // and neither is what is no attestation at all
    let mut world = by_attestation();
    let provider = Arc::new(Provider { by_request: true, ..Provider::of(&world) });
    let exchange = exchange(&mut world, 2, provider);
    let error = world.drive_altered(exchange, |_, response| response).unwrap_err().error;
    assert_eq!((error.code(), error.rule()), ("attestation_of_keys", "CI-18"));
}
