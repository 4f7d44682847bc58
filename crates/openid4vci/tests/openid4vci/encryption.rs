//! Encrypted credential requests and responses, at once and deferred (OpenID4VCI 1.0 sections 8.2, 9.1 and 10).

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::common::*;
use crypto::jwe::{ContentEncryption, Jwe, PartyInfo, encrypt};
use crypto::{PrivateKey, PublicJwk, Signer, SystemEntropy};
use openid4vci::holder::*;
use openid4vci::issuer::{Inbound, RefusalCause};
use openid4vci::metadata::IssuerMetadata;
use openid4vci::oauth::OAuthErrorCode;
use primitives::http::{Request, Response};
use primitives::{Blame, Entropy, EntropyUnavailable, Refusal};
use serde_json::{Value, json};

/// A world whose issuer offers, or demands, encryption under these algorithms.
fn world(request: Option<(&[&str], bool)>, response: Option<(&[&str], bool)>) -> World {
    let mut world = World::new();
    let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("r");
    let mut json = issuer_json();
    if let Some((enc, required)) = request {
        json["credential_request_encryption"] = json!({ "jwks": { "keys": [jwk] }, "enc_values_supported": enc, "encryption_required": required });
    }
    if let Some((enc, required)) = response {
        json["credential_response_encryption"] = json!({ "alg_values_supported": ["ECDH-ES"], "enc_values_supported": enc, "encryption_required": required });
    }
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    world
}

fn exchange(world: &mut World) -> Result<CredentialExchange, CredentialFailure> {
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(2);
    authorized.request_credential(&paper, keys, None, &world.context())
}

/// What stood in the last request to this path.
fn sent(world: &World, path: &str) -> (Option<String>, Value) {
    let request = world.sent.iter().rev().find(|it| it.url.path() == path).unwrap();
    let media_type = request.header("content-type").map(str::to_owned);
    (media_type, opened(world, request))
}

fn opened(world: &World, request: &Request) -> Value {
    if request.header("content-type") != Some("application/jwt") {
        return serde_json::from_slice(&request.body).unwrap();
    }
    let jwe = Jwe::parse(std::str::from_utf8(&request.body).unwrap()).unwrap();
    assert_eq!(jwe.kid(), Some("r"), "the issuer's kid is copied");
    serde_json::from_slice(jwe.decrypt(&world.request_key).unwrap().expose()).unwrap()
}

fn copies(issued: Issued) -> usize {
    match issued.outcome {
        Outcome::Received(copies) => copies.copies.as_slice().len(),
        Outcome::Deferred(_) => panic!("deferred"),
    }
}

// rule: CI-24, HA-6
#[test]
fn encryption_that_is_offered_is_used_and_what_cannot_be_used_is_left_alone() {
    let both: &[&str] = &["A128GCM", "A256GCM"];
    let foreign: &[&str] = &["A128CBC-HS256"];
    // requests, responses: what is then used for each
    for (request, response, used) in [
        (Some((both, false)), Some((both, false)), Some(Some("A256GCM"))),
        (Some((&["A128GCM"][..], false)), Some((&["A128GCM"][..], false)), Some(Some("A128GCM"))),
        (Some((both, true)), None, Some(None)),
        (Some((both, false)), Some((foreign, false)), Some(None)),
        // a response key is never sent in the clear
        (None, Some((both, false)), None),
        (Some((foreign, false)), Some((both, false)), None),
        (None, None, None),
    ] {
        let mut world = world(request, response);
        let exchange = exchange(&mut world).unwrap();
        assert_eq!(copies(world.drive(exchange).unwrap()), 2);
        let (media_type, body) = sent(&world, "/credential");
        let expected = if used.is_some() { "application/jwt" } else { "application/json" };
        assert_eq!(media_type.as_deref(), Some(expected), "{request:?} {response:?}");
        let parameters = &body["credential_response_encryption"];
        assert_eq!(parameters["enc"].as_str(), used.flatten(), "{request:?} {response:?}");
        assert!(parameters.get("zip").is_none(), "compression is never asked for");
    }
}

