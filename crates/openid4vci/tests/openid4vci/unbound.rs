//! Credentials that are bound to no key: no proof is sent (CI-15), and what comes bound is refused. And one proof that stands for several attested keys.

use crate::common::*;
use crypto::{PrivateKey, Signer};
use openid4vci::holder::*;
use openid4vci::issuer::RefusalCause;
use openid4vci::key_attestation::{self, Content};
use openid4vci::key_proof::{self, ProofContent};
use openid4vci::metadata::{ConfigurationEntry, IssuerMetadata, Unusable};
use openid4vci::oauth::OAuthErrorCode;
use primitives::http::Response;
use serde_json::{Value, json};

fn metadata(alter: impl FnOnce(&mut Value)) -> IssuerMetadata {
    let mut json = issuer_json();
    alter(&mut json["credential_configurations_supported"]);
    IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap()
}

fn without_proofs(entry: &mut Value) {
    for member in ["proof_types_supported", "cryptographic_binding_methods_supported"] {
        entry.as_object_mut().unwrap().shift_remove(member);
    }
}

fn world() -> World {
    let mut world = World::new();
    world.metadata = metadata(|it| without_proofs(&mut it["resident"]));
    world
}

// rule: CI-15
#[test]
fn what_is_bound_to_no_key_is_asked_for_without_proofs() {
    let mut world = world();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let exchange = authorized.request_unbound_credential(&paper, &world.context()).unwrap();
    let Outcome::Received(copies) = world.drive(exchange).unwrap().outcome else { panic!("deferred") };
    let copy = copies.copies.as_slice();
    assert_eq!((copy.len(), copy[0].key_reference(), copy[0].holder_key()), (1, None, None));
    let request = world.sent.iter().find(|it| it.url.path() == "/credential").unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert!(body.get("proofs").is_none());
}

// rule: CI-15
#[test]
fn keys_go_with_what_is_bound_and_with_nothing_else() {
    let mut world = world();
    let authorized = world.authorized(&["resident", "licence"]);
    let [resident, licence] = [authorized.papers()[0].clone(), authorized.papers()[1].clone()];
    let keys = world.keys(1);
    let failure = authorized.clone().request_credential(&resident, keys, None, &world.context());
    assert_eq!(failure.unwrap_err().error, CredentialError::KeysMisfit);
    let failure = authorized.request_unbound_credential(&licence, &world.context());
    assert_eq!(failure.unwrap_err().error, CredentialError::KeysMisfit);
}

// rule: CI-15, CI-20
#[test]
fn what_was_to_be_bound_to_no_key_and_comes_bound_or_twice_is_refused() {
    let refused = |replace: &dyn Fn(&World, &str) -> Value| {
        let mut world = world();
        let authorized = world.authorized(&["resident"]);
        let paper = authorized.papers()[0].clone();
        let exchange = authorized.request_unbound_credential(&paper, &world.context()).unwrap();
        // one credential of each kind, made beforehand
        let bound = {
            let mut other = World::new();
            std::mem::swap(&mut other.issuer_party, &mut world.issuer_party);
            let authorized = other.authorized(&["resident"]);
            let paper = authorized.papers()[0].clone();
            let keys = other.keys(1);
            let exchange = authorized.request_credential(&paper, keys, None, &other.context()).unwrap();
            let anchors = other.anchors.clone();
            other.anchors = world.anchors.clone();
            let Outcome::Received(copies) = other.drive(exchange).unwrap().outcome else { panic!() };
            other.anchors = anchors;
            std::mem::swap(&mut other.issuer_party, &mut world.issuer_party);
            copies.copies.as_slice()[0].text().to_owned()
        };
        let credentials = replace(&world, &bound);
        let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/credential" if response.status == 200 && credentials.is_null() => {
                let mut body = response.json().unwrap();
                let one = body["credentials"][0].clone();
                body["credentials"].as_array_mut().unwrap().push(one);
                Response::of_json(200, &body)
            }
            "/credential" if response.status == 200 => {
                Response::of_json(200, &json!({ "credentials": credentials }))
            }
            _ => response,
        });
        match failure.unwrap_err().error {
            CredentialError::Refused(why) => why,
            other => panic!("{other}"),
        }
    };
    assert_eq!(refused(&|_, bound| json!([{ "credential": bound }])), PaperRefused::ForeignKey);
    assert_eq!(refused(&|_, _| Value::Null), PaperRefused::TooMany);
}

