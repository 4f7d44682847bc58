//! What the issuer's side refuses: one case for each check of a key proof, a pushed request, a code, a token.

use crate::common::*;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use openid4vci::holder::*;
use openid4vci::issuer::*;
use openid4vci::key_proof::{self, KeyProofError, ProofContent};

use openid4vci::oauth::OAuthErrorCode;
use primitives::http::Request;
use primitives::test_support::SequenceEntropy;
use serde_json::{Map, Value, json};
use url::Url;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A token for `resident`, and requests with it.
struct Session {
    world: World,
    authorized: Authorized,
    keys: HolderKeys,
}

impl Session {
    fn new() -> Self {
        let mut world = World::new();
        let authorized = world.authorized(&["resident"]);
        let keys = world.keys(1);
        Self { world, authorized, keys }
    }

    /// The credential request that the holder would send.
    fn request(&mut self) -> Request {
        let paper = self.authorized.papers()[0].clone();
        let exchange = self.authorized.clone().request_credential(
            &paper,
            self.keys.clone(),
            None,
            &self.world.context(),
        );
        let exchange = exchange.unwrap();
        let nonce = self.world.answer(&exchange.request(&self.world.context()).unwrap());
        let Step::Again(exchange) = exchange.receive(&nonce, &self.world.context()).unwrap() else {
            panic!()
        };
        exchange.request(&self.world.context()).unwrap()
    }

    fn refusal(&mut self, alter: impl FnOnce(&mut Request)) -> (u16, OAuthErrorCode, RefusalCause) {
        let mut request = self.request();
        alter(&mut request);
        let refusal = self.world.try_answer(&request).unwrap_err();
        (refusal.status, refusal.code, refusal.cause)
    }

    fn body_refusal(&mut self, alter: impl FnOnce(&mut Value)) -> (u16, OAuthErrorCode, RefusalCause) {
        self.refusal(|request| {
            let mut body: Value = serde_json::from_slice(&request.body).unwrap();
            alter(&mut body);
            request.body = body.to_string().into_bytes();
        })
    }
}

// rule: DP-20, DP-22
#[test]
fn a_token_is_taken_under_dpop_alone_and_with_its_proof() {
    let mut session = Session::new();
    let request = session.request();
    assert!(session.world.try_answer(&request).is_ok());
    let token = request.header("authorization").unwrap().strip_prefix("DPoP ").unwrap().to_owned();
    let set = |name: &'static str, value: String| {
        move |request: &mut Request| *request = request.clone().with_header(name, value)
    };
    let (status, code, cause) = session.refusal(set("authorization", format!("Bearer {token}")));
    assert_eq!((status, code, cause), (401, OAuthErrorCode::InvalidToken, RefusalCause::Scheme));
    let mut request = session.request();
    request = request.with_header("authorization", format!("dpop {token}"));
    assert!(session.world.try_answer(&request).is_ok(), "the scheme is compared without case");
    let (status, code, _) = session.refusal(set("authorization", "DPoP unknown".into()));
    assert_eq!((status, code), (401, OAuthErrorCode::InvalidToken));
    let (status, code, _) = session.refusal(|request| request.headers.retain(|(name, _)| name != "dpop"));
    assert_eq!((status, code), (401, OAuthErrorCode::InvalidDpopProof));
    // a proof by another key
    let other = PrivateKey::generate(&session.world.entropy).unwrap();
    let nonce = session.world.gate.dpop_nonce(now(), &session.world.entropy).unwrap();
    let request = session.request();
    let target = openid4vci::dpop::Target { method: request.method, url: &request.url };
    let proof = openid4vci::dpop::proof(
        &other,
        &target,
        nonce.as_deref(),
        Some(&token),
        now(),
        &session.world.entropy,
    );
    let refusal = session.world.try_answer(&request.clone().with_header("dpop", proof.unwrap())).unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Dpop(openid4vci::dpop::DpopError::TokenKey));
    assert_eq!(refusal.to_response().status, 401);
}