// rule: CI-24
#[test]
fn encryption_that_is_required_and_cannot_be_had_ends_it_before_anything_is_sent() {
    let (known, foreign): (&[&str], &[&str]) = (&["A256GCM"], &["A128CBC-HS256"]);
    for (request, response) in [
        (Some((foreign, true)), None),
        (Some((known, false)), Some((foreign, true))),
        (Some((foreign, false)), Some((known, true))),
        (None, Some((known, true))),
    ] {
        let mut world = world(request, response);
        let failure = exchange(&mut world).unwrap_err();
        assert_eq!(failure.error, CredentialError::EncryptionUnsupported, "{request:?} {response:?}");
        assert_eq!(failure.error.rule(), "CI-24");
        assert!(world.sent.iter().all(|it| it.url.path() != "/credential"));
    }
}

/// Puts members into the header of an encrypted answer, as an issuer that compresses would.
// rule: CI-24
#[test]
fn requests_are_encrypted_to_the_first_key_that_is_for_it() {
    let mut world = World::new();
    let jwk = |key: &PrivateKey, alg, usage| key.public_key().to_jwk().with_alg(alg).with_use(usage);
    let other = PrivateKey::generate(&SystemEntropy).unwrap();
    let right = jwk(&world.request_key, "ECDH-ES", "enc").with_kid("r");
    let mut json = issuer_json();
    // One to verify signatures with, and one for a way that this wallet cannot.
    json["credential_request_encryption"] = json!({
        "jwks": { "keys": [jwk(&other, "ECDH-ES", "sig"), jwk(&other, "ECDH-ES+A256KW", "enc"), right] },
        "enc_values_supported": ["A256GCM"], "encryption_required": true,
    });
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    let exchange = exchange(&mut world).unwrap();
    assert_eq!(copies(world.drive(exchange).unwrap()), 2);
    assert_eq!(sent(&world, "/credential").0.as_deref(), Some("application/jwt"));
}

/// Randomness that is there so many times, and then no more.
struct Dries(AtomicUsize);

impl Entropy for Dries {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        match self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => SystemEntropy.fill(buffer),
            Err(_) => Err(EntropyUnavailable),
        }
    }
}

// rule: CI-24
#[test]
fn a_computer_without_randomness_is_said_to_be_one_and_not_an_issuer_without_encryption() {
    let mut world = world(Some((&["A256GCM"], true)), None);
    let exchange = exchange(&mut world).unwrap();
    // The nonce first; the next request is the encrypted one.
    let nonce = exchange.request(&world.context()).unwrap();
    let answer = world.answer(&nonce);
    let Ok(Step::Again(exchange)) = exchange.receive(&answer, &world.context()) else { panic!("a nonce") };
    let mut draws = 0;
    loop {
        let dries = Dries(AtomicUsize::new(draws));
        match exchange.request(&Context { entropy: &dries, ..world.context() }) {
            Ok(request) => break assert_eq!(request.header("content-type"), Some("application/jwt")),
            Err(failure) => {
                assert_eq!(failure.error, CredentialError::Signing(SigningFailed::Entropy), "{draws}");
                assert_eq!(failure.error.blame(), Blame::Computer);
            }
        }
        draws += 1;
    }
    assert!(draws > 1, "the proof of possession and the encryption need some");
}

fn with_header(body: &[u8], name: &str, value: Value) -> Vec<u8> {
    let text = std::str::from_utf8(body).unwrap();
    let (header, rest) = text.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&primitives::base64url::decode(header).unwrap()).unwrap();
    header[name] = value;
    format!("{}.{rest}", primitives::base64url::encode(header.to_string().as_bytes())).into_bytes()
}

