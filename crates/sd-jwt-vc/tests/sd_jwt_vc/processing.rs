//! RFC 9901 section 7.1: each step, by what it refuses.

use crate::common::*;
use primitives::Refusal;
use sd_jwt_vc::limits::{MAX_BYTES, MAX_DEPTH, MAX_DIGESTS, MAX_DISCLOSURES, MAX_KEY_BINDING_BYTES};
use sd_jwt_vc::{
    Disclosure, ParseError, ProcessError, SdJwtError, UnverifiedSdJwt, UnverifiedSdJwtVc, VerifyError,
};
use serde_json::{Value, json};

fn claims(world: &World, text: &str) -> Result<Value, VerifyError> {
    let parsed = UnverifiedSdJwtVc::parse(text).unwrap_or_else(|error| panic!("{error}"));
    parsed.verify(&world.anchors, now(), &Default::default()).map(|credential| credential.claims().clone())
}

fn refused(world: &World, payload_claims: Value, disclosures: &[String]) -> ProcessError {
    match claims(world, &world.signed(&payload(payload_claims), disclosures)) {
        Err(VerifyError::SdJwt(SdJwtError::Process(error))) => error,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("accepted"),
    }
}

fn parse_error(text: &str) -> ParseError {
    UnverifiedSdJwt::parse(text).err().expect("accepted")
}

// rule: SJ-1
#[test]
fn the_tildes_of_the_compact_form_are_all_there() {
    let world = World::new();
    let d = disclosure(json!(["salt", "name", "value"]));
    let jwt = world.jwt("dc+sd-jwt", &payload(json!({ "_sd": [digest(&d)] })));
    assert!(UnverifiedSdJwt::parse(&format!("{jwt}~{d}~")).is_ok());
    assert_eq!(parse_error(&jwt), ParseError::Form);
    assert_eq!(parse_error(&format!("{jwt}~{d}")), ParseError::KeyBindingJwt);
    assert_eq!(parse_error(&format!("{jwt}~~")), ParseError::Form);
    assert_eq!(parse_error(&format!("{jwt}~~{d}~")), ParseError::Form);
    assert_eq!(parse_error(&format!("~{d}~")), ParseError::Jwt);
}

// rule: SJ-2
#[test]
fn a_holder_takes_no_key_binding_jwt_in() {
    let world = World::new();
    let text = world.signed(&payload(json!({})), &[]) + &world.key_binding("kb+jwt", &json!({}));
    assert!(UnverifiedSdJwt::parse(&text).is_ok());
    assert_eq!(UnverifiedSdJwtVc::parse(&text).err().unwrap(), ParseError::KeyBindingUnexpected);
}

// rule: SJ-3
#[test]
fn sizes_and_counts_are_bounded() {
    assert_eq!(parse_error(&"a".repeat(MAX_BYTES + 1)), ParseError::TooLarge);
    let world = World::new();
    let many: Vec<String> = (0..=MAX_DISCLOSURES).map(|n| disclosure(json!([n.to_string(), n]))).collect();
    let jwt = world.jwt("dc+sd-jwt", &payload(json!({})));
    assert_eq!(parse_error(&join(&jwt, &many)), ParseError::TooManyDisclosures);
    assert!(UnverifiedSdJwt::parse(&join(&jwt, &many[1..])).is_ok());
    let digests: Vec<String> = (0..=MAX_DIGESTS).map(|n| n.to_string()).collect();
    assert_eq!(refused(&world, json!({ "_sd": digests }), &[]), ProcessError::TooManyDigests);
    assert!(claims(&world, &world.signed(&payload(json!({ "_sd": digests[1..] })), &[])).is_ok());
    assert_eq!(parse_error(&"a".repeat(MAX_BYTES)), ParseError::Form);
}

// rule: SJ-3
#[test]
fn a_key_binding_jwt_is_bounded() {
    let world = World::new();
    let jwt = world.jwt("dc+sd-jwt", &payload(json!({})));
    let of = |padding: usize| world.key_binding("kb+jwt", &json!({ "padding": "a".repeat(padding) }));
    let (around, unit) = (of(0).len(), 3);
    let padding = (MAX_KEY_BINDING_BYTES - around) / 4 * unit;
    let largest =
        (padding..padding + 8).rev().map(of).find(|jwt| jwt.len() <= MAX_KEY_BINDING_BYTES).unwrap();
    assert_eq!(largest.len(), MAX_KEY_BINDING_BYTES);
    assert!(UnverifiedSdJwt::parse(&format!("{jwt}~{largest}")).is_ok());
    let larger = of(padding + 8);
    assert_eq!(parse_error(&format!("{jwt}~{larger}")), ParseError::KeyBindingJwt);
}