// rule: DP-10
#[test]
fn a_refused_nonce_comes_with_a_fresh_one() {
    let mut session = Session::new();
    let request = session.request();
    let target = openid4vci::dpop::Target { method: request.method, url: &request.url };
    let key = PrivateKey::generate(&session.world.entropy).unwrap();
    let proof =
        openid4vci::dpop::proof(&key, &target, None, Some("x"), now(), &session.world.entropy).unwrap();
    let response = session.world.answer(&request.clone().with_header("dpop", proof));
    assert_eq!(response.status, 401);
    assert!(response.header("www-authenticate").unwrap().contains("use_dpop_nonce"));
    assert!(response.header("dpop-nonce").is_some());
}

// rule: CI-10
#[test]
fn a_request_names_one_of_identifier_and_configuration_and_one_that_was_granted() {
    let mut session = Session::new();
    let (_, code, _) = session.body_refusal(|body| body["credential_identifier"] = json!("x"));
    assert_eq!(code, OAuthErrorCode::InvalidCredentialRequest);
    let (_, code, _) = session.body_refusal(|body| {
        body.as_object_mut().unwrap().shift_remove("credential_configuration_id");
    });
    assert_eq!(code, OAuthErrorCode::InvalidCredentialRequest);
    let (_, code, cause) =
        session.body_refusal(|body| body["credential_configuration_id"] = json!("licence"));
    assert_eq!((code, cause), (OAuthErrorCode::UnknownCredentialConfiguration, RefusalCause::NotAuthorized));
}

// rule: CI-15
#[test]
fn the_number_of_proofs_and_their_keys_are_checked() {
    let mut session = Session::new();
    let count = (400, OAuthErrorCode::InvalidProof, RefusalCause::ProofCount);
    assert_eq!(
        session.body_refusal(|body| drop(body.as_object_mut().unwrap().shift_remove("proofs"))),
        count
    );
    assert_eq!(session.body_refusal(|body| body["proofs"] = json!({ "jwt": [] })), count);
    assert_eq!(session.body_refusal(|body| body["proofs"]["attestation"] = json!(["x"])), count);
    let twice = |body: &mut Value| {
        let proof = body["proofs"]["jwt"][0].clone();
        body["proofs"]["jwt"].as_array_mut().unwrap().push(proof);
    };
    assert_eq!(session.body_refusal(twice), count, "the same key twice");
    let six = |body: &mut Value| {
        let proof = body["proofs"]["jwt"][0].clone();
        body["proofs"]["jwt"] = json!([proof, proof, proof, proof, proof, proof]);
    };
    assert_eq!(session.body_refusal(six), count);
}

// rule: CI-14
#[test]
fn a_c_nonce_is_taken_once_and_only_if_it_was_given() {
    let mut session = Session::new();
    let request = session.request();
    assert!(session.world.try_answer(&request).is_ok());
    let body = request.body.clone();
    let (_, code, cause) = session.refusal(|it| it.body = body);
    assert_eq!((code, cause), (OAuthErrorCode::InvalidNonce, RefusalCause::Nonce));
}

/// A key proof, to be altered.
struct Proof {
    key: PrivateKey,
    header: HeaderBuilder,
    payload: Map<String, Value>,
}

impl Proof {
    fn new() -> Self {
        let key = PrivateKey::generate(&SequenceEntropy::new(3)).unwrap();
        let header = HeaderBuilder::new(key_proof::PROOF_TYP).jwk(&key.public_key().to_jwk());
        let payload =
            object(json!({ "aud": ISSUER, "iat": now().unix_seconds(), "nonce": "n", "iss": CLIENT_ID }));
        Self { key, header, payload }
    }

    fn check_for(&self, client_id: Option<&str>) -> Result<(), KeyProofError> {
        let proof = self.header.clone().sign_claims(&self.payload, &self.key).unwrap();
        let expectation =
            key_proof::Expectation { issuer: ISSUER, client_id, nonce_required: true, now: now() };
        key_proof::verify(&proof, &expectation)
            .map(|verified| assert_eq!(verified.key(), &self.key.public_key()))
    }

    fn check(&self) -> Result<(), KeyProofError> {
        self.check_for(Some(CLIENT_ID))
    }
}

