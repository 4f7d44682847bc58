//! Clients of the Digital Credentials API that no certificate vouches for (VP-A2, VP-A3, VP-C5, VP-C1, VP-S5).

use crate::support::signs::*;
use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{Jwks, PrivateKey, PublicJwk, Signer};
use openid4vp::holder::{
    AuthenticatedRequest, KeySource, KnownClient, Objection, Policy, RequestError as E, Resolution,
    UnauthenticatedDcApiRequest,
};
use primitives::base64url;
use primitives::http::Response;
use serde_json::{Map, Value, json};

const ORIGIN: &str = "https://verifier.example";
const DID: &str = "did:web:v.example";
const CLIENT_ID: &str = "decentralized_identifier:did:web:v.example";

fn parameters() -> Map<String, Value> {
    let asked = json!({
        "response_type": "vp_token",
        "response_mode": "dc_api",
        "nonce": "n-0S6_WzA2Mj",
        "expected_origins": [ORIGIN],
        "dcql_query": { "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }]
        }] },
    });
    asked.as_object().unwrap().clone()
}

fn document(key: &PrivateKey) -> Value {
    let jwk = PublicJwk::new(key.public_key()).to_value();
    let method =
        json!({ "id": format!("{DID}#k"), "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": jwk });
    json!({ "id": DID, "verificationMethod": [method] })
}

fn parse(protocol: &str, request: Value, policy: &Policy) -> UnauthenticatedDcApiRequest {
    let text = json!({ "protocol": protocol, "data": { "request": request } }).to_string();
    UnauthenticatedDcApiRequest::parse(text.as_bytes(), ORIGIN, policy).unwrap()
}

/// Authenticates with this DID document, if one is asked for.
fn authenticate(
    world: &World,
    request: UnauthenticatedDcApiRequest,
    document: Option<&Value>,
) -> Result<AuthenticatedRequest, E> {
    let request = match request.resolve(&world.trust(), &world.policy) {
        Resolution::Request(request) => {
            assert!(document.is_none(), "nothing was asked for");
            *request
        }
        Resolution::Fetch(fetch) => {
            assert_eq!(fetch.request().url.as_str(), "https://v.example/.well-known/did.json");
            match document {
                Some(document) => fetch.receive(&Response::of_json(200, document))?,
                None => panic!("a document is asked for"),
            }
        }
    };
    request.authenticate(&world.trust(), world.now, &world.policy)
}

fn by_did(signs: &Signs) -> UnauthenticatedDcApiRequest {
    let mut claims = parameters();
    claims.insert("client_id".to_owned(), json!(CLIENT_ID));
    let object = HeaderBuilder::new(TYPE).kid("#k").sign_claims(&claims, &signs.key).unwrap();
    parse("openid4vp-v1-signed", json!(object), &signs.world.policy)
}

// rule: VP-C5, VP-A2
#[test]
fn a_did_web_asks_through_the_browser_with_the_key_of_its_document() {
    let mut signs = Signs::new();
    let good = document(&signs.key);
    let request = authenticate(&signs.world, by_did(&signs), Some(&good)).unwrap();
    assert_eq!(request.client().id().as_str(), CLIENT_ID);
    assert!(!request.client().is_authenticated());
    let other = authenticate(&signs.world, by_did(&signs), Some(&document(&signs.world.issuer.key)));
    assert_eq!(other.unwrap_err(), E::SignatureOf(KeySource::Did));
    let foreign = json!({ "id": "did:web:o.example" });
    assert_eq!(authenticate(&signs.world, by_did(&signs), Some(&foreign)).unwrap_err(), E::DidDocument);
    // Unresolved there is no key; where the profile refuses the DID nothing is fetched.
    let world = &signs.world;
    let unresolved = by_did(&signs).authenticate(&world.trust(), world.now, &world.policy);
    assert_eq!(unresolved.unwrap_err(), E::DidDocument);
    signs.world.policy = Policy::STRICT;
    assert_eq!(authenticate(&signs.world, by_did(&signs), None).unwrap_err(), E::DidUnknown);
}

