//! What ends, what belongs to whom, and what was not granted.

use crate::common::*;
use crypto::{PrivateKey, Signer};
use openid4vci::dpop::{self, Target};
use openid4vci::holder::*;
use openid4vci::http::AnswerError;
use openid4vci::issuer::*;
use openid4vci::key_proof::{self, ProofContent};
use openid4vci::metadata::{IssuerMetadata, SignedMetadataError, verify_signed_metadata};
use openid4vci::oauth::OAuthErrorCode;
use openid4vci::replay::ReplayMemory;
use openid4vci::wire::WireError;
use primitives::http::{Method, Request, Response};
use serde_json::{Value, json};
use url::Url;

fn credential_exchange(world: &mut World, keys: usize) -> CredentialExchange {
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(keys);
    authorized.request_credential(&paper, keys, None, &world.context()).unwrap()
}

// rule: CI-10
#[test]
fn a_paper_that_was_not_granted_is_not_asked_for() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    assert_eq!(authorized.batch_size(), 5, "as many copies as the issuer's metadata say");
    assert_eq!(world.client().attestation().unwrap().client_id(), CLIENT_ID);
    for (id, identifier) in [("licence", None), ("resident", Some("other".to_owned())), ("unknown", None)] {
        let paper = PaperRequest { configuration_id: id.into(), credential_identifier: identifier };
        let failure = authorized.clone().request_credential(&paper, world.keys(1), None, &world.context());
        assert_eq!(failure.unwrap_err().error, CredentialError::PaperNotAuthorized);
    }
}

// rule: CI-22
#[test]
fn an_answer_for_another_transaction_is_refused() {
    let mut world = World::new();
    world.mode.deferred = true;
    let exchange = credential_exchange(&mut world, 1);
    let Outcome::Deferred(session) = world.drive(exchange).unwrap().outcome else { panic!() };
    let failure =
        world.drive_altered(session.poll(&crypto::SystemEntropy).unwrap(), |request, response| match request
            .url
            .path()
        {
            "/deferred" => Response::of_json(202, &json!({ "transaction_id": "other", "interval": 5 })),
            _ => response,
        });
    let failure = failure.unwrap_err();
    assert_eq!(failure.error, CredentialError::TransactionChanged);
    assert!(failure.session.is_some());
}

// rule: CI-20, CI-22
#[test]
fn a_response_between_credentials_and_deferral_is_refused() {
    for (status, body, wrong) in [
        (200, json!({ "credentials": [{ "credential": "x" }], "transaction_id": "t" }), "credentials"),
        (200, json!({ "transaction_id": "t", "interval": 5 }), "credentials"),
        (200, json!({ "credentials": vec![json!({ "credential": "x" }); 201] }), "credentials"),
        (200, json!({ "credentials": vec![json!({ "credential": "x" }); 202] }), "credentials"),
        (202, json!({ "credentials": [{ "credential": "x" }] }), "transaction_id"),
        (202, json!({ "transaction_id": "t", "interval": 0 }), "interval"),
        (202, json!({ "transaction_id": "t", "interval": 1e12 }), "interval"),
        (200, json!({}), "credentials"),
    ] {
        let mut world = World::new();
        let exchange = credential_exchange(&mut world, 1);
        let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/credential" => Response::of_json(status, &body),
            _ => response,
        });
        let wrong = AnswerError::Malformed(WireError::Member(wrong));
        assert_eq!(failure.unwrap_err().error, CredentialError::Answer(wrong), "{status} {body}");
    }
    for (status, count) in [(201, 1), (200, 200)] {
        let mut world = World::new();
        let exchange = credential_exchange(&mut world, 1);
        let body = json!({ "credentials": vec![json!({ "credential": "x" }); count] });
        let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/credential" => Response::of_json(status, &body),
            _ => response,
        });
        let error = failure.unwrap_err().error;
        let malformed = matches!(error, CredentialError::Answer(AnswerError::Malformed(_)));
        assert!(!malformed, "as many as there may be are looked at, and a status is judged first: {error:?}");
    }
}