// rule: CI-16
#[test]
fn a_key_proof_that_does_not_hold_is_refused() {
    use KeyProofError as Error;
    use crypto::jws::JwsError;
    assert_eq!(Proof::new().check(), Ok(()));
    let set = |name: &str, value: Value| {
        let mut proof = Proof::new();
        proof.payload.insert(name.into(), value);
        proof.check()
    };
    assert_eq!(set("aud", json!("https://other.example")), Err(Error::Audience));
    assert_eq!(set("aud", json!([ISSUER, "https://other.example"])), Err(Error::Audience));
    assert_eq!(set("iss", json!("other")), Err(Error::Issuer));
    assert_eq!(set("iat", json!(now().unix_seconds() - 301)), Err(Error::Time));
    assert_eq!(set("iat", json!(now().unix_seconds() + 301)), Err(Error::Time));
    assert_eq!(set("iat", json!(now().unix_seconds() - 300)), Ok(()));
    assert_eq!(set("iat", json!(now().unix_seconds() + 300)), Ok(()));
    assert_eq!(set("iat", json!("x")), Err(Error::Time));
    assert_eq!(set("nonce", json!(7)), Err(Error::NonceMissing));
    assert_eq!(Proof::new().check_for(None), Err(Error::Issuer), "no name for an anonymous client");
    let head = |alter: &dyn Fn(&Proof) -> HeaderBuilder| {
        let mut proof = Proof::new();
        proof.header = alter(&proof);
        proof.check()
    };
    let jwk = |it: &Proof| it.key.public_key().to_jwk();
    assert_eq!(head(&|it| HeaderBuilder::new("jwt").jwk(&jwk(it))), Err(Error::Jwt(JwsError::Type)));
    assert_eq!(head(&|_| HeaderBuilder::new(key_proof::PROOF_TYP)), Err(Error::Key));
    assert_eq!(head(&|it| it.header.clone().kid("k")), Err(Error::Key));
    let other = PrivateKey::generate(&SequenceEntropy::new(4)).unwrap().public_key().to_jwk();
    let foreign = head(&|_| HeaderBuilder::new(key_proof::PROOF_TYP).jwk(&other));
    assert_eq!(foreign, Err(Error::Jwt(JwsError::Signature)));
    let private = head(&|it| {
        let mut value = jwk(it).to_value();
        value["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");
        HeaderBuilder::new(key_proof::PROOF_TYP).member("jwk", value)
    });
    assert_eq!(private, Err(Error::Jwt(JwsError::HeaderKey)));
}

// rule: CI-16
#[test]
fn the_holders_key_proof_passes() {
    let key = PrivateKey::generate(&SequenceEntropy::new(5)).unwrap();
    let content =
        ProofContent { issuer: ISSUER, nonce: Some("n"), client_id: None, key_attestation: None, now: now() };
    let proof = key_proof::proof(&key, &content).unwrap();
    let expectation =
        key_proof::Expectation { issuer: ISSUER, client_id: None, nonce_required: true, now: now() };
    assert_eq!(key_proof::verify(&proof, &expectation).unwrap().nonce(), Some("n"));
}

/// A session that waits for the browser, and its world.
fn waiting(world: &mut World) -> AwaitingCallback {
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let client = world.client();
    let redirect = Url::parse(REDIRECT).unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    world.drive(pushed).unwrap()
}

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

fn with_field(request: &mut Request, name: &str, value: Option<&str>) {
    let mut fields = form(request);
    fields.retain(|(key, _)| key != name);
    fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    request.body =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
}

/// The last token request that the world saw for a code that was approved, altered and sent with fresh proofs.
fn token_refusal(name: &str, value: Option<&str>) -> RefusalCause {
    let mut world = World::new();
    let waiting = waiting(&mut world);
    let back = world.browse(&waiting.page().clone(), true);
    let exchange = waiting.receive(&back).unwrap();
    let mut cause = None;
    let mut exchange = exchange;
    for _ in 0..6 {
        let mut request = exchange.request(&world.context()).unwrap();
        if request.url.path() == "/token" {
            with_field(&mut request, name, value);
        }
        let response = match world.try_answer(&request) {
            Ok(response) => response,
            Err(refusal) => {
                cause = Some(refusal.cause.clone());
                refusal.to_response()
            }
        };
        match exchange.receive(&response, &world.context()) {
            Ok(Step::Again(next)) => exchange = next,
            Ok(Step::Done(_)) => panic!("accepted"),
            Err(_) => break,
        }
    }
    cause.unwrap()
}

