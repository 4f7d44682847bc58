//! The wallet attestation and its proof: one refusal for each check.

use std::sync::Arc;

use crate::common::*;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use openid4vci::client_attestation::{
    self, ATTESTATION_TYP, AttestationContent, ClientAttestationError, Expectation, PROOF_TYP,
};
use openid4vci::holder::*;
use openid4vci::replay::{NonceBook, ReplayMemory};
use serde_json::{Map, Value, json};

/// An attestation and its proof, to be altered.
struct Attested {
    world: World,
    key: PrivateKey,
    attestation_header: HeaderBuilder,
    attestation: Map<String, Value>,
    attestation_key: PrivateKey,
    proof_header: HeaderBuilder,
    proof: Map<String, Value>,
    proof_key: PrivateKey,
    challenges: NonceBook,
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

impl Attested {
    fn new() -> Self {
        let world = World::new();
        let key = PrivateKey::generate(&world.entropy).unwrap();
        let mut challenges = NonceBook::new(60);
        let challenge = challenges.issue(now(), &world.entropy).unwrap();
        let seconds = now().unix_seconds();
        Self {
            attestation_header: HeaderBuilder::new(ATTESTATION_TYP).x5c(&world.provider.chain.to_der()),
            attestation: object(json!({
                "iss": "https://provider.example", "sub": CLIENT_ID, "exp": seconds + 3600,
                "cnf": { "jwk": key.public_key().to_jwk() },
            })),
            attestation_key: world.provider.key.clone(),
            proof_header: HeaderBuilder::new(PROOF_TYP),
            proof: object(
                json!({ "iss": CLIENT_ID, "aud": ISSUER, "jti": "j", "iat": seconds, "challenge": challenge }),
            ),
            proof_key: key.clone(),
            key,
            challenges,
            world,
        }
    }

    fn headers(&self) -> Vec<(String, String)> {
        let attestation =
            self.attestation_header.clone().sign_claims(&self.attestation, &self.attestation_key).unwrap();
        let proof = self.proof_header.clone().sign_claims(&self.proof, &self.proof_key).unwrap();
        vec![("OAuth-Client-Attestation".into(), attestation), ("OAuth-Client-Attestation-PoP".into(), proof)]
    }

    fn check(&mut self) -> Result<String, ClientAttestationError> {
        let headers = self.headers();
        self.check_headers(&headers, &mut ReplayMemory::default())
    }