// rule: CI-11
#[test]
fn an_access_token_ends() {
    let mut world = World::new();
    world.authorized(&["resident"]);
    let access = world.tokens.values().next().unwrap().clone();
    let exchange = credential_exchange(&mut world, 1);
    let nonce = world.answer(&exchange.request(&world.context()).unwrap());
    let Step::Again(exchange) = exchange.receive(&nonce, &world.context()).unwrap() else { panic!() };
    let request = exchange.request(&world.context()).unwrap();
    let inbound = Inbound::of(&request);
    let own = world.tokens[&AccessToken::key_of_request(&inbound).unwrap()].clone();
    let mut authorize = |access: &AccessToken, at| {
        access.authorize(&mut world.gate, &inbound, at, &world.entropy).map_err(|it| it.cause)
    };
    assert_eq!(authorize(&access, now()), Err(RefusalCause::UnknownOrExpired), "another token");
    assert_eq!(authorize(&own, own.expires_at()), Err(RefusalCause::UnknownOrExpired));
    assert_eq!(authorize(&own, now()), Ok(()));
}

// rule: CI-9
#[test]
fn a_pre_authorized_code_ends_and_belongs_to_a_client_with_a_name() {
    let world = World::new();
    let granted = Granted {
        subject: "p1".into(),
        configuration_ids: vec!["resident".into()],
        credential_identifiers: Vec::new(),
        client_id: None,
    };
    let grant = |anonymous| {
        PreAuthorizedGrant::issue(granted.clone(), None, anonymous, 60, now(), &world.entropy).unwrap()
    };
    let request = |grant: &PreAuthorizedGrant, client_id: Option<&str>| TokenRequest::PreAuthorized {
        code: grant.code().into(),
        transaction_code: None,
        client_id: client_id.map(str::to_owned),
    };
    let redeem = |grant: PreAuthorizedGrant, client_id, at| {
        let request = request(&grant, client_id);
        grant.redeem(&request, None, at).map_err(|(again, refusal)| (again.is_some(), refusal.code))
    };
    assert!(redeem(grant(false), Some(CLIENT_ID), now()).is_ok());
    assert!(redeem(grant(true), None, now()).is_ok());
    assert_eq!(redeem(grant(false), None, now()), Err((true, OAuthErrorCode::InvalidClient)));
    assert_eq!(redeem(grant(true), None, now() + 60), Err((false, OAuthErrorCode::InvalidGrant)));
    let (one, other) = (grant(true), grant(true));
    let foreign =
        one.redeem(&request(&other, None), None, now()).map_err(|(again, it)| (again.is_some(), it.code));
    assert_eq!(foreign, Err((false, OAuthErrorCode::InvalidGrant)));
}

// rule: HA-3
#[test]
fn a_client_that_names_itself_otherwise_than_its_attestation_is_refused() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    let resolved = world.resolve(offer);
    let client = world.client();
    let mut exchange = resolved.pre_authorized(client, &[], None).unwrap();
    let mut cause = None;
    for _ in 0..6 {
        let mut request = exchange.request(&world.context()).unwrap();
        if request.url.path() == "/token" {
            let body = String::from_utf8(request.body).unwrap();
            request.body =
                body.replace("client_id=https%3A%2F%2Fwallet", "client_id=https%3A%2F%2Fother").into();
        }
        let response = world.try_answer(&request).unwrap_or_else(|refusal| {
            cause = Some(refusal.cause.clone());
            refusal.to_response()
        });
        match exchange.receive(&response, &world.context()) {
            Ok(Step::Again(next)) => exchange = next,
            Ok(Step::Done(_)) => panic!("accepted"),
            Err(_) => break,
        }
    }
    assert_eq!(cause, Some(RefusalCause::Client(None)));
}

// rule: DP-21
#[test]
fn a_proof_and_a_dpop_jkt_that_differ_are_refused() {
    let mut world = World::new();
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let client = world.client();
    let redirect = Url::parse(REDIRECT).unwrap();
    let exchange = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let challenge = world.answer(&exchange.request(&world.context()).unwrap());
    let Ok(Step::Again(exchange)) = exchange.receive(&challenge, &world.context()) else { panic!() };
    let request = exchange.request(&world.context()).unwrap();
    let key = PrivateKey::generate(&world.entropy).unwrap();
    let target = Target { method: Method::Post, url: &request.url };
    let nonce = world.gate.dpop_nonce(now(), &world.entropy).unwrap();
    let proof = dpop::proof(&key, &target, nonce.as_deref(), None, now(), &world.entropy).unwrap();
    let refusal = world.try_answer(&request.clone().with_header("dpop", proof)).unwrap_err();
    assert_eq!((refusal.code, refusal.cause), (OAuthErrorCode::InvalidDpopProof, RefusalCause::CodeKey));
}