// rule: CI-8
#[test]
fn a_code_is_redeemed_with_its_verifier_its_redirect_uri_and_by_its_client() {
    let other = "a".repeat(43);
    assert_eq!(token_refusal("code_verifier", Some(&other)), RefusalCause::CodeVerifier);
    assert_eq!(token_refusal("code_verifier", Some("short")), RefusalCause::CodeVerifier);
    assert_eq!(token_refusal("code_verifier", None), RefusalCause::Malformed);
    assert_eq!(token_refusal("redirect_uri", Some("http://127.0.0.1:1/")), RefusalCause::RedirectUri);
    assert_eq!(token_refusal("client_id", Some("other")), RefusalCause::Client(None));
    assert_eq!(token_refusal("code", Some("other")), RefusalCause::UnknownOrExpired);
    assert_eq!(token_refusal("grant_type", Some("password")), RefusalCause::GrantType);
}

// rule: DP-21
#[test]
fn a_code_is_redeemed_by_the_key_that_it_is_bound_to() {
    let mut world = World::new();
    let waiting = waiting(&mut world);
    let back = world.browse(&waiting.page().clone(), true);
    let code = world.codes.values().next().unwrap().clone();
    let mut exchange = waiting.receive(&back).unwrap();
    // up to the request with the nonce, which shows form and attestation as they are sent
    let request = loop {
        let request = exchange.request(&world.context()).unwrap();
        if request.url.path() == "/token" {
            break request;
        }
        let response = world.answer(&request);
        let Ok(Step::Again(next)) = exchange.receive(&response, &world.context()) else { panic!() };
        exchange = next;
    };
    let inbound = Inbound::of(&request);
    let client = world.gate.client(&inbound, now(), &world.entropy).unwrap();
    let parsed = TokenRequest::parse(&inbound).unwrap();
    let mut open = Gate::new(
        identifier(),
        GatePolicy { require_attestation: false, require_challenge: false, require_dpop_nonce: false },
        trust::AnchorStore::new(),
    );
    let own = open.proof(&inbound, None, now(), &world.entropy).unwrap();
    let key = PrivateKey::generate(&world.entropy).unwrap();
    let target = openid4vci::dpop::Target { method: request.method, url: &request.url };
    let proof = openid4vci::dpop::proof(&key, &target, None, None, now(), &world.entropy).unwrap();
    let foreign = request.clone().with_header("dpop", proof);
    let foreign = open.proof(&Inbound::of(&foreign), None, now(), &world.entropy).unwrap();
    let redeem = |proof, client, at| code.clone().redeem(&parsed, client, proof, at).map_err(|it| it.cause);
    assert!(redeem(&own, client.as_ref(), now()).is_ok());
    // An attestation names the client; said beside it, the name has to be the same one.
    let naming = |name: Option<&str>| {
        let mut naming = parsed.clone();
        let TokenRequest::AuthorizationCode { client_id, .. } = &mut naming else { panic!() };
        *client_id = name.map(str::to_owned);
        code.clone().redeem(&naming, client.as_ref(), &own, now()).map(|_| ()).map_err(|it| it.cause)
    };
    assert_eq!(naming(None), Ok(()));
    assert_eq!(naming(Some("other")), Err(RefusalCause::Client(None)));
    assert_eq!(redeem(&foreign, client.as_ref(), now()), Err(RefusalCause::CodeKey));
    assert_eq!(redeem(&own, None, now()), Err(RefusalCause::Client(None)), "the attestation was left away");
    assert_eq!(redeem(&own, client.as_ref(), now() + CODE_SECONDS), Err(RefusalCause::UnknownOrExpired));
}

