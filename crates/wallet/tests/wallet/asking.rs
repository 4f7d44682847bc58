//! Who asks without a certificate: DIDs, attested and registered clients, and unsigned requests behind an address.

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicJwk, Signer as _};
use primitives::base64url;
use serde_json::{Map, Value, json};
use wallet::view::*;

use crate::world::*;

const DID: &str = "did:web:rental.example";
const REQUEST_URI: &str = "https://rental.example/ask";
const RESPONSE_URI: &str = "https://rental.example/response";
const DOCUMENT: &str = "https://rental.example/.well-known/did.json";

fn key() -> PrivateKey {
    PrivateKey::generate(&entropy()).unwrap()
}

fn jwk(key: &PrivateKey) -> Value {
    PublicJwk::new(key.public_key()).to_value()
}

/// The claims of a request for a name.
fn claims(client_id: &str) -> Map<String, Value> {
    let claims = json!({
        "client_id": client_id,
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": RESPONSE_URI,
        "nonce": "n-0S6_WzA2Mj",
        "state": "s",
        "dcql_query": name_query(),
    });
    claims.as_object().unwrap().clone()
}

fn link(client_id: &str) -> String {
    format!("openid4vp://?client_id={client_id}&request_uri={REQUEST_URI}")
}

/// A verifier at `rental.example` that hands out this request and this DID document and takes every answer.
fn serve(world: &World, object: String, document: Option<Value>) {
    world.net.hook(move |request| match request.url.as_str() {
        REQUEST_URI => Act::Answer(
            primitives::http::Response::new(200, object.clone())
                .with_header("content-type", "application/oauth-authz-req+jwt"),
        ),
        RESPONSE_URI => Act::Answer(primitives::http::Response::of_json(200, &json!({}))),
        DOCUMENT => Act::Answer(match &document {
            Some(document) => primitives::http::Response::of_json(200, document),
            None => primitives::http::Response::new(404, ""),
        }),
        _ => Act::Pass,
    });
}

/// What was posted to the verifier.
fn posted(world: &World) -> Vec<String> {
    let log = world.net.log.lock().unwrap();
    let bodies =
        log.iter().filter(|request| request.url.as_str() == RESPONSE_URI).map(|request| &request.body);
    bodies.map(|body| String::from_utf8(body.clone()).unwrap()).collect()
}

fn world(change: impl FnOnce(&mut Value)) -> World {
    let world = World::bare(change);
    world.wallet.initialize().unwrap();
    world
}

fn by_did(world: &World, key: &PrivateKey) -> String {
    let client_id = format!("decentralized_identifier:{DID}");
    let header = HeaderBuilder::new("oauth-authz-req+jwt").kid(&format!("{DID}#k"));
    let object = header.sign_claims(&claims(&client_id), key).unwrap();
    let method = json!({ "id": format!("{DID}#k"), "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": jwk(key) });
    serve(world, object, Some(json!({ "id": DID, "verificationMethod": [method] })));
    link(&client_id)
}

// rule: VP-C5
#[test]
fn a_did_that_the_profile_does_not_know_is_shown_as_unknown_or_not_even_looked_up() {
    for word in ["warn", "refuse"] {
        let world = world(|profile| profile["unauthenticatedVerifiers"] = json!(word));
        run(async {
            world.receive(&["resident"]).await;
            let link = by_did(&world, &key());
            if word == "refuse" {
                let refusal = world.started_refusal(&link).await;
                assert_eq!(refusal.code, "request_did_unknown");
                assert_eq!(refusal.rule.as_deref(), Some("VP-C5"));
                assert!(!refusal.can_tell && refusal.session_id.is_none());
                assert_eq!(world.net.calls("did.json"), 0);
                assert!(posted(&world).is_empty());
                return;
            }
            let consent = world.consent(&link).await;
            assert_eq!(world.net.calls("did.json"), 1);
            assert!(consent.recipient.trust == PartyTrust::Unauthenticated);
            assert!(consent.recipient.name.is_none() && consent.recipient.host == "rental.example");
            assert!(consent.must_acknowledge.contains(&Acknowledgement::Unauthenticated));
            world.sent(&consent).await;
            assert_eq!(posted(&world).len(), 1);
        });
    }
}