// rule: SJ-3
#[test]
fn nesting_is_bounded_also_through_disclosures() {
    let world = World::new();
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    // The claims are an object themselves.
    assert!(claims(&world, &world.signed(&payload(json!({ "a": nested(MAX_DEPTH - 1) })), &[])).is_ok());
    assert_eq!(refused(&world, json!({ "a": nested(MAX_DEPTH) }), &[]), ProcessError::TooDeep);
    let objects = (0..MAX_DEPTH).fold(json!(1), |inner, _| json!({ "a": inner }));
    assert_eq!(refused(&world, json!({ "a": objects }), &[]), ProcessError::TooDeep);
    let mut disclosures = Vec::new();
    let mut value = json!(1);
    for level in 0..MAX_DEPTH {
        let one = disclosure(json!([level.to_string(), "a", value]));
        value = json!({ "_sd": [digest(&one)] });
        disclosures.push(one);
    }
    assert_eq!(refused(&world, json!({ "a": value }), &disclosures), ProcessError::TooDeep);
}

// rule: SJ-3
#[test]
fn a_member_named_twice_is_refused_in_payload_and_disclosure() {
    let world = World::new();
    let text = world.signed_bytes(&format!(r#"{{"vct":"{VCT}","a":1,"a":2}}"#), &[]);
    let refused = match UnverifiedSdJwtVc::parse(&text) {
        Err(error) => error.code(),
        Ok(parsed) => parsed.verify(&world.anchors, now(), &Default::default()).err().unwrap().code(),
    };
    assert_eq!(refused, "sd_jwt_unreadable");
    let twice = primitives::base64url::encode(br#"["salt","name",{"a":1,"a":2}]"#);
    assert_eq!(Disclosure::parse(&twice).err().unwrap(), ParseError::Disclosure);
}

// rule: SJ-4
#[test]
fn another_signature_or_algorithm_is_refused() {
    let world = World::new();
    let text = world.signed(&payload(json!({ "a": 1 })), &[]);
    let (jwt, _) = text.split_once('~').unwrap();
    let mut parts: Vec<String> = jwt.split('.').map(str::to_owned).collect();
    let other = world.jwt("dc+sd-jwt", &payload(json!({ "a": 2 })));
    let other_payload = other.split('.').nth(1).unwrap().to_owned();
    let swapped = format!("{}.{}.{}~", parts[0], other_payload, parts[2]);
    assert_eq!(claims(&world, &swapped).unwrap_err(), VerifyError::SdJwt(SdJwtError::Signature));
    for alg in ["none", "HS256", "ES384"] {
        let header = primitives::base64url::decode(&parts[0]).unwrap();
        let mut header: Value = serde_json::from_slice(&header).unwrap();
        header["alg"] = json!(alg);
        parts[0] = primitives::base64url::encode(header.to_string().as_bytes());
        assert_eq!(parse_error(&format!("{}~", parts.join("."))), ParseError::Jwt, "{alg}");
        assert_eq!(parse_error(&format!("{}.{}.~", parts[0], parts[1])), ParseError::Jwt, "{alg}");
    }
}

// rule: SJ-5
#[test]
fn only_sha_256_hashes_disclosures() {
    let world = World::new();
    for algorithm in [json!("sha-512"), json!("SHA-256"), json!("md5"), json!(null), json!(["sha-256"])] {
        assert_eq!(refused(&world, json!({ "_sd_alg": algorithm }), &[]), ProcessError::HashAlgorithm);
    }
    let d = disclosure(json!(["salt", "name", "value"]));
    for more in [json!({}), json!({ "_sd_alg": "sha-256" })] {
        let mut claimed = payload(json!({ "_sd": [digest(&d)] }));
        claimed.as_object_mut().unwrap().extend(object(more));
        let claims = claims(&world, &world.signed(&claimed, std::slice::from_ref(&d))).unwrap();
        assert_eq!(claims, payload(json!({ "name": "value" })));
    }
}

// rule: SJ-6
#[test]
fn the_hash_algorithm_is_named_at_the_top_only() {
    let world = World::new();
    let nested = json!({ "a": { "_sd_alg": "sha-256" } });
    assert_eq!(refused(&world, nested, &[]), ProcessError::HashAlgorithmNested);
    let d = disclosure(json!(["salt", "a", { "_sd_alg": "sha-256" }]));
    assert_eq!(refused(&world, json!({ "_sd": [digest(&d)] }), &[d]), ProcessError::HashAlgorithmNested);
    let d = disclosure(json!(["salt", "_sd_alg", "sha-256"]));
    assert_eq!(Disclosure::parse(&d).err().unwrap(), ParseError::ReservedName);
}

// rule: SJ-7
#[test]
fn a_disclosure_is_base64url_of_a_json_array_with_a_salt() {
    for text in ["", "!", "WyJhIl0=", "bm90IGpzb24"] {
        assert_eq!(Disclosure::parse(text).err().unwrap(), ParseError::Disclosure, "{text:?}");
    }
    for elements in [
        json!({ "salt": 1 }),
        json!([]),
        json!(["salt"]),
        json!([1, "name", "value"]),
        json!([null, "value"]),
        json!(["salt", 1, "value"]),
        json!(["salt", "name", "value", "more"]),
    ] {
        assert_eq!(
            Disclosure::parse(&disclosure(elements.clone())).err().unwrap(),
            ParseError::Disclosure,
            "{elements}"
        );
    }
}

// rule: SJ-7, SJ-32, CI-20
#[test]
fn the_digest_is_over_the_characters_received() {
    let world = World::new();
    let spaced = primitives::base64url::encode(b"[ \"salt\" ,\n\"name\", \"v\\u0061lue\" ]");
    let text = world.signed(&payload(json!({ "_sd": [digest(&spaced)] })), std::slice::from_ref(&spaced));
    assert_eq!(claims(&world, &text).unwrap()["name"], "value");
    assert_eq!(world.accept(&text).text(), text);
    let compact = disclosure(json!(["salt", "name", "value"]));
    assert_eq!(
        refused(&world, json!({ "_sd": [digest(&spaced)] }), &[compact]),
        ProcessError::DisclosureUnreferenced
    );
}

// rule: SJ-8
#[test]
fn an_element_is_not_disclosed_as_a_member() {
    let world = World::new();
    let d = disclosure(json!(["salt", "value"]));
    assert_eq!(refused(&world, json!({ "_sd": [digest(&d)] }), &[d]), ProcessError::PropertyShape);
}

// rule: SJ-9
#[test]
fn a_member_is_not_disclosed_as_an_element() {
    let world = World::new();
    let d = disclosure(json!(["salt", "name", "value"]));
    assert_eq!(refused(&world, json!({ "a": [{ "...": digest(&d) }] }), &[d]), ProcessError::ElementShape);
}

// rule: SJ-10
#[test]
fn reserved_names_are_not_disclosed() {
    for name in ["_sd", "..."] {
        let d = disclosure(json!(["salt", name, ["x"]]));
        assert_eq!(Disclosure::parse(&d).err().unwrap(), ParseError::ReservedName, "{name}");
    }
}

// rule: SJ-11
#[test]
fn nothing_is_overwritten() {
    let world = World::new();
    let d = disclosure(json!(["salt", "name", "mallory"]));
    let open = json!({ "_sd": [digest(&d)], "name": "alice" });
    assert_eq!(refused(&world, open, std::slice::from_ref(&d)), ProcessError::NameTaken);
    let other = disclosure(json!(["tlas", "name", "bob"]));
    let two = json!({ "_sd": [digest(&d), digest(&other)] });
    assert_eq!(refused(&world, two, &[d.clone(), other]), ProcessError::NameTaken);
    // The same name at another level is another claim.
    let elsewhere = json!({ "name": "alice", "parent": { "_sd": [digest(&d)] } });
    let text = world.signed(&payload(elsewhere), &[d]);
    assert_eq!(claims(&world, &text).unwrap()["parent"]["name"], "mallory");
}

// rule: SJ-12
#[test]
fn a_disclosure_does_not_come_twice() {
    let world = World::new();
    let d = disclosure(json!(["salt", "name", "value"]));
    assert_eq!(
        refused(&world, json!({ "_sd": [digest(&d)] }), &[d.clone(), d]),
        ProcessError::DisclosureRepeated
    );
}

// rule: SJ-13
#[test]
fn a_digest_does_not_stand_twice_anywhere() {
    let world = World::new();
    let d = disclosure(json!(["salt", "name", "value"]));
    let e = disclosure(json!(["salt", "value"]));
    let twice = |at: Value, disclosures: &[String]| {
        assert_eq!(refused(&world, at.clone(), disclosures), ProcessError::DigestRepeated, "{at}");
    };
    twice(json!({ "_sd": [digest(&d), digest(&d)] }), std::slice::from_ref(&d));
    twice(json!({ "_sd": [digest(&d)], "a": { "_sd": [digest(&d)] } }), std::slice::from_ref(&d));
    twice(json!({ "a": [{ "...": digest(&e) }, { "...": digest(&e) }] }), std::slice::from_ref(&e));
    // A digest without disclosure counts as well.
    twice(json!({ "_sd": ["decoy"], "a": [{ "...": "decoy" }] }), &[]);
    let holder = disclosure(json!(["salt", "holder", { "_sd": ["decoy"] }]));
    twice(json!({ "_sd": ["decoy", digest(&holder)] }), &[holder]);
}

// rule: SJ-14
#[test]
fn a_disclosure_without_digest_is_refused() {
    let world = World::new();
    let child = disclosure(json!(["salt", "street", "1"]));
    let parent = disclosure(json!(["salt", "address", { "_sd": [digest(&child)] }]));
    let at = json!({ "_sd": [digest(&parent)] });
    assert!(claims(&world, &world.signed(&payload(at.clone()), &[parent, child.clone()])).is_ok());
    assert_eq!(refused(&world, at, std::slice::from_ref(&child)), ProcessError::DisclosureUnreferenced);
    // A digest as an ordinary string is no reference.
    assert_eq!(
        refused(&world, json!({ "a": digest(&child) }), &[child]),
        ProcessError::DisclosureUnreferenced
    );
}

// rule: SJ-15
#[test]
fn digests_stand_where_they_belong() {
    let world = World::new();
    for at in [
        json!({ "_sd": "digest" }),
        json!({ "_sd": { "a": 1 } }),
        json!({ "_sd": [1] }),
        json!({ "_sd": [["digest"]] }),
        json!({ "a": { "_sd": null } }),
        json!({ "a": [{ "...": 1 }] }),
        json!({ "a": [{ "...": "digest", "b": 1 }] }),
        json!({ "a": { "...": "digest" } }),
        json!({ "...": "digest" }),
    ] {
        assert_eq!(refused(&world, at.clone(), &[]), ProcessError::DigestMisplaced, "{at}");
    }
}

// rule: SJ-16
#[test]
fn digests_without_disclosure_leave_no_trace() {
    let world = World::new();
    let d = disclosure(json!(["salt", { "_sd": ["deep decoy"], "b": [{ "...": "inner decoy" }] }]));
    let at = json!({
        "_sd_alg": "sha-256",
        "_sd": ["decoy"],
        "empty": { "_sd": ["another"] },
        "list": ["first", { "...": "gone" }, { "...": digest(&d) }, [{ "...": "also gone" }], "last"],
    });
    let text = world.signed(&payload(at), &[d]);
    assert_eq!(
        claims(&world, &text).unwrap(),
        payload(json!({ "empty": {}, "list": ["first", { "b": [] }, [], "last"] }))
    );
    // The place of a disclosed element is counted in what is left.
    let credential = world.accept(&text);
    assert_eq!(credential.sd_jwt().disclosable_paths(), [path(r#""list",1"#)]);
}

// rule: SJ-17
#[test]
fn times_hold_within_the_skew() {
    let world = World::new();
    let at = |name: &str, value: Value| claims(&world, &world.signed(&payload(json!({ name: value })), &[]));
    let seconds = now().unix_seconds();
    let expired = VerifyError::SdJwt(SdJwtError::Expired);
    let early = VerifyError::SdJwt(SdJwtError::NotYetValid);
    assert!(at("exp", json!(seconds - 59)).is_ok());
    assert_eq!(at("exp", json!(seconds - 60)).unwrap_err(), expired);
    assert_eq!(at("exp", json!(-1)).unwrap_err(), expired);
    assert!(at("nbf", json!(seconds + 60)).is_ok());
    assert_eq!(at("nbf", json!(seconds + 61)).unwrap_err(), early);
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("1795262400"), json!(null), json!([1])] {
            assert_eq!(at(name, value).unwrap_err(), VerifyError::SdJwt(SdJwtError::Time), "{name}");
        }
    }
}
