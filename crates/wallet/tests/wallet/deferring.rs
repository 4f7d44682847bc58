//! Papers that are issued later and for another proof than `jwt`: keys that a provider attested, and no key at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crypto::jwe::Jwe;
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::http::{HttpError, Request, Response};
use serde_json::{Value, json};
use wallet::view::*;

use crate::world::*;

const KEYS: &str = "https://provider.example/keys";

/// A world whose resident cards come later and are issued for these proofs.
fn world(proofs: Value) -> World {
    let world = World::bare(|profile| {
        profile["walletProvider"] = json!({
            "kind": "service", "attestation": "https://provider.example/attestation", "keyAttestation": KEYS,
        });
    });
    world.wallet.initialize().unwrap();
    world.server(|server| server.proof_types.insert("resident".into(), proofs));
    world.mode("resident", |mode| mode.deferred = true);
    world
}

fn attested() -> Value {
    json!({ "attestation": { "proof_signing_alg_values_supported": ["ES256"] } })
}

fn sent(world: &World, end: &str) -> Vec<Request> {
    let log = world.net.log.lock().unwrap();
    log.iter().filter(|request| request.url.as_str().ends_with(end)).cloned().collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// Received, and still waited for after a restart, a poll and another restart; then it comes.
fn came(world: &mut World) -> Vec<PaperSummary> {
    let Received::Done { papers, deferred, .. } = run(world.try_receive(&["resident"])) else {
        panic!("not received")
    };
    assert_eq!((papers.len(), deferred.len()), (0, 1));
    world.restart();
    world.clock.advance(61);
    let (papers, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((papers.len(), waiting), (0, 1));
    world.restart();
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    let (papers, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((papers.len(), waiting), (1, 0));
    papers
}

// rule: CI-17, CI-22
#[test]
fn a_paper_for_attested_keys_comes_later_bound_to_these_keys_and_is_presented() {
    let mut world = world(attested());
    let papers = came(&mut world);
    assert_eq!(world.wallet.paper(&papers[0].id).unwrap().trust.copies.total, 3);
    let asked = sent(&world, "/credential");
    assert_eq!(asked.len(), 1, "the keys are proven once");
    let proofs = body(&asked[0])["proofs"].clone();
    assert_eq!(proofs.as_object().unwrap().keys().collect::<Vec<_>>(), ["attestation"]);
    assert_eq!(proofs["attestation"].as_array().unwrap().len(), 1, "all of them in one");
    assert_eq!(world.net.calls(KEYS), 1, "and attested once, however long it takes");
    for later in sent(&world, "/deferred") {
        assert_eq!(body(&later).as_object().unwrap().keys().collect::<Vec<_>>(), ["transaction_id"]);
    }
    run(async {
        let (_, link) = world.request(name_query());
        world.sent(&world.consent(&link).await).await;
    });
    world.server(|server| match &server.posted.last().unwrap().outcome {
        Ok(openid4vp::verifier::Outcome::Verified(answer)) => {
            assert!(answer.presentations[0].holder_key.is_some());
        }
        _ => panic!("not verified"),
    });
}

// rule: CI-15, CI-22
#[test]
fn a_paper_for_no_key_comes_later_bound_to_none_and_goes_to_who_asks_for_no_holder() {
    let mut world = world(Value::Null);
    let papers = came(&mut world);
    let page = world.wallet.paper(&papers[0].id).unwrap();
    assert_eq!((page.trust.signature, page.trust.copies.total), (SignatureState::Holds, 1));
    assert!(sent(&world, "/credential").iter().all(|asked| body(asked).get("proofs").is_none()));
    assert_eq!(world.net.calls(KEYS), 0, "there is nothing to attest");
    run(async {
        let (_, link) = world.request(name_query());
        let started = world.wallet.present_start(&world.input(&link)).await.unwrap();
        let PresentStarted::Refusal(refusal) = started else { panic!("it was offered") };
        assert_eq!(refusal.code, "nothing_fits");
        let mut lax = name_query();
        lax["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        let (_, link) = world.request(lax);
        world.sent(&world.consent(&link).await).await;
    });
}

// rule: CI-20, CI-22, CI-23
#[test]
fn what_comes_later_for_another_key_than_was_proven_is_not_kept_and_the_issuer_is_told() {
    for proofs in [attested(), Value::Null] {
        let mut world = world(proofs.clone());
        run(world.try_receive(&["resident"]));
        world.restart();
        world.mode("resident", |mode| {
            mode.deferred = false;
            mode.foreign_key = true;
        });
        world.clock.advance(61);
        let (papers, waiting) = run(world.wallet.poll_deferred()).unwrap();
        assert_eq!((papers.len(), waiting), (0, 0), "{proofs}");
        assert!(world.all().is_empty());
        let line = world.history().remove(0);
        assert_eq!((line.kind, line.code.as_deref()), (HistoryKind::Refused, Some("paper_foreign_key")));
        let told = world.server(|server| std::mem::take(&mut server.notifications));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].event, openid4vci::holder::NotificationEvent::CredentialFailure);
    }
}

// rule: CI-22, CI-24
#[test]
fn a_paper_that_comes_later_is_asked_for_under_the_keys_that_its_issuer_has_by_then() {
    let world = world(attested());
    run(world.try_receive(&["resident"]));
    // Since it was deferred the issuer demands encryption, to a key that it did not have then.
    let key = crypto::PrivateKey::generate(&entropy()).unwrap();
    let jwk = crypto::Signer::public_key(&key).to_jwk().with_alg("ECDH-ES").with_use("enc");
    let metadata =
        url::Url::parse("https://garam.example/.well-known/openid-credential-issuer/desk").unwrap();
    let mut issuer = world.server(|server| server.answer(&Request::get(metadata)).json().unwrap());
    issuer["credential_request_encryption"] = json!({
        "jwks": { "keys": [jwk] }, "enc_values_supported": ["A256GCM"], "encryption_required": true,
    });
    // That takes none of its servers: which of several it would be does not matter, nor whether they are there.
    issuer["authorization_servers"] = json!([ISSUER, "https://other.example"]);
    let refuses = Arc::new(AtomicBool::new(false));
    let refused = Arc::clone(&refuses);
    world.net.hook(move |request| match request.url.path() {
        "/.well-known/openid-credential-issuer/desk" => Act::Answer(Response::of_json(200, &issuer)),
        "/deferred"
            if request.header("content-type") == Some("application/jwt")
                && !refused.load(Ordering::SeqCst) =>
        {
            let jwe = Jwe::parse(std::str::from_utf8(&request.body).unwrap()).unwrap();
            let asked: Value = serde_json::from_slice(jwe.decrypt(&key).unwrap().expose()).unwrap();
            let pending = json!({ "transaction_id": asked["transaction_id"], "interval": 60 });
            Act::Answer(Response::of_json(202, &pending))
        }
        "/deferred" => Act::Answer(error_response(400, OAuthErrorCode::InvalidEncryptionParameters)),
        path if path.starts_with("/.well-known/") => Act::Fail(HttpError::Unreachable),
        _ => Act::Pass,
    });
    let looked = || world.net.calls("/.well-known/openid-credential-issuer/desk");
    let (before, asked) = (looked(), world.net.calls("/deferred"));
    for round in 0..2 {
        world.clock.advance(61);
        assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 1);
        // Once it knows the key it keeps it.
        assert_eq!((looked(), world.net.calls("/deferred")), (before + 1, asked + 2 + round));
    }
    // An issuer that takes no key is asked twice, and then another time.
    refuses.store(true, Ordering::SeqCst);
    world.clock.advance(61);
    assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 1);
    assert_eq!((looked(), world.net.calls("/deferred")), (before + 2, asked + 5));
}