// rule: VP-C5
#[test]
fn a_did_that_the_profile_knows_has_the_name_that_the_profile_gives_it() {
    let world = world(|profile| {
        profile["unauthenticatedVerifiers"] = json!("refuse");
        profile["knownVerifiers"] =
            json!({ "dids": [{ "did": DID, "name": { "ko": "대여점", "en": "Rental" } }] });
    });
    run(async {
        world.receive(&["resident"]).await;
        let consent = world.consent(&by_did(&world, &key())).await;
        assert!(consent.recipient.trust == PartyTrust::Authenticated);
        assert!(consent.recipient.source == RecipientSource::Profile);
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("대여점"));
        // Authenticated is not registered: purpose and retention are not stated, and each takes a yes of its own.
        for what in [Acknowledgement::Purpose, Acknowledgement::Retention, Acknowledgement::Unregistered] {
            assert!(consent.must_acknowledge.contains(&what), "{what:?}");
        }
    });
}

// rule: VP-C5
#[test]
fn a_did_document_that_does_not_hold_refuses_the_request_in_silence() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let signer = key();
        let client_id = format!("decentralized_identifier:{DID}");
        let header = || HeaderBuilder::new("oauth-authz-req+jwt").kid(&format!("{DID}#k"));
        let method = |key: &PrivateKey| json!({ "id": format!("{DID}#k"), "controller": DID, "publicKeyJwk": jwk(key) });
        for (document, code) in [
            (None, "request_did_document_invalid"),
            (
                Some(json!({ "id": "did:web:other.example", "verificationMethod": [method(&signer)] })),
                "request_did_document_invalid",
            ),
            (Some(json!({ "id": DID, "verificationMethod": [] })), "request_did_key_unknown"),
            (Some(json!({ "id": DID, "verificationMethod": [method(&key())] })), "request_signature_invalid"),
        ] {
            let object = header().sign_claims(&claims(&client_id), &signer).unwrap();
            serve(&world, object, document);
            let refusal = world.started_refusal(&link(&client_id)).await;
            assert_eq!(refusal.code, code);
            assert!(!refusal.can_tell && refusal.why == RefusalWhy::NotGenuine);
            let line = world.history().remove(0);
            assert!(line.kind == HistoryKind::Refused && line.rule.as_deref() == Some("VP-C5"), "{code}");
        }
        assert!(posted(&world).is_empty());
    });
}

// rule: VP-C6
#[test]
fn an_attested_client_is_shown_by_its_attested_name() {
    let attester = key();
    let world = world(|profile| {
        profile["unauthenticatedVerifiers"] = json!("refuse");
        let keys = json!({ "keys": [jwk(&attester)] });
        profile["knownVerifiers"] =
            json!({ "attesters": [{ "issuer": "https://attester.example", "jwks": keys }] });
    });
    run(async {
        world.receive(&["resident"]).await;
        let client = key();
        let attestation = |issuer: &str| {
            let claims = json!({
                "iss": issuer,
                "sub": "rental.example",
                "exp": START + DAY,
                "cnf": { "jwk": jwk(&client) },
                "redirect_uris": [RESPONSE_URI],
            });
            let header = HeaderBuilder::new("verifier-attestation+jwt");
            header.sign_claims(claims.as_object().unwrap(), &attester).unwrap()
        };
        let client_id = "verifier_attestation:rental.example";
        let object = |issuer: &str| {
            let header = HeaderBuilder::new("oauth-authz-req+jwt").member("jwt", json!(attestation(issuer)));
            header.sign_claims(&claims(client_id), &client).unwrap()
        };
        serve(&world, object("https://attester.example"), None);
        let consent = world.consent(&link(client_id)).await;
        assert!(consent.recipient.source == RecipientSource::Attestation);
        assert!(consent.recipient.trust == PartyTrust::Authenticated);
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("rental.example"));
        serve(&world, object("https://somebody.example"), None);
        let refusal = world.started_refusal(&link(client_id)).await;
        assert_eq!(refusal.code, "request_attestation_issuer_unknown");
        assert!(posted(&world).is_empty());
    });
}

/// A profile that registered a client.
fn registered(key: Option<&PrivateKey>, metadata: Option<Value>) -> World {
    world(|profile| {
        let mut client = json!({
            "clientId": "rental",
            "name": { "ko": "대여점", "en": "Rental" },
            "responseUris": [RESPONSE_URI],
        });
        if let Some(key) = key {
            client["jwks"] = json!({ "keys": [jwk(key)] });
        }
        if let Some(metadata) = metadata {
            client["metadata"] = metadata;
        }
        profile["knownVerifiers"] = json!({ "clients": [client] });
    })
}

