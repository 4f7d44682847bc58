//! What a browser hands over: several signatures of which one suffices, and the protocol's own name of what is wrong (VP-A3, VP-S5).

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicJwk, Signer as _};
use primitives::base64url;
use primitives::http::{HttpError, Response};
use serde_json::{Map, Value, json};
use wallet::view::*;

use crate::world::*;

const ORIGIN: &str = "https://verifier.example";
const TYPE: &str = "oauth-authz-req+jwt";
const FIRST: &str = "did:web:one.example";
const SECOND: &str = "did:web:two.example";

fn parameters(changes: Value) -> Map<String, Value> {
    let mut asked = json!({
        "response_type": "vp_token", "response_mode": "dc_api", "nonce": "n-1",
        "expected_origins": [ORIGIN], "dcql_query": name_query(),
    });
    asked.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    asked.as_object().unwrap().clone()
}

fn unsigned(changes: Value) -> Value {
    json!({ "protocol": "openid4vp-v1-unsigned", "data": parameters(changes) })
}

/// Signed by a party with its certificates.
fn signed(party: &Party, changes: Value) -> Value {
    let mut claims = parameters(changes);
    claims.insert("client_id".to_owned(), json!(party.hash_id()));
    let object =
        HeaderBuilder::new(TYPE).x5c(&party.chain.to_der()).sign_claims(&claims, &party.key).unwrap();
    json!({ "protocol": "openid4vp-v1-signed", "data": { "request": object } })
}

fn several(signatures: &[(HeaderBuilder, &PrivateKey)]) -> Value {
    let payload = Value::Object(parameters(json!({}))).to_string();
    let signatures: Vec<Value> = signatures
        .iter()
        .map(|(header, key)| {
            let compact = header.clone().sign(payload.as_bytes(), *key).unwrap();
            let parts: Vec<&str> = compact.split('.').collect();
            json!({ "protected": parts[0], "signature": parts[2] })
        })
        .collect();
    let request = json!({ "payload": base64url::encode(payload.as_bytes()), "signatures": signatures });
    json!({ "protocol": "openid4vp-v1-multisigned", "data": { "request": request } })
}

fn by_did(did: &str) -> HeaderBuilder {
    let client = json!(format!("decentralized_identifier:{did}"));
    HeaderBuilder::new(TYPE).kid("#k").member("client_id", client)
}

fn document(did: &str, key: &PrivateKey) -> Value {
    let jwk = PublicJwk::new(key.public_key()).to_value();
    let method = json!({ "id": "#k", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk });
    json!({ "id": did, "verificationMethod": [method] })
}

fn hand(world: &World, request: &Value, origin: &str) -> (PresentStarted, Option<&'static str>) {
    run(world.wallet.present_start_dc_api_to(request.to_string().as_bytes(), origin)).unwrap()
}

// rule: VP-A3, VP-C5
#[test]
fn a_document_out_of_reach_takes_nothing_from_another_signature() {
    let world = World::bare(|profile| {
        let known = |did: &str| json!({ "did": did, "name": { "ko": "대여점", "en": "Rental" } });
        profile["knownVerifiers"] = json!({ "dids": [known(FIRST), known(SECOND)] });
    });
    world.wallet.initialize().unwrap();
    run(world.receive(&["resident"]));
    let key = PrivateKey::generate(&entropy()).unwrap();
    let found = document(SECOND, &key);
    let (one, two) = ((by_did(FIRST), &key), (by_did(SECOND), &key));
    world.net.hook(move |request| match request.url.host_str() {
        Some("one.example") => Act::Fail(HttpError::Timeout),
        Some("two.example") => Act::Answer(Response::of_json(200, &found)),
        _ => Act::Pass,
    });
    let (started, _) = hand(&world, &several(&[one.clone(), two]), ORIGIN);
    let PresentStarted::Consent(consent) = started else { panic!("refused") };
    assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("대여점"));
    assert_eq!((world.net.calls("one.example"), world.net.calls("two.example")), (1, 1));
    // Whoever could not be reached may be another time; nothing is wrong with the request.
    let (started, error) = hand(&world, &several(std::slice::from_ref(&one)), ORIGIN);
    let PresentStarted::Refusal(refusal) = started else { panic!("not refused") };
    assert_eq!((refusal.code.as_str(), error), ("http_timeout", None));
    // Where certificates vouch nobody else is asked.
    let calls = world.net.calls("one.example");
    let party = world.server(|server| server.verifier.clone());
    let certified =
        HeaderBuilder::new(TYPE).x5c(&party.chain.to_der()).member("client_id", json!(party.hash_id()));
    let (started, _) = hand(&world, &several(&[one, (certified, &party.key)]), ORIGIN);
    let PresentStarted::Consent(consent) = started else { panic!("refused") };
    assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("Verifier Ltd"));
    assert_eq!(world.net.calls("one.example"), calls);
}

// rule: VP-S5, VP-A4
#[test]
fn whatever_is_wrong_with_a_request_of_a_browser_has_a_name_in_the_protocol() {
    let world = World::new();
    run(world.receive(&["resident"]));
    let (verifier, stranger) = world.server(|server| (server.verifier.clone(), server.stranger.clone()));
    let excluded = json!({ "client_metadata": { "vp_formats_supported": { "mso_mdoc": {} } } });
    for (request, begins, expected) in [
        (unsigned(json!({ "dcql_query": { "credentials": [] } })), "query_", Some("invalid_request")),
        (unsigned(json!({ "nonce": "a b" })), "request_nonce_", Some("invalid_request")),
        (signed(&stranger, json!({})), "chain_", Some("invalid_request")),
        (unsigned(json!({ "transaction_data": ["x"] })), "request_tr", Some("invalid_transaction_data")),
        (unsigned(excluded.clone()), "request_formats_", Some("vp_formats_not_supported")),
        (signed(&verifier, excluded), "request_formats_", Some("vp_formats_not_supported")),
        (
            unsigned(json!({ "dcql_query": query(&[credential("a", "urn:x", &[&["name"]])]) })),
            "nothing_fits",
            None,
        ),
    ] {
        let (started, error) = hand(&world, &request, ORIGIN);
        let PresentStarted::Refusal(refusal) = started else { panic!("not refused: {begins}") };
        assert!(refusal.code.starts_with(begins), "{} {begins}", refusal.code);
        assert_eq!(error, expected, "{begins}");
    }
    let (started, error) = hand(&world, &signed(&verifier, json!({})), ORIGIN);
    assert!(matches!(started, PresentStarted::Consent(_)) && error.is_none());
}
