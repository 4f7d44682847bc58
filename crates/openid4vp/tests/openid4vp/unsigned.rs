//! Request objects that nobody signed (RFC 9101, RFC 7519 section 6), and what the wallet tells of itself (VP-C2, VP-R1, VP-R9 to VP-R12).

use crate::support::signs::WARN;
use crate::support::*;
use openid4vp::holder::{
    AuthenticatedRequest, FetchRequestObject, Invocation, Next, Policy, RequestError as E,
};
use primitives::base64url;
use serde_json::{Map, Value, json};

const TYPED: &str = r#"{"alg":"none","typ":"oauth-authz-req+jwt"}"#;

fn client_id() -> String {
    format!("redirect_uri:{RESPONSE_URI}")
}

/// The claims of a good request of a `redirect_uri:` client.
fn claims(world: &World) -> Map<String, Value> {
    let mut claims = world.claims();
    claims.insert("client_id".to_owned(), json!(client_id()));
    claims.remove("aud");
    claims
}

fn unsecured(header: &str, claims: &Map<String, Value>) -> String {
    let payload = Value::Object(claims.clone()).to_string();
    format!("{}.{}.", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}

fn world() -> World {
    World { policy: WARN, ..World::new() }
}

fn receive(world: &World, object: &str) -> Result<AuthenticatedRequest, E> {
    world.receive_object(&link(&client_id()), object)
}

// rule: VP-C2
#[test]
fn an_unsigned_object_is_for_clients_that_cannot_sign_where_the_profile_lets_them() {
    let mut world = world();
    let object = unsecured(TYPED, &claims(&world));
    let request = receive(&world, &object).unwrap();
    assert!(!request.client().is_authenticated() && !request.client().is_signed());
    assert_eq!(request.response_uri().unwrap().as_str(), RESPONSE_URI);
    // In the link itself, too.
    let by_value = format!("openid4vp://?client_id={}&request={object}", client_id());
    let Next::Request(by_value) = Invocation::parse(&by_value, &WARN).unwrap().next(&world.entropy).unwrap()
    else {
        panic!("something to fetch")
    };
    assert!(by_value.authenticate(&world.trust(), world.now, &WARN).is_ok());

    let mut of_another = claims(&world);
    let hash = world.verifier.hash_id();
    of_another.insert("client_id".to_owned(), json!(hash));
    for client_id in [hash.as_str(), "decentralized_identifier:did:web:v.example", "verifier_attestation:a"] {
        of_another.insert("client_id".to_owned(), json!(client_id));
        let refused = world.receive_object(&link(client_id), &unsecured(TYPED, &of_another));
        assert_eq!(refused.unwrap_err(), E::SignatureMissing, "{client_id}");
    }
    world.policy = Policy::STRICT;
    assert_eq!(receive(&world, &object).unwrap_err(), E::Unauthenticated);
}

// rule: VP-R1
#[test]
fn an_unsigned_object_has_the_type_of_a_request_object() {
    let mut world = world();
    let claims = claims(&world);
    let with = |world: &World, header: &str| receive(world, &unsecured(header, &claims)).map(|_| ());
    assert_eq!(with(&world, r#"{"alg":"none","typ":"application/oauth-authz-req+jwt"}"#), Ok(()));
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"none","typ":"JWT"}"#, r#"{"alg":"none","typ":""}"#] {
        assert_eq!(with(&world, header), Err(E::RequestObjectType), "{header}");
    }
    // Only for a developer, and only where there is none: a wrong one is wrong.
    world.policy.untyped_unsigned = true;
    assert_eq!(with(&world, r#"{"alg":"none"}"#), Ok(()));
    assert_eq!(with(&world, r#"{"alg":"none","typ":"JWT"}"#), Err(E::RequestObjectType));
    let header = crypto::jws::HeaderBuilder::without_type().x5c(&world.verifier.chain.to_der());
    let signed = header.sign_claims(&world.claims(), &world.verifier.key).unwrap();
    let refused = world.receive_object(&link(&world.verifier.hash_id()), &signed);
    assert_eq!(refused.unwrap_err(), E::RequestObjectType);
}

// rule: VP-R9, VP-R10, VP-R12, VP-R14, VP-R15
#[test]
fn an_unsigned_object_follows_the_rules_of_a_signed_one() {
    let world = world();
    let with = |changes: Value| {
        let mut claims = claims(&world);
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.remove(name),
                value => claims.insert(name.clone(), value.clone()),
            };
        }
        receive(&world, &unsecured(TYPED, &claims)).map(|_| ())
    };
    assert_eq!(with(json!({ "aud": "https://self-issued.me/v2" })), Ok(()));
    assert_eq!(with(json!({ "aud": "https://other.example" })), Err(E::Audience));
    assert_eq!(with(json!({ "client_id": format!("{}-mismatched", client_id()) })), Err(E::ClientIdMismatch));
    assert_eq!(with(json!({ "client_id": null })), Err(E::ClientIdMissing));
    assert_eq!(with(json!({ "nonce": null })), Err(E::Nonce));
    assert_eq!(with(json!({ "response_uri": null })), Ok(()));
    assert_eq!(with(json!({ "response_uri": format!("{RESPONSE_URI}/bad") })), Err(E::ResponseUriForeign));
    assert_eq!(with(json!({ "redirect_uri": RESPONSE_URI })), Err(E::RedirectUriPresent));
    let past = (world.now - 86_400).unix_seconds();
    assert_eq!(with(json!({ "exp": past })), Err(E::Time));
    for broken in ["e30.e30.", "..", "e30..", "eyJhbGciOiJub25lIn0.W10."] {
        assert_eq!(receive(&world, broken).unwrap_err(), E::RequestObject, "{broken}");
    }
}

fn post(world: &World, client_id: &str, policy: &Policy) -> FetchRequestObject {
    let link = format!("{}&request_uri_method=post", link(client_id));
    match Invocation::parse(&link, policy).unwrap().next(&world.entropy).unwrap() {
        Next::Fetch(fetch) => fetch,
        Next::Request(_) => panic!("nothing to fetch"),
    }
}

// rule: VP-R10
#[test]
fn an_unsigned_object_that_was_posted_for_repeats_the_wallets_nonce() {
    let world = world();
    let answer = |change: &dyn Fn(&str) -> Option<String>| {
        let fetch = post(&world, &client_id(), &WARN);
        let fields = form(&fetch.request());
        let (_, nonce) = fields.iter().find(|(name, _)| name == "wallet_nonce").unwrap();
        let mut claims = claims(&world);
        if let Some(nonce) = change(nonce) {
            claims.insert("wallet_nonce".to_owned(), json!(nonce));
        }
        let request = fetch.receive(&object_response(&unsecured(TYPED, &claims)))?;
        request.authenticate(&world.trust(), world.now, &WARN).map(|_| ())
    };
    assert_eq!(answer(&|nonce| Some(nonce.to_owned())), Ok(()));
    assert_eq!(answer(&|_| None), Err(E::WalletNonce));
    assert_eq!(answer(&|nonce| Some(format!("{nonce}x"))), Err(E::WalletNonce));
}

// rule: VP-R11
#[test]
fn the_wallet_tells_what_it_answers_and_no_more() {
    let world = world();
    let metadata = |client_id: &str, policy: &Policy| -> Value {
        let fields = form(&post(&world, client_id, policy).request());
        let (_, metadata) = fields.into_iter().find(|(name, _)| name == "wallet_metadata").unwrap();
        serde_json::from_str(&metadata).unwrap()
    };
    let prefixes = |metadata: &Value| -> Vec<String> {
        let mut list: Vec<String> =
            serde_json::from_value(metadata["client_id_prefixes_supported"].clone()).unwrap();
        list.sort_unstable();
        list
    };
    let signed =
        ["decentralized_identifier", "pre-registered", "verifier_attestation", "x509_hash", "x509_san_dns"];
    assert_eq!(prefixes(&metadata("x509_hash:a", &Policy::STRICT)), signed);
    let open = metadata("x509_hash:a", &WARN);
    assert!(prefixes(&open).contains(&"redirect_uri".to_owned()));
    assert_eq!(open["response_modes_supported"], json!(["direct_post", "direct_post.jwt"]));
    for client_id in ["x509_hash:a", "decentralized_identifier:did:web:a", "verifier_attestation:a", "a"] {
        let algorithms = &metadata(client_id, &WARN)["request_object_signing_alg_values_supported"];
        assert_eq!(*algorithms, json!(["ES256"]), "{client_id}");
    }
    let unsigned = metadata(&client_id(), &WARN);
    assert!(unsigned.get("request_object_signing_alg_values_supported").is_none());
    // The same for everybody otherwise.
    let mut same = open.clone();
    same.as_object_mut().unwrap().remove("request_object_signing_alg_values_supported");
    assert_eq!(unsigned, same);
}