// rule: VP-C1, VP-S5
#[test]
fn metadata_that_is_known_already_is_refused_with_invalid_client_once_the_citizen_says_so() {
    let signer = key();
    let world = registered(Some(&signer), Some(json!({})));
    run(async {
        world.receive(&["resident"]).await;
        let mut twice = claims("rental");
        let sign = |claims: &Map<String, Value>| {
            HeaderBuilder::new("oauth-authz-req+jwt").sign_claims(claims, &signer).unwrap()
        };
        serve(&world, sign(&twice), None);
        let consent = world.consent(&link("rental")).await;
        assert!(consent.recipient.source == RecipientSource::Profile);
        assert!(consent.recipient.trust == PartyTrust::Authenticated);
        twice.insert("client_metadata".to_owned(), json!({}));
        twice.insert("nonce".to_owned(), json!("another"));
        serve(&world, sign(&twice), None);
        let refusal = world.started_refusal(&link("rental")).await;
        assert_eq!(refusal.code, "request_client_metadata_known");
        assert!(refusal.can_tell && !refusal.left);
        assert!(posted(&world).is_empty(), "nothing before the citizen acts");
        let session = refusal.session_id.unwrap();
        // There is nothing to choose from, and nothing to send.
        let sent = world.wallet.present_send(&session, &Selection::default()).await.unwrap();
        assert!(matches!(sent, PresentSent::Refusal(_)));
        let refusal = world.started_refusal(&link("rental")).await;
        assert!(world.wallet.present_decline(&refusal.session_id.unwrap(), true).await.unwrap());
        assert_eq!(posted(&world), ["error=invalid_client&state=s"]);
        assert_eq!(world.history().remove(0).code.as_deref(), Some("invalid_client"));
    });
}

// rule: VP-S5, VP-S6
#[test]
fn formats_that_no_paper_could_answer_are_told_once_the_citizen_says_so_whatever_is_held() {
    for held in [true, false] {
        let signer = key();
        let world = registered(Some(&signer), None);
        run(async {
            if held {
                world.receive(&["resident"]).await;
            }
            let mut asked = claims("rental");
            let formats = json!({ "vp_formats_supported": { "mso_mdoc": {} } });
            asked.insert("client_metadata".to_owned(), formats);
            let object = HeaderBuilder::new("oauth-authz-req+jwt").sign_claims(&asked, &signer).unwrap();
            serve(&world, object, None);
            let refusal = world.started_refusal(&link("rental")).await;
            assert_eq!(refusal.code, "request_formats_not_supported");
            assert!(refusal.can_tell && !refusal.left);
            assert!(!world.wallet.present_decline(&refusal.session_id.unwrap(), false).await.unwrap());
            assert!(posted(&world).is_empty(), "nothing unless the citizen says so");
            let refusal = world.started_refusal(&link("rental")).await;
            assert!(world.wallet.present_decline(&refusal.session_id.unwrap(), true).await.unwrap());
            assert_eq!(posted(&world), ["error=vp_formats_not_supported&state=s"]);
            assert_eq!(world.history().remove(0).code.as_deref(), Some("vp_formats_not_supported"));
        });
    }
}

// rule: VP-C1
#[test]
fn a_client_that_nobody_registered_is_refused() {
    let signer = key();
    let world = registered(Some(&signer), None);
    run(async {
        world.receive(&["resident"]).await;
        let object =
            HeaderBuilder::new("oauth-authz-req+jwt").sign_claims(&claims("another"), &signer).unwrap();
        serve(&world, object, None);
        let refusal = world.started_refusal(&link("another")).await;
        assert_eq!(refusal.code, "request_prefix_unknown");
        assert!(posted(&world).is_empty());
    });
}

// rule: VP-C2, VP-R1
#[test]
fn an_unsigned_request_behind_an_address_is_answered_with_a_warning() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let client_id = format!("redirect_uri:{RESPONSE_URI}");
        let payload = base64url::encode(Value::Object(claims(&client_id)).to_string().as_bytes());
        let object = |header: &str| format!("{}.{payload}.", base64url::encode(header.as_bytes()));
        serve(&world, object(r#"{"alg":"none","typ":"JWT"}"#), None);
        assert_eq!(world.started_refusal(&link(&client_id)).await.code, "request_object_type_invalid");
        serve(&world, object(r#"{"alg":"none","typ":"oauth-authz-req+jwt"}"#), None);
        let consent = world.consent(&link(&client_id)).await;
        assert!(consent.recipient.trust == PartyTrust::Unauthenticated);
        assert!(consent.must_acknowledge.contains(&Acknowledgement::Unauthenticated));
        world.sent(&consent).await;
        assert_eq!(posted(&world).len(), 1);
    });
}