fn with_body(alter: impl FnOnce(&mut World, &mut Value)) -> Result<(), (OAuthErrorCode, RefusalCause)> {
    let mut world = World::new();
    let exchange = credential_exchange(&mut world, 1);
    let nonce = world.answer(&exchange.request(&world.context()).unwrap());
    let Step::Again(exchange) = exchange.receive(&nonce, &world.context()).unwrap() else { panic!() };
    let mut request = exchange.request(&world.context()).unwrap();
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    alter(&mut world, &mut body);
    request.body = body.to_string().into_bytes();
    world.try_answer(&request).map(|_| ()).map_err(|refusal| (refusal.code, refusal.cause))
}

// rule: CI-14
#[test]
fn all_proofs_of_a_request_have_its_one_nonce() {
    let second = |nonce: fn(&mut World) -> String| {
        with_body(|world, body| {
            let nonce = nonce(world);
            let key = PrivateKey::generate(&world.entropy).unwrap();
            let content = ProofContent {
                issuer: ISSUER,
                nonce: Some(&nonce),
                client_id: Some(CLIENT_ID),
                key_attestation: None,
                now: now(),
            };
            let proof = key_proof::proof(&key, &content).unwrap();
            body["proofs"]["jwt"].as_array_mut().unwrap().push(json!(proof));
        })
    };
    let refused = Err((OAuthErrorCode::InvalidNonce, RefusalCause::Nonce));
    assert_eq!(second(|_| "never given".into()), refused);
    assert_eq!(second(|world| world.nonces.issue(now(), &world.entropy).unwrap()), refused);
}

// rule: CI-24
#[test]
fn a_plain_request_cannot_ask_for_an_encrypted_response() {
    let refused = with_body(|world, body| {
        // on offer, so that nothing but the missing encryption of the request stands against it
        world.metadata.response_encryption = Some(openid4vci::metadata::ResponseEncryption {
            algorithms: vec!["ECDH-ES".into()],
            encryptions: vec!["A128GCM".into()],
            required: false,
        });
        let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES");
        body["credential_response_encryption"] = json!({ "jwk": jwk, "enc": "A128GCM" });
    });
    assert_eq!(refused, Err((OAuthErrorCode::InvalidEncryptionParameters, RefusalCause::Encryption)));
}

// rule: CI-24
#[test]
fn a_plain_request_is_refused_where_encryption_is_required() {
    let refused = with_body(|world, _| {
        let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES").with_kid("r");
        let mut json = issuer_json();
        json["credential_request_encryption"] = json!({ "jwks": { "keys": [jwk] }, "enc_values_supported": ["A128GCM"], "encryption_required": true });
        world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    });
    assert_eq!(refused, Err((OAuthErrorCode::InvalidEncryptionParameters, RefusalCause::Encryption)));
}

// rule: CI-9
#[test]
fn a_form_with_a_parameter_twice_is_refused() {
    let url = Url::parse("https://garam.example/token").unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "a"), ("refresh_token", "b")];
    let request = Request::post_form(url, fields);
    assert_eq!(TokenRequest::parse(&Inbound::of(&request)).unwrap_err().cause, RefusalCause::Malformed);
}

// rule: CI-7
#[test]
fn authorization_details_name_the_issuer_where_it_lists_servers() {
    let push = |locations: Value| {
        let mut world = World::new();
        let mut json = issuer_json();
        json["authorization_servers"] = json!([ISSUER]);
        world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        let policy =
            GatePolicy { require_attestation: false, require_challenge: false, require_dpop_nonce: false };
        world.gate = Gate::new(identifier(), policy, trust::AnchorStore::new());
        let details = json!([{ "type": "openid_credential", "credential_configuration_id": "resident", "locations": locations }]);
        let (challenge, details) = ("A".repeat(43), details.to_string());
        let fields = [
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("redirect_uri", REDIRECT),
            ("authorization_details", details.as_str()),
        ];
        let request = Request::post_form(Url::parse("https://garam.example/par").unwrap(), fields);
        world.try_answer(&request).map(|_| ()).map_err(|refusal| refusal.code)
    };
    assert_eq!(push(json!([ISSUER])), Ok(()));
    assert_eq!(push(json!(["https://other.example"])), Err(OAuthErrorCode::InvalidAuthorizationDetails));
    assert_eq!(push(Value::Null), Err(OAuthErrorCode::InvalidAuthorizationDetails));
}