// rule: CI-15
#[test]
fn an_issuer_refuses_proofs_for_what_is_bound_to_no_key_and_their_absence_for_what_is() {
    let mut bound = World::new();
    let authorized = bound.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = bound.keys(1);
    let mut exchange = authorized.request_credential(&paper, keys, None, &bound.context()).unwrap();
    while exchange.request(&bound.context()).unwrap().url.path() != "/credential" {
        let response = bound.answer(&exchange.request(&bound.context()).unwrap());
        let Step::Again(again) = exchange.receive(&response, &bound.context()).unwrap() else { panic!() };
        exchange = again;
    }
    let mut request = exchange.request(&bound.context()).unwrap();
    // the same request to an issuer that binds to no key, then without its proofs to the one that does
    let metadata = std::mem::replace(&mut bound.metadata, world().metadata);
    let refusal = bound.try_answer(&request).unwrap_err();
    assert_eq!((refusal.code, refusal.cause), (OAuthErrorCode::InvalidProof, RefusalCause::ProofCount));
    bound.metadata = metadata;
    request = exchange.request(&bound.context()).unwrap();
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    body.as_object_mut().unwrap().shift_remove("proofs");
    request.body = body.to_string().into_bytes();
    let refusal = bound.try_answer(&request).unwrap_err();
    assert_eq!((refusal.code, refusal.cause), (OAuthErrorCode::InvalidProof, RefusalCause::ProofCount));
}

// rule: CI-15
#[test]
fn a_credential_that_is_bound_says_how_and_an_mdoc_always_is() {
    let why = |id: &str, alter: &dyn Fn(&mut Value)| {
        let metadata = metadata(|it| alter(&mut it[id]));
        match metadata.configuration(id).unwrap() {
            ConfigurationEntry::Usable(_) => None,
            ConfigurationEntry::Unusable(why) => Some(*why),
        }
    };
    let no_types = |it: &mut Value| drop(it.as_object_mut().unwrap().shift_remove("proof_types_supported"));
    assert_eq!(why("resident", &no_types), Some(Unusable::NotKeyBound));
    assert_eq!(why("resident", &without_proofs), None);
    assert_eq!(why("licence", &without_proofs), Some(Unusable::NotKeyBound));
    // what is published is read back
    let metadata = metadata(|it| without_proofs(&mut it["resident"]));
    let again = IssuerMetadata::from_json(metadata.to_json().to_string().as_bytes(), &identifier()).unwrap();
    assert_eq!(metadata, again);
}

// rule: CI-18
#[test]
fn one_proof_with_an_attestation_of_several_keys_stands_for_all_of_them() {
    let mut world = World::new();
    world.metadata = metadata(|it| {
        it["resident"]["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({});
    });
    world.policy.keys.available = true;
    let authorized = world.authorized(&["resident"]);
    let keys: Vec<PrivateKey> = (0..3).map(|_| PrivateKey::generate(&world.entropy).unwrap()).collect();
    let public: Vec<_> = keys.iter().map(Signer::public_key).collect();
    let nonce = world.nonces.issue(now(), &world.entropy).unwrap();
    let content = Content {
        keys: &public,
        nonce: Some(&nonce),
        key_storage: &[],
        user_authentication: &[],
        issued_at: now(),
        expires_at: now() + 60,
    };
    let attestation = key_attestation::issue(&content, &world.provider.chain, &world.provider.key).unwrap();
    let proof = key_proof::proof(
        &keys[1],
        &ProofContent {
            issuer: ISSUER,
            nonce: Some(&nonce),
            client_id: Some(CLIENT_ID),
            key_attestation: Some(&attestation),
            now: now(),
        },
    )
    .unwrap();
    // the request of another batch, with these proofs in it
    struct Nobody;
    impl KeyAttestor for Nobody {
        fn power(&self) -> openid4vci::metadata::KeyAttestationPower {
            openid4vci::metadata::KeyAttestationPower { available: true, ..Default::default() }
        }
        fn ask(&self, _: &[HolderKey], _: Option<&str>, _: &Context<'_>) -> Result<Attesting, SigningFailed> {
            Ok(Attesting::Ask(Box::new(primitives::http::Request::get(
                "https://p.example/".parse().unwrap(),
            ))))
        }
        fn answer(&self, response: &Response) -> Option<String> {
            String::from_utf8(response.body.clone()).ok()
        }
    }
    let holder = |key: &PrivateKey| {
        HolderKey::new(std::sync::Arc::new(key.clone()), format!("{:?}", key.public_key()))
    };
    let holder_keys = primitives::NonEmpty::new(keys.iter().map(holder).collect()).unwrap();
    let paper = authorized.papers()[0].clone();
    let exchange = authorized
        .request_credential(&paper, holder_keys, Some(std::sync::Arc::new(Nobody)), &world.context())
        .unwrap();
    let Step::Again(exchange) =
        exchange.receive(&Response::of_json(200, &json!({ "c_nonce": nonce })), &world.context()).unwrap()
    else {
        panic!()
    };
    let Step::Again(mut exchange) =
        exchange.receive(&Response::new(200, attestation.clone()), &world.context()).unwrap()
    else {
        panic!()
    };
    let response = loop {
        let mut request = exchange.request(&world.context()).unwrap();
        let mut body: Value = serde_json::from_slice(&request.body).unwrap();
        body["proofs"] = json!({ "jwt": [proof] });
        request.body = body.to_string().into_bytes();
        let response = world.answer(&request);
        match exchange.clone().receive(&response, &world.context()).unwrap() {
            Step::Again(again) => exchange = again,
            Step::Done(issued) => break issued,
        }
    };
    let Outcome::Received(copies) = response.outcome else { panic!("deferred") };
    assert_eq!(copies.copies.as_slice().len(), 3);
}