    fn check_headers(
        &mut self,
        headers: &[(String, String)],
        replay: &mut ReplayMemory,
    ) -> Result<String, ClientAttestationError> {
        let expectation = Expectation {
            server: ISSUER,
            providers: self.world.gate.providers(),
            challenge: true,
            now: now(),
        };
        let verified = client_attestation::verify(headers, &expectation, &mut self.challenges, replay)?;
        assert_eq!(verified.key(), &self.key.public_key());
        Ok(verified.client_id().to_owned())
    }
}

fn altered(alter: impl FnOnce(&mut Attested)) -> ClientAttestationError {
    let mut case = Attested::new();
    alter(&mut case);
    case.check().unwrap_err()
}

// rule: CI-12
#[test]
fn an_attestation_that_holds_passes() {
    assert_eq!(Attested::new().check().unwrap(), CLIENT_ID);
}

// rule: CI-12
#[test]
fn an_attestation_holds_up_to_each_of_its_bounds() {
    let seconds = now().unix_seconds();
    let holds = |alter: &dyn Fn(&mut Attested)| {
        let mut case = Attested::new();
        alter(&mut case);
        case.check()
    };
    for (name, value) in [("exp", seconds + 1), ("nbf", seconds + 300), ("nbf", seconds)] {
        let checked = holds(&|it| drop(it.attestation.insert(name.into(), json!(value))));
        assert_eq!(checked.as_deref(), Ok(CLIENT_ID), "{name}");
    }
    for (name, value) in [
        ("iat", json!(seconds - 300)),
        ("iat", json!(seconds + 300)),
        ("exp", json!(seconds + 1)),
        ("jti", json!("j".repeat(1024))),
    ] {
        let checked = holds(&|it| drop(it.proof.insert(name.into(), value.clone())));
        assert_eq!(checked.as_deref(), Ok(CLIENT_ID), "{name}");
    }
    let long = altered(|it| drop(it.proof.insert("jti".into(), json!("j".repeat(1025)))));
    assert_eq!(long, ClientAttestationError::Replayed);
    let early = altered(|it| drop(it.attestation.insert("nbf".into(), json!(seconds + 301))));
    assert_eq!(early, ClientAttestationError::Expired);
}

// rule: CI-12
#[test]
fn an_attestation_is_there_once_with_its_proof() {
    let mut case = Attested::new();
    let headers = case.headers();
    let mut replay = ReplayMemory::default();
    for some in [&headers[..1], &headers[1..], &[headers.clone(), headers.clone()].concat()] {
        assert_eq!(case.check_headers(some, &mut replay), Err(ClientAttestationError::Missing));
    }
}

// rule: CI-12, HA-3
#[test]
fn an_attestation_that_does_not_hold_is_refused() {
    use ClientAttestationError as Error;
    let stranger = |it: &mut Attested| {
        it.attestation_header = HeaderBuilder::new(ATTESTATION_TYP).x5c(&it.world.stranger.chain.to_der());
        it.attestation_key = it.world.stranger.key.clone();
    };
    assert!(matches!(altered(stranger), Error::Chain(_)));
    // an issuer's anchor makes no wallet provider
    let issuer = |it: &mut Attested| {
        it.attestation_header =
            HeaderBuilder::new(ATTESTATION_TYP).x5c(&it.world.issuer_party.chain.to_der());
        it.attestation_key = it.world.issuer_party.key.clone();
    };
    assert!(matches!(altered(issuer), Error::Chain(_)));
    let other_key = |it: &mut Attested| it.attestation_key = it.key.clone();
    assert!(matches!(altered(other_key), Error::Attestation(crypto::jws::JwsError::Signature)));
    let typ = |it: &mut Attested| {
        it.attestation_header = HeaderBuilder::new("jwt").x5c(&it.world.provider.chain.to_der());
    };
    assert!(matches!(altered(typ), Error::Attestation(crypto::jws::JwsError::Type)));
    let no_chain = |it: &mut Attested| it.attestation_header = HeaderBuilder::new(ATTESTATION_TYP);
    assert_eq!(altered(no_chain), Error::Incomplete);
    for name in ["sub", "exp", "cnf"] {
        let without = |it: &mut Attested| drop(it.attestation.shift_remove(name));
        assert_eq!(altered(without), Error::Incomplete, "{name}");
    }
    let expired = |it: &mut Attested| drop(it.attestation.insert("exp".into(), json!(now().unix_seconds())));
    assert_eq!(altered(expired), Error::Expired);
    let early =
        |it: &mut Attested| drop(it.attestation.insert("nbf".into(), json!(now().unix_seconds() + 3000)));
    assert_eq!(altered(early), Error::Expired);
}

// rule: CI-12
#[test]
fn an_attestations_proof_that_does_not_hold_is_refused() {
    use ClientAttestationError as Error;
    let set = |name: &'static str, value: Value| altered(move |it| drop(it.proof.insert(name.into(), value)));
    let without = |name: &'static str| altered(move |it| drop(it.proof.shift_remove(name)));
    assert!(matches!(
        altered(|it| it.proof_key = it.world.provider.key.clone()),
        Error::Proof(crypto::jws::JwsError::Signature)
    ));
    assert!(matches!(
        altered(|it| it.proof_header = HeaderBuilder::new("jwt")),
        Error::Proof(crypto::jws::JwsError::Type)
    ));
    assert_eq!(set("aud", json!("https://other.example")), Error::Audience);
    assert_eq!(without("aud"), Error::Audience);
    assert_eq!(set("iss", json!("other")), Error::Issuer);
    assert_eq!(set("iat", json!(now().unix_seconds() - 301)), Error::Time);
    assert_eq!(set("iat", json!(now().unix_seconds() + 301)), Error::Time);
    assert_eq!(without("iat"), Error::Time);
    assert_eq!(set("exp", json!(now().unix_seconds())), Error::Time);
    assert_eq!(set("exp", json!("soon")), Error::Time);
    assert_eq!(set("challenge", json!("other")), Error::Challenge);
    assert_eq!(without("challenge"), Error::Challenge);
    assert_eq!(without("jti"), Error::Replayed);
}

// rule: CI-12
#[test]
fn an_attestations_proof_is_taken_once() {
    let mut case = Attested::new();
    let mut replay = ReplayMemory::default();
    assert!(case.check_headers(&case.headers(), &mut replay).is_ok());
    // with a fresh challenge, so that the identifier alone decides
    let challenge = case.challenges.issue(now(), &case.world.entropy).unwrap();
    case.proof.insert("challenge".into(), json!(challenge));
    assert_eq!(case.check_headers(&case.headers(), &mut replay), Err(ClientAttestationError::Replayed));
}

// rule: CI-12
#[test]
fn an_attestation_for_another_key_is_not_taken_by_the_wallet() {
    let world = World::new();
    let (one, other) = (
        PrivateKey::generate(&world.entropy).unwrap().public_key(),
        PrivateKey::generate(&world.entropy).unwrap(),
    );
    let content = AttestationContent {
        provider: "https://provider.example",
        client_id: CLIENT_ID,
        wallet_name: None,
        key: &one,
        issued_at: now(),
        expires_at: now() + 60,
    };
    let jwt = client_attestation::issue(&content, &world.provider.chain, &world.provider.key).unwrap();
    assert_eq!(ClientAttestation::new(jwt, Arc::new(other)).unwrap_err(), SigningFailed::Attestation);
    let codes =
        [SigningFailed::Key, SigningFailed::Entropy, SigningFailed::Attestation].map(SigningFailed::code);
    assert_eq!(codes, ["key_did_not_sign", "randomness_unavailable", "wallet_attestation_unusable"]);
}

/// The challenges in the attestation's proofs that were sent to this endpoint, and how often one was fetched.
fn challenges(world: &World, path: &str) -> (Vec<Value>, usize) {
    let proof = |request: &primitives::http::Request| {
        let proof = request.header(client_attestation::PROOF_HEADER).unwrap();
        let claims = crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap();
        claims.get("challenge").cloned().unwrap_or(Value::Null)
    };
    let fetched = world.log.iter().filter(|(at, _)| at == "/challenge").count();
    (world.sent.iter().filter(|it| it.url.path() == path).map(proof).collect(), fetched)
}

/// The answers of the token endpoint when it refuses so often with a demand of another challenge.
fn demanded(times: usize, header: bool, endpoint: bool) -> (World, bool) {
    let mut world = World::new();
    if !endpoint {
        world.server.challenge_endpoint = None;
    }
    let offer = world.offer(&["resident"], None);
    let resolved = world.resolve(offer);
    let client = world.client();
    let exchange = resolved.pre_authorized(client, &[], None).unwrap();
    let mut left = times;
    let done = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/token" if left > 0 => {
            left -= 1;
            let code = openid4vci::oauth::OAuthErrorCode::UseAttestationChallenge;
            let refusal = openid4vci::oauth::error_response(400, code);
            if header {
                refusal.with_header(client_attestation::CHALLENGE_HEADER, "another")
            } else {
                refusal
            }
        }
        _ => response,
    });
    (world, done.is_ok())
}