/// Signatures over the same parameters: each a header with its key.
fn several(signatures: &[(HeaderBuilder, &PrivateKey)]) -> Value {
    let payload = Value::Object(parameters()).to_string();
    let signatures: Vec<Value> = signatures
        .iter()
        .map(|(header, key)| {
            let compact = header.clone().sign(payload.as_bytes(), *key).unwrap();
            let parts: Vec<&str> = compact.split('.').collect();
            json!({ "protected": parts[0], "signature": parts[2] })
        })
        .collect();
    json!({ "payload": base64url::encode(payload.as_bytes()), "signatures": signatures })
}

// rule: VP-A3, VP-C5
#[test]
fn among_several_signatures_one_that_is_known_goes_before_a_did_that_nobody_knows() {
    let signs = Signs::new();
    let world = &signs.world;
    let did = HeaderBuilder::new(TYPE).kid("#k").member("client_id", json!(CLIENT_ID));
    let certified = HeaderBuilder::new(TYPE)
        .x5c(&world.verifier.chain.to_der())
        .member("client_id", json!(world.verifier.hash_id()));
    let request = |signatures: &[(HeaderBuilder, &PrivateKey)]| {
        let request = parse("openid4vp-v1-multisigned", several(signatures), &WARN);
        authenticate(world, request, Some(&document(&signs.key)))
    };
    let both = request(&[(did.clone(), &signs.key), (certified.clone(), &world.verifier.key)]).unwrap();
    assert_eq!(both.client().id().as_str(), world.verifier.hash_id());
    let alone = request(&[(did.clone(), &signs.key)]).unwrap();
    assert_eq!(alone.client().id().as_str(), CLIENT_ID);
    // A signature that does not hold decides nothing.
    let broken = request(&[(certified, &signs.key), (did.clone(), &signs.key)]).unwrap();
    assert_eq!(broken.client().id().as_str(), CLIENT_ID);
    assert!(request(&[(did, &world.verifier.key)]).is_err());
}

// rule: VP-C1, VP-S5
#[test]
fn known_metadata_sent_again_through_the_browser_is_invalid_client() {
    let mut signs = Signs::new();
    signs.world.policy = Policy::STRICT;
    let keys = Jwks::new(vec![PublicJwk::new(signs.key.public_key())]);
    let uris = vec![RESPONSE_URI.to_owned()];
    let client = KnownClient::new("rental", name("Rental"), uris, keys, Some(&json!({}))).unwrap();
    signs.world.known.clients.push(client);
    let with = |metadata: Option<Value>| {
        let mut claims = parameters();
        claims.insert("client_id".to_owned(), json!("rental"));
        if let Some(metadata) = metadata {
            claims.insert("client_metadata".to_owned(), metadata);
        }
        let object = HeaderBuilder::new(TYPE).sign_claims(&claims, &signs.key).unwrap();
        authenticate(&signs.world, parse("openid4vp-v1-signed", json!(object), &signs.world.policy), None)
            .unwrap()
    };
    assert_eq!(with(None).objection(), None);
    let again = with(Some(json!({})));
    assert_eq!(again.objection(), Some(Objection::MetadataIsKnown));
    let refusal = again.decline(&signs.world.entropy).into_dc_api().unwrap();
    assert_eq!(refusal.data().get("error"), Some(&json!("invalid_client")));
}

// rule: VP-C5, VP-A3
#[test]
fn the_document_of_one_did_says_nothing_of_another() {
    let signs = Signs::new();
    let of = |did: &str| HeaderBuilder::new(TYPE).kid("#k").member("client_id", json!(did));
    let other = "decentralized_identifier:did:web:o.example";
    // The first signature does not hold; the second one would with the first one's document.
    let signatures = [(of(CLIENT_ID), &signs.world.issuer.key), (of(other), &signs.key)];
    let request = parse("openid4vp-v1-multisigned", several(&signatures), &WARN);
    let refused = authenticate(&signs.world, request, Some(&document(&signs.key)));
    assert_eq!(refused.unwrap_err(), E::SignatureOf(KeySource::Did));
}