// rule: CI-8, HA-3
#[test]
fn a_pushed_request_that_does_not_hold_is_refused() {
    let refusal = |name: &str, value: Option<&str>| {
        let mut world = World::new();
        let resolved = world.resolve(world.code_offer(&["resident"]));
        let client = world.client();
        let redirect = Url::parse(REDIRECT).unwrap();
        let exchange = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
        let challenge = world.answer(&exchange.request(&world.context()).unwrap());
        let Ok(Step::Again(exchange)) = exchange.receive(&challenge, &world.context()) else { panic!() };
        let mut request = exchange.request(&world.context()).unwrap();
        assert_eq!(request.url.path(), "/par");
        with_field(&mut request, name, value);
        world.try_answer(&request).map(|_| ()).map_err(|refusal| (refusal.code, refusal.cause))
    };
    use OAuthErrorCode as Code;
    assert_eq!(refusal("unknown", Some("x")), Ok(()), "unknown parameters are ignored");
    let malformed = Err((Code::InvalidRequest, RefusalCause::Malformed));
    assert_eq!(refusal("code_challenge", None), malformed);
    assert_eq!(refusal("code_challenge", Some("x")), malformed);
    assert_eq!(refusal("code_challenge_method", Some("plain")), malformed);
    assert_eq!(refusal("code_challenge_method", None), malformed);
    assert_eq!(refusal("request_uri", Some("urn:x")), malformed);
    assert_eq!(refusal("redirect_uri", None), malformed);
    for bad in ["javascript:alert(1)", "http://a.example/", "https://a.example/#x", "data:x"] {
        assert_eq!(refusal("redirect_uri", Some(bad)), malformed, "{bad}");
    }
    assert_eq!(refusal("client_id", Some("other")), Err((Code::InvalidClient, RefusalCause::Client(None))));
    let response_type = Err((Code::UnsupportedResponseType, RefusalCause::GrantType));
    assert_eq!(refusal("response_type", Some("token")), response_type);
    assert_eq!(refusal("scope", Some("unknown")), Err((Code::InvalidScope, RefusalCause::Scope)));
    let details = Err((Code::InvalidAuthorizationDetails, RefusalCause::Scope));
    assert_eq!(refusal("authorization_details", Some("[{}]")), details);
}

// rule: CI-8
#[test]
fn a_page_is_shown_for_the_pushed_request_and_its_client_until_it_expires() {
    let mut world = World::new();
    let waiting = waiting(&mut world);
    let pushed = world.pushed.values().next().unwrap().clone();
    assert!(pushed.open(waiting.page(), now()).is_ok());
    assert!(pushed.open(waiting.page(), now() + REQUEST_URI_SECONDS).is_err());
    let other = Url::parse(&waiting.page().as_str().replace("wallet.example", "other.example")).unwrap();
    assert!(pushed.open(&other, now()).is_err());
}

// rule: CI-12, HA-3
#[test]
fn a_client_without_an_attestation_is_refused_at_both_endpoints() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    let resolved = world.resolve(offer);
    let client = Client::public(CLIENT_ID.into(), world.dpop_key());
    let error = world.drive(resolved.pre_authorized(client.clone(), &[], None).unwrap()).unwrap_err();
    assert_eq!(primitives::Refusal::code(&error), OAuthErrorCode::InvalidClient.stable_code());
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let redirect = Url::parse(REDIRECT).unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let error = world.drive(pushed).unwrap_err();
    assert_eq!(primitives::Refusal::code(&error), OAuthErrorCode::InvalidClient.stable_code());
}

// rule: CI-23
#[test]
fn a_notification_is_well_formed() {
    let parse = |body: Value| {
        let request = Request::post_json(Url::parse("https://a.example/n").unwrap(), &body);
        Notification::parse(&Inbound::of(&request)).map_err(|refusal| refusal.code)
    };
    assert!(parse(json!({ "notification_id": "x", "event": "credential_deleted", "more": 1 })).is_ok());
    let refused = Err(OAuthErrorCode::InvalidNotificationRequest);
    assert_eq!(parse(json!({ "notification_id": "x", "event": "CREDENTIAL_DELETED" })), refused);
    assert_eq!(parse(json!({ "event": "credential_deleted" })), refused);
    let quoted = json!({ "notification_id": "x", "event": "credential_deleted", "event_description": "\"" });
    assert_eq!(parse(quoted), refused);
}