// rule: CI-12
#[test]
fn a_challenge_that_is_demanded_anew_comes_from_the_answer_or_else_from_the_endpoint_once() {
    let (world, _) = demanded(1, true, true);
    let (sent, fetched) = challenges(&world, "/token");
    assert_eq!((sent[1].clone(), fetched), (json!("another"), 1), "the answer brought it");
    let (world, done) = demanded(1, false, true);
    let (sent, fetched) = challenges(&world, "/token");
    assert!(done && fetched >= 2 && sent[0] != sent[1], "the endpoint was asked again");
    // neither has one
    let (world, done) = demanded(1, false, false);
    assert_eq!((challenges(&world, "/token").0.len(), done), (1, false));
    // and not for ever
    for header in [true, false] {
        let (world, done) = demanded(9, header, true);
        assert_eq!((challenges(&world, "/token").0.len(), done), (2, false));
    }
}

// rule: CI-12
#[test]
fn a_challenge_that_an_answer_brings_is_used_in_the_next_proof_instead_of_another() {
    let run = |bring: Option<&'static str>| {
        let mut world = World::new();
        let offer = world.code_offer(&["resident"]);
        let resolved = world.resolve(offer);
        let client = world.client();
        let redirect = url::Url::parse(REDIRECT).unwrap();
        let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
        let awaiting = world
            .drive_altered(pushed, |request, response| match (request.url.path(), bring) {
                ("/par", Some(challenge)) => {
                    response.with_header(client_attestation::CHALLENGE_HEADER, challenge)
                }
                _ => response,
            })
            .unwrap();
        let back = world.browse(&awaiting.page().clone(), true);
        let exchange = awaiting.receive(&back).unwrap();
        (exchange.request(&world.context()).unwrap(), world)
    };
    let (next, world) = run(None);
    assert_eq!(next.url.path(), "/challenge");
    let (at_par, _) = challenges(&world, "/par");
    assert!(at_par[0].is_string(), "the pushed request had one too");
    let (next, _) = run(Some("brought"));
    assert_eq!(next.url.path(), "/token");
    let proof = next.header(client_attestation::PROOF_HEADER).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap();
    assert_eq!(claims["challenge"], "brought");
}