/// Whether metadata hold that are signed with this changed in their payload.
fn signed(alter: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Result<bool, SignedMetadataError> {
    let world = World::new();
    let mut payload = world.metadata.to_json().as_object().unwrap().clone();
    payload.insert("sub".into(), json!(ISSUER));
    payload.insert("iat".into(), json!(now().unix_seconds() - 100));
    alter(&mut payload);
    let header = crypto::jws::HeaderBuilder::new(openid4vci::metadata::SIGNED_METADATA_TYP)
        .x5c(&world.issuer_party.chain.to_der());
    let jwt = header.sign_claims(&payload, &world.issuer_party.key).unwrap();
    verify_signed_metadata(jwt.as_bytes(), &identifier(), &world.anchors, now()).map(|it| it.signer.is_some())
}

// rule: CI-4
#[test]
fn signed_metadata_begin_and_end() {
    let with = |name: &'static str, seconds: i64| {
        signed(|payload| drop(payload.insert(name.into(), json!(now().unix_seconds() + seconds))))
    };
    assert_eq!(with("exp", 1), Ok(true));
    assert_eq!(with("exp", 0), Err(SignedMetadataError::Time));
    assert_eq!(with("iat", 300), Ok(true));
    assert_eq!(with("iat", 301), Err(SignedMetadataError::Time));
}

// rule: CI-4
#[test]
fn metadata_as_long_as_they_may_be_fit_into_their_signature() {
    let long = "x".repeat(openid4vci::wire::ISSUER_METADATA_MAX_BYTES - 16 * 1024);
    assert_eq!(signed(|payload| drop(payload.insert("other".into(), json!(long)))), Ok(true));
}

#[test]
fn configurations_and_the_names_of_their_types_are_bounded() {
    use openid4vci::metadata::CONFIGURATIONS_MAX;
    use openid4vci::wire::OPAQUE_MAX_BYTES;
    let parse = |metadata: &Value| IssuerMetadata::from_json(metadata.to_string().as_bytes(), &identifier());
    let configurations = |count: usize| {
        let mut metadata = issuer_json();
        let all = (0..count).map(|place| (place.to_string(), json!({ "format": "other" })));
        metadata["credential_configurations_supported"] = Value::Object(all.collect());
        metadata
    };
    assert_eq!(parse(&configurations(CONFIGURATIONS_MAX)).unwrap().configurations.len(), CONFIGURATIONS_MAX);
    assert!(parse(&configurations(CONFIGURATIONS_MAX + 1)).is_err());
    for (length, usable) in [(1, true), (OPAQUE_MAX_BYTES, true), (OPAQUE_MAX_BYTES + 1, false), (0, false)] {
        let mut metadata = issuer_json();
        metadata["credential_configurations_supported"]["resident"]["vct"] = json!("v".repeat(length));
        assert_eq!(parse(&metadata).unwrap().usable("resident").is_some(), usable, "{length}");
    }
}

// rule: DP-14
#[test]
fn what_was_seen_is_remembered_for_an_address_alone() {
    let mut memory = ReplayMemory::default();
    assert!(memory.first_time("dpop https://a.example/ j", now(), now() + 1));
    assert!(memory.first_time("dpop https://b.example/ j", now(), now() + 1));
}

// rule: CI-24
#[test]
fn a_response_under_another_encryption_than_asked_for_is_refused() {
    use crypto::jwe::{ContentEncryption, Jwe, PartyInfo, encrypt};
    let mut world = World::new();
    let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("r");
    let mut json = issuer_json();
    json["credential_request_encryption"] = json!({ "jwks": { "keys": [jwk] }, "enc_values_supported": ["A256GCM"], "encryption_required": true });
    json["credential_response_encryption"] = json!({ "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"], "encryption_required": true });
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    for (enc, error) in [
        (ContentEncryption::A128Gcm, CredentialError::Decryption),
        (ContentEncryption::A256Gcm, CredentialError::Refused(PaperRefused::Empty)),
    ] {
        let exchange = credential_exchange(&mut world, 1);
        let key = world.request_key.clone();
        let failure = world.drive_altered(exchange, |request, response| {
            if request.url.path() != "/credential" {
                return response;
            }
            let plain =
                Jwe::parse(std::str::from_utf8(&request.body).unwrap()).unwrap().decrypt(&key).unwrap();
            let body: Value = serde_json::from_slice(plain.expose()).unwrap();
            let jwk = crypto::PublicJwk::from_value(&body["credential_response_encryption"]["jwk"]).unwrap();
            let body = json!({ "credentials": [] }).to_string();
            let sealed = encrypt(&jwk, enc, &PartyInfo::default(), body.as_bytes(), &crypto::SystemEntropy);
            Response::new(200, sealed.unwrap()).with_header("content-type", "application/jwt")
        });
        assert_eq!(failure.unwrap_err().error, error);
    }
}
