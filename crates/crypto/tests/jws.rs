//! What a JWS may be, and a refusal for each step of its verification (RFC 7515, RFC 8725).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crypto::jws::{
    self, HeaderBuilder, JwsError, MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES, MAX_HEADER_BYTES, MAX_SIGNATURES,
    UnverifiedJws,
};
use crypto::{PrivateKey, Signer as _};
use primitives::base64url::{encode, encode_standard};
use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

/// A validly signed JWS with any header text.
fn signed(header: &str) -> String {
    let input = format!("{}.{}", encode(header.as_bytes()), encode(b"{\"a\":1}"));
    let signature = key(1).sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(signature.as_bytes()))
}

fn refused(header: &str) -> JwsError {
    UnverifiedJws::parse(&signed(header)).unwrap_err()
}

#[test]
fn what_is_signed_verifies_with_its_key_and_type_only() {
    let jws = UnverifiedJws::parse(&signed(r#"{"alg":"ES256","typ":"a+jwt"}"#)).unwrap();
    let public = key(1).public_key();
    let verified = jws.verify(&public, "a+jwt").unwrap();
    assert_eq!(verified.payload(), b"{\"a\":1}");
    assert_eq!(Value::Object(verified.claims().unwrap()), json!({"a": 1}));
    assert!(jws.verify(&public, "application/a+jwt").is_ok());
    assert!(jws.verify_one_of(&public, &["b", "a+jwt"]).is_ok());
    assert_eq!(jws.verify(&key(2).public_key(), "a+jwt").unwrap_err(), JwsError::Signature);
    for typ in ["b", "A+JWT", "", "jwt", "x/a+jwt"] {
        assert_eq!(jws.verify(&public, typ).unwrap_err(), JwsError::Type, "{typ}");
    }
    assert_eq!(jws.verify_one_of(&public, &[]).unwrap_err(), JwsError::Type);
    let untyped = UnverifiedJws::parse(&signed(r#"{"alg":"ES256"}"#)).unwrap();
    assert_eq!(untyped.verify(&public, "a+jwt").unwrap_err(), JwsError::Type);
    assert!(untyped.dangerous_verify_any_type(&public).is_ok());
    assert!(untyped.dangerous_verify_any_type(&key(2).public_key()).is_err());
}

#[test]
fn every_algorithm_but_es256_is_refused() {
    for alg in [r#""none""#, r#""None""#, r#""HS256""#, r#""ES384""#, r#""es256""#, "null", "7"] {
        assert_eq!(refused(&format!(r#"{{"alg":{alg}}}"#)), JwsError::Algorithm, "{alg}");
    }
    assert_eq!(refused("{}"), JwsError::Algorithm);
    let unsigned = format!("{}.{}.", encode(br#"{"alg":"none"}"#), encode(b"{}"));
    assert_eq!(UnverifiedJws::parse(&unsigned).unwrap_err(), JwsError::Algorithm);
}

#[test]
fn extensions_are_refused() {
    assert_eq!(refused(r#"{"alg":"ES256","crit":["exp"],"exp":1}"#), JwsError::Critical);
    assert_eq!(refused(r#"{"alg":"ES256","crit":[]}"#), JwsError::Critical);
    assert_eq!(refused(r#"{"alg":"ES256","b64":false}"#), JwsError::Unencoded);
    assert_eq!(refused(r#"{"alg":"ES256","b64":true}"#), JwsError::Unencoded);
}

#[test]
fn a_header_is_one_object_without_repetition() {
    assert_eq!(refused(r#"{"alg":"ES256","alg":"ES256"}"#), JwsError::DuplicateMember);
    assert_eq!(refused(r#"{"alg":"ES256","x":{"y":1,"y":1}}"#), JwsError::DuplicateMember);
    for header in
        ["[]", "", "{\"alg\":\"ES256\"}x", r#"{"alg":"ES256","typ":1}"#, r#"{"alg":"ES256","kid":1}"#]
    {
        assert_eq!(refused(header), JwsError::Malformed, "{header}");
    }
}

#[test]
fn keys_in_headers_are_public_and_on_the_curve() {
    let mut jwk = key(1).public_key().to_jwk().to_value();
    let header = |jwk: &Value| json!({"alg": "ES256", "jwk": jwk}).to_string();
    let jws = UnverifiedJws::parse(&signed(&header(&jwk))).unwrap();
    assert_eq!(jws.header().jwk().unwrap().key(), &key(1).public_key());
    jwk["d"] = json!("AA");
    assert_eq!(refused(&header(&jwk)), JwsError::HeaderKey);
    assert_eq!(refused(&header(&json!({"kty": "RSA"}))), JwsError::HeaderKey);
    assert_eq!(refused(&header(&json!("key"))), JwsError::HeaderKey);
}

#[test]
fn certificate_chains_are_bounded_and_strict() {
    let header = |x5c: Value| json!({"alg": "ES256", "x5c": x5c}).to_string();
    let jws = UnverifiedJws::parse(&signed(&header(json!(["AQ==", "Ag=="])))).unwrap();
    assert_eq!(jws.header().x5c(), [vec![1], vec![2]]);
    let largest = encode_standard(&vec![0; MAX_CERTIFICATE_BYTES]);
    assert!(UnverifiedJws::parse(&signed(&header(json!([largest])))).is_ok());
    assert!(UnverifiedJws::parse(&signed(&header(json!(vec!["AQ=="; MAX_CERTIFICATES])))).is_ok());
    let large = encode_standard(&vec![0; MAX_CERTIFICATE_BYTES + 3]);
    for x5c in
        [json!([]), json!("AQ=="), json!([1]), json!([""]), json!(["AQ"]), json!(["A Q="]), json!(["_w=="])]
    {
        assert_eq!(refused(&header(x5c.clone())), JwsError::Chain, "{x5c}");
    }
    assert_eq!(refused(&header(json!(vec!["AQ=="; MAX_CERTIFICATES + 1]))), JwsError::Chain);
    assert_eq!(refused(&header(json!([large]))), JwsError::Chain);
}

#[test]
fn sizes_and_shapes_are_bounded() {
    let good = signed(r#"{"alg":"ES256"}"#);
    assert!(UnverifiedJws::parse_bounded(&good, good.len()).is_ok());
    assert_eq!(UnverifiedJws::parse_bounded(&good, good.len() - 1).unwrap_err(), JwsError::TooLarge);
    let header = json!({"alg": "ES256", "x": "x".repeat(MAX_HEADER_BYTES)}).to_string();
    assert_eq!(refused(&header), JwsError::TooLarge);
    let around = json!({"alg": "ES256", "x": ""}).to_string().len();
    let header = json!({"alg": "ES256", "x": "x".repeat(MAX_HEADER_BYTES - around)}).to_string();
    assert!(UnverifiedJws::parse(&signed(&header)).is_ok());
    // Too much text is not even decoded: these are no characters of base64url.
    let parts: Vec<&str> = good.split('.').collect();
    let undecodable = format!("{}.{}.{}", "=".repeat(MAX_HEADER_BYTES * 2), parts[1], parts[2]);
    assert_eq!(UnverifiedJws::parse(&undecodable).unwrap_err(), JwsError::TooLarge);
    for text in [
        String::new(),
        "..".into(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}."),
        format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}=.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}=", parts[0], parts[1], parts[2]),
        format!(" {good}"),
        format!("{good}\n"),
    ] {
        assert_eq!(UnverifiedJws::parse(&text).unwrap_err(), JwsError::Malformed, "{text}");
    }
    let short = format!("{}.{}.{}", parts[0], parts[1], encode(&[0; 63]));
    assert_eq!(UnverifiedJws::parse(&short).unwrap_err(), JwsError::Signature);
}

#[test]
fn claims_are_one_object_without_repetition() {
    let claims = |payload: &[u8]| {
        let compact = HeaderBuilder::new("a").sign(payload, &key(1)).unwrap();
        let jws = UnverifiedJws::parse(&compact).unwrap();
        assert_eq!(jws.dangerous_claims(), jws.verify(&key(1).public_key(), "a").unwrap().claims());
        jws.dangerous_claims()
    };
    assert_eq!(claims(br#"{"a":1,"a":2}"#), Err(JwsError::DuplicateMember));
    assert_eq!(claims(br#"{"a":{"b":1,"b":2}}"#), Err(JwsError::DuplicateMember));
    assert_eq!(claims(b"[]"), Err(JwsError::Payload));
    assert_eq!(claims(b"\xff"), Err(JwsError::Payload));
    assert_eq!(claims(b"{}"), Ok(Map::new()));
}

#[test]
fn the_header_that_is_signed_is_the_one_that_was_built() {
    let jwk = key(1).public_key().to_jwk();
    let compact = HeaderBuilder::new("a")
        .kid("k")
        .jwk(&jwk)
        .x5c(&[vec![1], vec![2]])
        .member("alg", json!("none"))
        .member("nonce", json!("n"))
        .sign_claims(json!({"시": 1}).as_object().unwrap(), &key(1))
        .unwrap();
    let verified = UnverifiedJws::parse(&compact).unwrap().verify(&key(1).public_key(), "a").unwrap();
    let header = verified.header();
    assert_eq!((header.typ(), header.kid(), header.jwk()), (Some("a"), Some("k"), Some(&jwk)));
    assert_eq!(header.x5c(), [vec![1], vec![2]]);
    assert_eq!(header.member("nonce"), Some(&json!("n")));
    assert_eq!(header.member("alg"), Some(&json!("ES256")));
    assert!(!format!("{verified:?}").contains('시'));
}

#[test]
fn a_general_serialisation_keeps_what_is_acceptable_and_names_what_is_not() {
    let good = signed(r#"{"alg":"ES256","typ":"a"}"#);
    let parts: Vec<&str> = good.split('.').collect();
    let one = json!({"protected": parts[0], "signature": parts[2]});
    let other = json!({"protected": encode(br#"{"alg":"EdDSA"}"#), "signature": "AA"});
    let with = |header: Value| json!({"protected": parts[0], "signature": parts[2], "header": header});
    let whole = |signatures: Value| json!({"payload": parts[1], "signatures": signatures});
    let parsed = jws::parse_json_serialization(&whole(json!([
        other,
        one,
        with(json!({"alg": "none"})),
        with(json!({"crit": []})),
        with(json!({"x": 1})),
        with(json!(1)),
        {}
    ])))
    .unwrap();
    let errors: Vec<Option<JwsError>> = parsed.iter().map(|jws| jws.as_ref().err().copied()).collect();
    assert_eq!(
        errors,
        [
            Some(JwsError::Algorithm),
            None,
            Some(JwsError::DuplicateMember),
            Some(JwsError::Critical),
            None,
            Some(JwsError::Malformed),
            Some(JwsError::Malformed)
        ]
    );
    assert!(parsed[1].as_ref().unwrap().verify(&key(1).public_key(), "a").is_ok());
    assert!(parsed[1].as_ref().unwrap().verify(&key(2).public_key(), "a").is_err());
    let flattened = json!({"payload": parts[1], "protected": parts[0], "signature": parts[2]});
    assert_eq!(jws::parse_json_serialization(&flattened).unwrap().len(), 1);
    let mut mixed = flattened;
    mixed["signatures"] = json!([one]);
    for value in [
        mixed,
        json!([]),
        json!({"signatures": [one]}),
        whole(json!([])),
        whole(json!(1)),
        whole(json!(vec![one.clone(); MAX_SIGNATURES + 1])),
    ] {
        assert_eq!(jws::parse_json_serialization(&value).unwrap_err(), JwsError::Malformed);
    }
    assert_eq!(
        jws::parse_json_serialization(&whole(json!(vec![one.clone(); MAX_SIGNATURES]))).unwrap().len(),
        MAX_SIGNATURES
    );
    let largest = json!({"payload": "A".repeat(jws::MAX_BYTES), "signatures": [one]});
    assert_eq!(jws::parse_json_serialization(&largest).unwrap().len(), 1);
    let large = json!({"payload": "A".repeat(jws::MAX_BYTES + 1), "signatures": [one]});
    assert_eq!(jws::parse_json_serialization(&large).unwrap_err(), JwsError::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn payloads_survive(payload: Vec<u8>, seed: u64) {
        let compact = HeaderBuilder::new("a").sign(&payload, &key(seed)).unwrap();
        let verified = UnverifiedJws::parse(&compact).unwrap().verify(&key(seed).public_key(), "a").unwrap();
        prop_assert_eq!(verified.payload(), &payload[..]);
    }

    #[test]
    fn any_changed_character_is_refused(at: prop::sample::Index, replacement in "[A-Za-z0-9_.-]") {
        let good = signed(r#"{"alg":"ES256","typ":"a"}"#);
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &replacement);
        if changed != good {
            let verified = UnverifiedJws::parse(&changed).and_then(|jws| jws.verify(&key(1).public_key(), "a"));
            prop_assert!(verified.is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", header in "\\PC{0,40}") {
        let _ = UnverifiedJws::parse(&text);
        let _ = UnverifiedJws::parse(&signed(&header));
    }
}
