//! Clients of the Digital Credentials API that no certificate vouches for (VP-A2, VP-A3, VP-C5, VP-C1, VP-S5).

use crate::support::signs::*;
use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{Jwks, PrivateKey, PublicJwk, Signer};
use openid4vp::holder::{
    AuthenticatedRequest, KeySource, KnownClient, KnownDid, Objection, Policy, RequestError as E, Resolution,
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
    document_of(DID, key)
}

fn document_of(did: &str, key: &PrivateKey) -> Value {
    let jwk = PublicJwk::new(key.public_key()).to_value();
    let method =
        json!({ "id": format!("{did}#k"), "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk });
    json!({ "id": did, "verificationMethod": [method] })
}

fn parse(protocol: &str, request: Value, policy: &Policy) -> UnauthenticatedDcApiRequest {
    let text = json!({ "protocol": protocol, "data": { "request": request } }).to_string();
    UnauthenticatedDcApiRequest::parse(text.as_bytes(), ORIGIN, policy).unwrap()
}

const ADDRESS: &str = "https://v.example/.well-known/did.json";
const OTHER_ADDRESS: &str = "https://o.example/.well-known/did.json";

/// Authenticates with the DID documents at these addresses; others are not found. Gives the addresses that were asked for as well.
fn with_documents(
    world: &World,
    mut request: UnauthenticatedDcApiRequest,
    documents: &[(&str, &Value)],
) -> (Result<AuthenticatedRequest, E>, Vec<String>) {
    let mut asked = Vec::new();
    loop {
        let fetch = match request.resolve(&world.trust(), world.now, &world.policy) {
            Resolution::Request(request) => {
                return (request.authenticate(&world.trust(), world.now, &world.policy), asked);
            }
            Resolution::Fetch(fetch) => fetch,
        };
        let address = fetch.request().url.to_string();
        let document = documents.iter().find(|(at, _)| *at == address);
        asked.push(address);
        let answer =
            document.map_or_else(|| Response::new(404, ""), |(_, found)| Response::of_json(200, found));
        request = match fetch.receive(&answer) {
            Ok(request) => request,
            Err(error) => return (Err(error), asked),
        };
    }
}

/// Authenticates with this DID document, which is asked for if it is given, and else none is.
fn authenticate(
    world: &World,
    request: UnauthenticatedDcApiRequest,
    document: Option<&Value>,
) -> Result<AuthenticatedRequest, E> {
    let documents: Vec<_> = document.map(|document| (ADDRESS, document)).into_iter().collect();
    let (outcome, asked) = with_documents(world, request, &documents);
    assert_eq!(asked, documents.iter().map(|(address, _)| *address).collect::<Vec<_>>());
    outcome
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
        with_documents(world, request, &[(ADDRESS, &document(&signs.key))]).0
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
    // The first signature does not hold; the second one would with the first one's document.
    let signatures = [(of_did(DID), &signs.world.issuer.key), (of_did(OTHER_DID), &signs.key)];
    let request = parse("openid4vp-v1-multisigned", several(&signatures), &WARN);
    let refused = authenticate(&signs.world, request, Some(&document(&signs.key)));
    assert_eq!(refused.unwrap_err(), E::SignatureOf(KeySource::Did));
}

const OTHER_DID: &str = "did:web:o.example";

/// The header of a signature with the key of a DID.
fn of_did(did: &str) -> HeaderBuilder {
    let client = json!(format!("decentralized_identifier:{did}"));
    HeaderBuilder::new(TYPE).kid("#k").member("client_id", client)
}

// rule: VP-A3, VP-C5
#[test]
fn a_document_that_does_not_come_takes_nothing_from_a_signature_that_holds() {
    let mut signs = Signs::new();
    let certified = |world: &World| {
        HeaderBuilder::new(TYPE)
            .x5c(&world.verifier.chain.to_der())
            .member("client_id", json!(world.verifier.hash_id()))
    };
    // Whether the profile knows the DID or not, and whichever stands first: nobody has to be asked.
    for known in [false, true] {
        if known {
            signs.world.known.dids.push(KnownDid { did: DID.to_owned(), name: name("Rental") });
        }
        let world = &signs.world;
        let by_certificate = (certified(world), &world.verifier.key);
        let by_did = (of_did(DID), &signs.key);
        for signatures in [[by_certificate.clone(), by_did.clone()], [by_did, by_certificate]] {
            let request = parse("openid4vp-v1-multisigned", several(&signatures), &WARN);
            let (outcome, asked) = with_documents(world, request, &[]);
            assert_eq!(outcome.unwrap().client().id().as_str(), world.verifier.hash_id());
            assert!(asked.is_empty(), "{asked:?}");
        }
    }
    // Of two that are known one is out of reach, or says something else.
    let other = KnownDid { did: OTHER_DID.to_owned(), name: name("Desk") };
    signs.world.known.dids.push(other);
    let world = &signs.world;
    let signatures = [(of_did(DID), &signs.key), (of_did(OTHER_DID), &signs.key)];
    let (foreign, good) = (json!({ "id": "did:web:x.example" }), document_of(OTHER_DID, &signs.key));
    for documents in [&[(OTHER_ADDRESS, &good)][..], &[(ADDRESS, &foreign), (OTHER_ADDRESS, &good)]] {
        let request = parse("openid4vp-v1-multisigned", several(&signatures), &WARN);
        let (outcome, asked) = with_documents(world, request, documents);
        assert!(outcome.unwrap().client().is_authenticated());
        assert_eq!(asked, [ADDRESS, OTHER_ADDRESS]);
    }
    let request = parse("openid4vp-v1-multisigned", several(&signatures), &WARN);
    assert_eq!(with_documents(world, request, &[]).0.unwrap_err(), E::DidDocument);
    // Nobody answers at all: one of several goes on without, one alone cannot.
    let fetch = |request: UnauthenticatedDcApiRequest| match request.resolve(&world.trust(), world.now, &WARN)
    {
        Resolution::Fetch(fetch) => fetch,
        Resolution::Request(_) => panic!("nothing to fetch"),
    };
    let without = fetch(parse("openid4vp-v1-multisigned", several(&signatures), &WARN)).unanswered().unwrap();
    assert!(with_documents(world, without, &[(OTHER_ADDRESS, &good)]).0.unwrap().client().is_authenticated());
    assert!(fetch(by_did(&signs)).unanswered().is_none());
}

// rule: VP-A3, VP-C5
#[test]
fn the_document_of_a_did_that_is_known_is_asked_for_before_that_of_one_that_is_not() {
    let mut signs = Signs::new();
    signs.world.known.dids.push(KnownDid { did: OTHER_DID.to_owned(), name: name("Desk") });
    let (first, second) = (document(&signs.key), document_of(OTHER_DID, &signs.key));
    let stranger = "did:web:s.example";
    let asked = |signatures: &[(HeaderBuilder, &PrivateKey)], documents: &[(&str, &Value)]| {
        let request = parse("openid4vp-v1-multisigned", several(signatures), &WARN);
        let (outcome, asked) = with_documents(&signs.world, request, documents);
        (outcome.map(|request| request.client().is_authenticated()), asked)
    };
    let signatures = [(of_did(DID), &signs.key), (of_did(OTHER_DID), &signs.key)];
    let both = [(ADDRESS, &first), (OTHER_ADDRESS, &second)];
    assert_eq!(asked(&signatures, &both), (Ok(true), vec![OTHER_ADDRESS.to_owned()]));
    // Where it does not come, the first one that nobody knows may ask as such, and no other is looked up.
    let places = vec![OTHER_ADDRESS.to_owned(), ADDRESS.to_owned()];
    assert_eq!(asked(&signatures, &both[..1]), (Ok(false), places.clone()));
    let three = [signatures[0].clone(), signatures[1].clone(), (of_did(stranger), &signs.key)];
    assert_eq!(asked(&three, &[]), (Err(E::DidDocument), places));
}

// rule: VP-A3, VP-C5
#[test]
fn a_did_that_says_its_own_key_and_that_nobody_knows_decides_only_where_nobody_better_signs() {
    let mut signs = Signs::new();
    signs.world.known.dids.push(KnownDid { did: OTHER_DID.to_owned(), name: name("Desk") });
    let world = &signs.world;
    let own = signs.did_jwk();
    let stranger = || {
        let client = json!(format!("decentralized_identifier:{own}"));
        (HeaderBuilder::new(TYPE).kid("#0").member("client_id", client), &signs.key)
    };
    let certified = || {
        let client = json!(world.verifier.hash_id());
        let header = HeaderBuilder::new(TYPE).x5c(&world.verifier.chain.to_der()).member("client_id", client);
        (header, &world.verifier.key)
    };
    let by_known = || (of_did(OTHER_DID), &signs.key);
    let good = document_of(OTHER_DID, &signs.key);
    let asked = |signatures: &[(HeaderBuilder, &PrivateKey)], documents: &[(&str, &Value)]| {
        let request = parse("openid4vp-v1-multisigned", several(signatures), &WARN);
        let (outcome, asked) = with_documents(world, request, documents);
        let client = outcome
            .map(|request| (request.client().id().as_str().to_owned(), request.client().is_authenticated()));
        (client.unwrap(), asked)
    };
    let trusted = (world.verifier.hash_id(), true);
    for signatures in [[stranger(), certified()], [certified(), stranger()]] {
        assert_eq!(asked(&signatures, &[]), (trusted.clone(), Vec::new()));
    }
    let known = (format!("decentralized_identifier:{OTHER_DID}"), true);
    for signatures in [[stranger(), by_known()], [by_known(), stranger()]] {
        let (client, places) = asked(&signatures, &[(OTHER_ADDRESS, &good)]);
        assert_eq!((client, places), (known.clone(), vec![OTHER_ADDRESS.to_owned()]));
    }
    let alone = (format!("decentralized_identifier:{own}"), false);
    assert_eq!(asked(&[stranger()], &[]), (alone, Vec::new()));
}

// rule: VP-C5
#[test]
fn one_signature_without_its_document_is_refused_as_soon_as_that_does_not_come() {
    let signs = Signs::new();
    let world = &signs.world;
    let Resolution::Fetch(fetch) = by_did(&signs).resolve(&world.trust(), world.now, &world.policy) else {
        panic!("nothing to fetch")
    };
    assert_eq!(fetch.receive(&Response::new(404, "")).unwrap_err(), E::DidDocument);
}
