//! A request over the Digital Credentials API, as a platform hands it over. After `j` the claims that the verifier signs into it, after
//! `m` the same as one of two signatures; else the JSON as it is.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
use crypto::jws::HeaderBuilder;
use libfuzzer_sys::fuzz_target;
use openid4vp::dc_api::Protocol;
use openid4vp::holder::*;
use serde_json::{Value, json};

const ORIGIN: &str = "https://verifier.example";

fn client_id() -> String {
    format!("x509_hash:{}", primitives::base64url::encode(&world().verifier.chain.leaf().hash()))
}

fn claims() -> Value {
    json!({
        "client_id": client_id(), "response_type": "vp_token", "response_mode": "dc_api", "nonce": "n-0S6_WzA2Mj",
        "expected_origins": [ORIGIN], "aud": "https://self-issued.me/v2",
        "dcql_query": { "credentials": [{ "id": "a", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:fuzz:Card:1"] }, "claims": [{ "path": ["name"] }] }] },
    })
}

fn signed(claims: &[u8], several: bool) -> Vec<u8> {
    let verifier = &world().verifier;
    let mut header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&verifier.chain.to_der());
    if several {
        header = header.member("client_id", json!(client_id()));
    }
    let object = header.sign(claims, &verifier.key).unwrap();
    let (protocol, request) = if several {
        let parts: Vec<&str> = object.split('.').collect();
        let one = json!({ "protected": parts[0], "signature": parts[2] });
        let broken = json!({ "protected": parts[0], "signature": "AA" });
        ("openid4vp-v1-multisigned", json!({ "payload": parts[1], "signatures": [broken, one] }))
    } else {
        ("openid4vp-v1-signed", json!(object))
    };
    json!({ "protocol": protocol, "data": { "request": request } }).to_string().into_bytes()
}

fuzz_target!(
    init: plant(|| {
        let claims = claims();
        let bytes = claims.to_string().into_bytes();
        let mut unsigned = claims.clone();
        unsigned.as_object_mut().unwrap().remove("client_id");
        let mut seeds = vector_files(&["openid4vp/examples"]);
        seeds.extend([
            [b"j", &bytes[..]].concat(),
            [b"m", &bytes[..]].concat(),
            signed(&bytes, false),
            signed(&bytes, true),
            json!({ "protocol": "openid4vp-v1-unsigned", "data": unsigned }).to_string().into_bytes(),
            json!({ "requests": [{ "protocol": "x", "data": {} }, { "protocol": "openid4vp-v1-unsigned", "data": unsigned }] }).to_string().into_bytes(),
        ]);
        seeds
    }),
    |data: &[u8]| {
        let json = match data.split_first() {
            // Only what is JSON at all is worth a signature.
            Some((kind @ (b'j' | b'm'), rest)) if primitives::json::parse_strict_object(rest, 64 * 1024).is_ok() => signed(rest, *kind == b'm'),
            _ => data.to_vec(),
        };
        let policy = Policy { unauthenticated: Unauthenticated::Warn, transactions: TRANSACTIONS, ..Policy::STRICT };
        let Ok(request) = UnauthenticatedDcApiRequest::parse(&json, ORIGIN, &policy) else { return };
        let protocol = request.protocol();
        let trust = RequestTrust::new(&world().verifiers, &world().registrars);
        let Ok(request) = request.authenticate(&trust, now(), &policy) else { return };
        assert!(request.response_uri().is_none() && request.origin().unwrap().as_str() == ORIGIN);
        if protocol == Protocol::Unsigned {
            assert!(!request.client().is_authenticated() && request.registrations().next().is_none());
        } else if let Some(chain) = request.client().chain() {
            assert!(chain.chain() == &world().verifier.chain);
        }
        assert!(matches!(request.decline(&entropy()), Delivery::DcApi(_)));
    }
);