// rule: CI-24
#[test]
fn a_compressed_answer_that_nobody_asked_for_is_refused() {
    let enc: &[&str] = &["A256GCM"];
    let mut world = world(Some((enc, true)), Some((enc, true)));
    let exchange = exchange(&mut world).unwrap();
    let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/credential" => {
            let body = with_header(&response.body, "zip", json!("DEF"));
            Response::new(200, body).with_header("content-type", "application/jwt")
        }
        _ => response,
    });
    assert_eq!(failure.unwrap_err().error, CredentialError::Decryption);
}

/// A deferred session of an issuer that demands encryption.
fn deferred() -> (World, DeferredSession) {
    let (world, session, _) = deferred_under_key();
    (world, session)
}

/// The same, and the key that its token is bound to.
fn deferred_under_key() -> (World, DeferredSession, DpopKey) {
    let enc: &[&str] = &["A128GCM", "A256GCM"];
    let mut world = world(Some((enc, true)), Some((enc, true)));
    let dpop = world.dpop_key();
    let client = Client::attested(world.client().attestation().unwrap().clone(), dpop.clone());
    let offer = world.offer(&["licence"], None);
    let resolved = world.resolve(offer);
    let authorized = world.drive(resolved.pre_authorized(client, &[], None).unwrap()).unwrap();
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(2);
    world.mode.deferred = true;
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    let Outcome::Deferred(session) = world.drive(exchange).unwrap().outcome else { panic!("deferred") };
    // over a restart
    let stored = serde_json::to_string(&session.to_stored()).unwrap();
    let session = DeferredSession::resume(serde_json::from_str(&stored).unwrap(), dpop.clone()).unwrap();
    (world, session, dpop)
}

// rule: CI-22, CI-24
#[test]
fn a_deferred_paper_is_asked_for_encrypted_each_time_with_another_key() {
    let (mut world, mut session) = deferred();
    let mut keys = vec![sent(&world, "/credential").1["credential_response_encryption"]["jwk"].clone()];
    for _ in 0..3 {
        let exchange = session.poll(&SystemEntropy).unwrap();
        let DeferredOutcome::Pending(again) = world.drive(exchange).unwrap() else { panic!("pending") };
        let (media_type, body) = sent(&world, "/deferred");
        assert_eq!(media_type.as_deref(), Some("application/jwt"));
        let parameters = &body["credential_response_encryption"];
        assert_eq!(parameters["enc"], "A256GCM");
        assert!(!keys.contains(&parameters["jwk"]), "a key serves one answer");
        keys.push(parameters["jwk"].clone());
        session = *again;
    }
    world.mode.deferred = false;
    let exchange = session.poll(&SystemEntropy).unwrap();
    let DeferredOutcome::Received(copies) = world.drive(exchange).unwrap() else { panic!("copies") };
    assert_eq!(copies.copies.as_slice().len(), 2);
}

// rule: CI-22, CI-24
#[test]
fn a_plain_answer_or_one_to_another_key_is_no_answer_to_a_deferred_request_and_it_waits_on() {
    let (mut world, session) = deferred();
    let plain = json!({ "transaction_id": "transaction-1", "interval": 5 });
    let exchange = session.poll(&SystemEntropy).unwrap();
    let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/deferred" if response.status == 202 => Response::of_json(202, &plain),
        _ => response,
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.error, CredentialError::NotEncrypted);
    let session = *failure.session.unwrap();

    let first = sent(&world, "/credential").1["credential_response_encryption"]["jwk"].clone();
    let first = PublicJwk::from_value(&first).unwrap();
    let exchange = session.poll(&SystemEntropy).unwrap();
    let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/deferred" if response.status == 202 => {
            let plain = plain.to_string();
            let enc = ContentEncryption::A256Gcm;
            let sealed = encrypt(&first, enc, &PartyInfo::default(), plain.as_bytes(), &SystemEntropy);
            Response::new(202, sealed.unwrap()).with_header("content-type", "application/jwt")
        }
        _ => response,
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.error, CredentialError::Decryption);
    assert!(failure.session.is_some());
}

