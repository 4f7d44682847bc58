//! What an issuer signs (RFC 9901 section 4; SD-JWT VC section 3.2).

use std::collections::BTreeSet;

use crate::common::*;
use primitives::base64url;
use sd_jwt_vc::limits::{MAX_DEPTH, MAX_DISCLOSURES};
use sd_jwt_vc::{Issuance, IssueError, NEVER_DISCLOSABLE};
use serde_json::{Map, Value, json};

fn payload_of(text: &str) -> Value {
    let payload = text.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload).unwrap()).unwrap()
}

fn disclosures_of(text: &str) -> Vec<Value> {
    let parts: Vec<&str> = text.split('~').collect();
    parts[1..parts.len() - 1]
        .iter()
        .map(|part| serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap())
        .collect()
}

fn refused(world: &World, issuance: Issuance) -> IssueError {
    issuance.sign(&world.issuer_key, &world.chain, &world.entropy).expect_err("issued")
}

// rule: SJ-18
#[test]
fn each_salt_is_128_bits_of_its_own() {
    let world = World::new();
    let text = world.issue(json!({ "a": 1, "b": 1, "c": [1, 1] }), &[r#""a""#, r#""b""#, r#""c",null"#]);
    let salts: BTreeSet<String> =
        disclosures_of(&text).iter().map(|array| array[0].as_str().unwrap().to_owned()).collect();
    assert_eq!(salts.len(), 4);
    for salt in &salts {
        assert_eq!(base64url::decode(salt).unwrap().len(), 16);
    }
    let again = world.issue(json!({ "a": 1, "b": 1, "c": [1, 1] }), &[r#""a""#, r#""b""#, r#""c",null"#]);
    for array in disclosures_of(&again) {
        assert!(!salts.contains(array[0].as_str().unwrap()));
    }
    world.entropy.fail();
    let issuance = world.issuance(json!({ "a": 1 })).disclosable(path(r#""a""#));
    assert!(matches!(refused(&world, issuance), IssueError::Entropy(_)));
}

// rule: SJ-19
#[test]
fn the_order_of_digests_says_nothing() {
    let world = World::new();
    let claims: Map<String, Value> = (0..20).map(|n| (format!("claim{n}"), json!(n))).collect();
    let text = world
        .issuance(Value::Object(claims))
        .all_disclosable()
        .decoys(3)
        .sign(&world.issuer_key, &world.chain, &world.entropy)
        .unwrap();
    let payload = payload_of(&text);
    let digests: Vec<&str> = payload["_sd"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
    assert_eq!(digests.len(), 23);
    assert!(digests.is_sorted());
}

// rule: SJ-20
#[test]
fn decoys_look_like_digests_and_are_dropped() {
    let world = World::new();
    let claims = json!({ "a": 1, "list": ["x", "y"], "open": { "b": 1 } });
    let text = world
        .issuance(claims.clone())
        .disclosable(path(r#""a""#))
        .disclosable(path(r#""list",0"#))
        .decoys(2)
        .sign(&world.issuer_key, &world.chain, &world.entropy)
        .unwrap();
    let payload = payload_of(&text);
    assert_eq!(payload["_sd"].as_array().unwrap().len(), 3);
    assert_eq!(payload["list"].as_array().unwrap().len(), 4);
    let digests = payload["_sd"].as_array().unwrap().iter();
    let digests = digests.chain(payload["list"].as_array().unwrap().iter().filter_map(|e| e.get("...")));
    for digest in digests {
        assert_eq!(base64url::decode(digest.as_str().unwrap()).unwrap().len(), 32);
    }
    assert!(payload["open"].get("_sd").is_none());
    let credential = world.accept(&text);
    for (name, value) in claims.as_object().unwrap() {
        assert_eq!(&credential.claims()[name], value);
    }
}

// rule: SJ-21
#[test]
fn reserved_names_are_not_issued() {
    let world = World::new();
    for name in ["_sd", "...", "_sd_alg"] {
        for claims in
            [json!({ name: 1 }), json!({ "a": { name: 1 } }), json!({ "a": [{ "b": [{ name: "x" }] }] })]
        {
            assert_eq!(refused(&world, world.issuance(claims)), IssueError::ReservedName, "{name}");
        }
    }
}

// rule: SV-4
#[test]
fn registered_claims_stay_in_the_open() {
    let world = World::new();
    for name in NEVER_DISCLOSABLE.iter().chain(&["iat"]) {
        let issuance = world.issuance(json!({ *name: "x" }));
        assert_eq!(refused(&world, issuance), IssueError::RegisteredClaim, "{name}");
        let issuance = world.issuance(json!({ "a": 1 })).disclosable(path(&format!("{name:?}")));
        assert_eq!(refused(&world, issuance), IssueError::PathSelectsNothing, "{name}");
    }
    let text = world.issuance(json!({ "a": 1 })).all_disclosable();
    let text = text.sign(&world.issuer_key, &world.chain, &world.entropy).unwrap();
    let payload = payload_of(&text);
    for name in ["iss", "iat", "exp", "cnf", "vct"] {
        assert!(payload.get(name).is_some(), "{name}");
    }
}

// rule: SV-13
#[test]
fn without_disclosable_claims_nothing_speaks_of_digests() {
    let world = World::new();
    let text = world.issuance(json!({ "a": 1 })).decoys(5);
    let text = text.sign(&world.issuer_key, &world.chain, &world.entropy).unwrap();
    assert!(text.ends_with('~') && text.matches('~').count() == 1);
    let payload = payload_of(&text);
    assert!(payload.get("_sd").is_none() && payload.get("_sd_alg").is_none());
}

#[test]
fn the_header_names_type_and_certificates() {
    let world = World::new();
    let text = world.issue(json!({}), &[]);
    let header = base64url::decode(text.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header, json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": world.chain.to_x5c() }));
}

// rule: SJ-3, SV-2
#[test]
fn what_no_reader_takes_is_not_issued() {
    let world = World::new();
    let many: Vec<u32> = (0..=u32::try_from(MAX_DISCLOSURES).unwrap()).collect();
    let issuance = world.issuance(json!({ "a": many })).disclosable(path(r#""a",null"#));
    assert_eq!(refused(&world, issuance), IssueError::TooLarge);
    let deep = |depth: usize| json!({ "a": (1..depth).fold(json!(1), |inner, _| json!([inner])) });
    assert_eq!(refused(&world, world.issuance(deep(MAX_DEPTH + 1))), IssueError::TooLarge);
    let text = world.issuance(deep(MAX_DEPTH)).sign(&world.issuer_key, &world.chain, &world.entropy).unwrap();
    world.accept(&text);
    let large = "x".repeat(sd_jwt_vc::limits::MAX_BYTES);
    assert_eq!(refused(&world, world.issuance(json!({ "a": large }))), IssueError::TooLarge);
    assert_eq!(refused(&world, Issuance::new("", Map::new())), IssueError::NoType);
}