// rule: CI-22, CI-24
#[test]
fn a_deferred_paper_is_asked_for_under_the_key_that_the_issuer_has_by_now() {
    let (mut world, session, dpop) = deferred_under_key();
    let enc: &[&str] = &["A128GCM", "A256GCM"];
    world.request_key = PrivateKey::generate(&SystemEntropy).unwrap();
    let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("r");
    let mut json = issuer_json();
    json["credential_request_encryption"] =
        json!({ "jwks": { "keys": [jwk] }, "enc_values_supported": enc, "encryption_required": true });
    json["credential_response_encryption"] = json!({
        "alg_values_supported": ["ECDH-ES"], "enc_values_supported": enc, "encryption_required": true,
    });
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    world.mode.deferred = false;

    let failure = world.drive(session.poll(&SystemEntropy).unwrap()).unwrap_err();
    let code = OAuthErrorCode::InvalidEncryptionParameters.stable_code();
    assert_eq!(failure.error.code(), code);
    let stored = failure.session.unwrap().to_stored().with_encryption_of(&world.metadata);
    let session = DeferredSession::resume(stored, dpop).unwrap();
    let outcome = world.drive(session.poll(&SystemEntropy).unwrap()).unwrap();
    assert!(matches!(outcome, DeferredOutcome::Received(_)));
}

/// The issuer's answer to a deferred request with this body.
fn refused(world: &World, body: Vec<u8>, media_type: &str) -> Option<(OAuthErrorCode, RefusalCause)> {
    let request =
        Request::post("https://garam.example/deferred".parse().unwrap()).with_body(media_type, body);
    let parsed = openid4vci::issuer::DeferredRequest::parse(
        &Inbound::of(&request),
        &world.metadata,
        Some(&world.request_key),
    );
    parsed.err().map(|refusal| (refusal.code, refusal.cause))
}

// rule: CI-24
#[test]
fn the_issuer_takes_a_deferred_request_only_as_it_must_be_encrypted() {
    let enc: &[&str] = &["A256GCM"];
    let demanding = world(Some((enc, true)), Some((enc, true)));
    let open = world(Some((enc, false)), Some((enc, false)));
    let jwk = demanding.request_key.public_key().to_jwk().with_alg("ECDH-ES");
    let good =
        json!({ "transaction_id": "t", "credential_response_encryption": { "jwk": jwk, "enc": "A256GCM" } });
    let seal = |world: &World, body: &Value, enc| {
        let to = world.request_key.public_key().to_jwk().with_alg("ECDH-ES");
        encrypt(&to, enc, &PartyInfo::default(), body.to_string().as_bytes(), &SystemEntropy)
            .unwrap()
            .into_bytes()
    };
    let strong = ContentEncryption::A256Gcm;
    let encryption = Some((OAuthErrorCode::InvalidEncryptionParameters, RefusalCause::Encryption));
    assert_eq!(refused(&demanding, seal(&demanding, &good, strong), "application/jwt"), None);
    assert_eq!(refused(&demanding, good.to_string().into_bytes(), "application/json"), encryption);
    // a response key in the clear, an `enc` that was not offered, compression, no key where one must be
    assert_eq!(refused(&open, good.to_string().into_bytes(), "application/json"), encryption);
    let weak = seal(&demanding, &good, ContentEncryption::A128Gcm);
    assert_eq!(refused(&demanding, weak, "application/jwt"), encryption);
    for (member, value) in [("zip", json!("DEF")), ("enc", json!("A128GCM"))] {
        let mut bad = good.clone();
        bad["credential_response_encryption"][member] = value;
        assert_eq!(refused(&demanding, seal(&demanding, &bad, strong), "application/jwt"), encryption);
    }
    let bare = json!({ "transaction_id": "t" });
    assert_eq!(refused(&demanding, seal(&demanding, &bare, strong), "application/jwt"), encryption);
    assert_eq!(refused(&open, bare.to_string().into_bytes(), "application/json"), None);
    assert_eq!(refused(&open, seal(&open, &bare, strong), "application/jwt"), None);
}
