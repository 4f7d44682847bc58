//! The vectors of the specifications and of independent libraries, as data (`CITIZEN_WALLET_VECTORS`).
//!
//! They are signed by bare keys, so they go through the RFC 9901 layer; certificates are the subject of `credential.rs`.

#![allow(clippy::print_stdout)]

use crate::common::vectors;
use crypto::{PublicJwk, PublicKey};
use primitives::{ClaimPath, Instant, PathElement};
use sd_jwt_vc::{
    Disclosure, ExpectedKeyBinding, TransactionData, UnverifiedSdJwt, VerifiedSdJwt, verify_key_binding,
};
use serde_json::{Value, json};

fn public_key(jwk: &Value) -> PublicKey {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().remove("d");
    *PublicJwk::from_value(&jwk).unwrap().key()
}

/// Reads, verifies at `at` and, if told what to expect, checks the key binding.
fn verify(
    text: &str,
    typ: &str,
    key: &PublicKey,
    at: Instant,
    expected: Option<ExpectedKeyBinding<'_>>,
) -> Result<VerifiedSdJwt, String> {
    let sd_jwt = UnverifiedSdJwt::parse(text).map_err(|error| error.to_string())?;
    let sd_jwt = sd_jwt.verify(key, &[typ], at).map_err(|error| error.to_string())?;
    if let Some(expected) = expected {
        verify_key_binding(&sd_jwt, &expected, at).map_err(|error| error.to_string())?;
    }
    Ok(sd_jwt)
}

fn check_generated_set(file: &str, least: usize) {
    let Some(set) = vectors(file) else { return };
    let issuer = public_key(&set["settings"]["key_settings"]["issuer_keys"][0]);
    let now = Instant::from_unix_seconds(1_748_537_250);
    let mut run = 0;
    let mut left_out = Vec::new();
    for case in set["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if case["serialization"] != "compact" {
            left_out.push(format!("{name} (JSON serialization is not taken in)"));
            continue;
        }
        if case["issuer_header"]["kid"].is_number() {
            left_out.push(format!("{name} (`kid` is a number, which RFC 7515 section 4.1.4 does not allow)"));
            continue;
        }
        let typ = case["issuer_header"]["typ"].as_str().unwrap();
        let issuance = case["issuance"].as_str().unwrap();
        let issued =
            verify(issuance, typ, &issuer, now, None).unwrap_or_else(|e| panic!("{file} {name}: {e}"));
        assert_eq!(issued.text(), issuance, "{file} {name}");
        // Salts, encodings and digests as the library made them.
        let disclosures = case["disclosures"].as_array().unwrap();
        assert_eq!(issued.disclosures().len(), disclosures.len(), "{file} {name}");
        for (ours, theirs) in issued.disclosures().iter().zip(disclosures) {
            assert_eq!(ours.encoded(), theirs["disclosure"], "{file} {name}");
            assert_eq!(ours.digest(), theirs["digest_sha256"], "{file} {name}");
        }
        // The holder has all the claims, and knows which can be kept back.
        let mut claims = issued.claims().clone();
        claims.as_object_mut().unwrap().remove("cnf");
        let mut wanted = case["claims"].clone();
        wanted.as_object_mut().unwrap().remove("cnf");
        assert_eq!(claims, wanted, "{file} {name}");
        let mut known = issued.disclosable_paths();
        known.sort();
        let mut paths: Vec<ClaimPath> =
            serde_json::from_value(case["selectively_disclosable"].clone()).unwrap();
        paths.sort();
        assert_eq!(known, paths, "{file} {name}");

        let expected = (case["key_binding"] == true).then(|| ExpectedKeyBinding {
            audience: case["expected_audience"].as_str().unwrap(),
            nonce: case["expected_nonce"].as_str().unwrap(),
            max_age_seconds: 60,
            transaction_data: TransactionData::default(),
            required: true,
        });
        let presentation = case["presentation"].as_str().unwrap();
        let presented = verify(presentation, typ, &issuer, now, expected)
            .unwrap_or_else(|e| panic!("{file} {name}: {e}"));
        assert_eq!(presented.claims(), &case["expected_verified_claims"], "{file} {name}");
        check_our_selection(&issued, &presented, &format!("{file} {name}"));
        run += 1;
    }
    println!("{file}: {run} cases; left out: {left_out:?}");
    assert!(run >= least, "{file}: {run} cases run");
}

/// Selecting the same disclosures ourselves reveals the same: each was chosen by the place where the whole credential has it.
fn check_our_selection(issued: &VerifiedSdJwt, presented: &VerifiedSdJwt, name: &str) {
    let theirs: Vec<&str> = presented.disclosures().iter().map(Disclosure::encoded).collect();
    let places: Vec<ClaimPath> = issued
        .disclosures()
        .iter()
        .zip(issued.disclosable_paths())
        .filter(|(disclosure, _)| theirs.contains(&disclosure.encoded()))
        .map(|(_, place)| place)
        .collect();
    let selection = issued.select(&places).unwrap_or_else(|error| panic!("{name}: {error}"));
    // Selecting a claim takes in all that lies below it; where they kept something below back, ours is the larger.
    let all = issued.disclosable_paths();
    let whole = places
        .iter()
        .all(|place| all.iter().filter(|one| one.starts_with(place)).all(|below| places.contains(below)));
    if whole {
        assert_eq!(&selection.claims(), presented.claims(), "{name}");
        assert_eq!(selection.disclosures(), theirs.len(), "{name}");
    } else {
        assert!(selection.disclosures() > theirs.len(), "{name}");
    }
}

// rule: SJ-1, SJ-7, SJ-16, SJ-29
#[test]
fn examples_of_rfc_9901() {
    check_generated_set("sd-jwt/rfc9901-examples.json", 13);
}

// rule: SJ-1, SJ-7, SJ-16, SJ-29
#[test]
fn examples_of_sd_jwt_python() {
    check_generated_set("sd-jwt/sd-jwt-python-examples.json", 12);
}

// rule: SJ-1, SJ-7, SJ-16, SJ-29
#[test]
fn test_cases_of_sd_jwt_python() {
    check_generated_set("sd-jwt/sd-jwt-python-testcases.json", 14);
}

// rule: SJ-1, SJ-7, SJ-16, SJ-29
#[test]
fn examples_of_sd_jwt_vc() {
    check_generated_set("sd-jwt/sd-jwt-vc-examples.json", 3);
}

// rule: SJ-7
#[test]
fn encodings_of_disclosures() {
    let Some(set) = vectors("sd-jwt/disclosures.json") else { return };
    let cases = set["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let ours = Disclosure::parse(case["disclosure"].as_str().unwrap()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(ours.digest(), case["digest_sha256"]);
        let parsed = case["parsed"].as_array().unwrap();
        assert_eq!(ours.value(), parsed.last().unwrap());
        assert_eq!(ours.name(), (parsed.len() == 3).then(|| parsed[1].as_str().unwrap()));
    }
}

// rule: SJ-1, SJ-4, SJ-5, SJ-8, SJ-9, SJ-10, SJ-11, SJ-12, SJ-13, SJ-14, SJ-15, SJ-17, SJ-24, SJ-25, SJ-26, SJ-27, SJ-28, SJ-29, SJ-30, SJ-31
#[test]
fn presentations_to_accept_and_to_reject() {
    let Some(set) = vectors("sd-jwt/presentations-accept-reject.json") else { return };
    let issuer = public_key(&set["issuer_public_jwk"]);
    let at = Instant::from_unix_seconds(set["verify_at"].as_i64().unwrap());
    let expected = ExpectedKeyBinding {
        audience: set["expected_audience"].as_str().unwrap(),
        nonce: set["expected_nonce"].as_str().unwrap(),
        max_age_seconds: 60,
        transaction_data: TransactionData::default(),
        required: set["require_key_binding"].as_bool().unwrap(),
    };
    let (mut accepted, mut rejected) = (0, 0);
    for case in set["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let verdict =
            verify(case["presentation"].as_str().unwrap(), "dc+sd-jwt", &issuer, at, Some(expected));
        match (case["expected"].as_str().unwrap(), verdict) {
            ("accept", Ok(sd_jwt)) => {
                assert_eq!(sd_jwt.claims(), &case["expected_claims"], "{name}");
                accepted += 1;
            }
            ("reject", Err(_)) => rejected += 1,
            (wanted, verdict) => panic!("{name}: {wanted}, but {:?}", verdict.err()),
        }
    }
    assert!(accepted >= 4 && rejected >= 27, "{accepted} accepted, {rejected} rejected");
}

// rule: SJ-29, VP-H1
#[test]
fn the_presentation_of_openid4vp() {
    let Some(case) = vectors("openid4vp/sd-jwt-presentation.json") else { return };
    let issuer = public_key(&case["key_settings"]["issuer_keys"][0]);
    let at = Instant::from_unix_seconds(case["kb_jwt_payload"]["iat"].as_i64().unwrap());
    let expected = ExpectedKeyBinding {
        audience: case["kb_jwt_payload"]["aud"].as_str().unwrap(),
        nonce: case["kb_jwt_payload"]["nonce"].as_str().unwrap(),
        max_age_seconds: 60,
        transaction_data: TransactionData::default(),
        required: true,
    };
    let text = case["presentation"].as_str().unwrap();
    let presented = verify(text, "dc+sd-jwt", &issuer, at, Some(expected)).unwrap();
    assert_eq!(presented.claims(), &case["verified_contents"]);
    let issued = verify(case["issuance"].as_str().unwrap(), "dc+sd-jwt", &issuer, at, None).unwrap();
    let given_name = ClaimPath::of_names(["ld", "credentialSubject", "givenName"]).unwrap();
    let selection = issued.select(&[given_name]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(&selection.claims(), presented.claims());
}

// rule: SJ-7
#[test]
fn serialized_sd_jwts_of_sd_jwt_js() {
    let Some(set) = vectors("sd-jwt/sd-jwt-js-serialized.json") else { return };
    let (mut read, mut left_out) = (0, Vec::new());
    for case in set["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        // The disclosures are readable and have the digests, whatever the algorithm of the signature.
        for theirs in case["disclosures"].as_array().unwrap() {
            let ours =
                Disclosure::parse(theirs["disclosure"].as_str().unwrap()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(ours.digest(), theirs["digest_sha256"], "{name}");
            assert_eq!(ours.value(), theirs["parsed"].as_array().unwrap().last().unwrap(), "{name}");
        }
        match (
            case["header"]["alg"].as_str().unwrap(),
            UnverifiedSdJwt::parse(case["serialized"].as_str().unwrap()),
        ) {
            ("ES256", Ok(_)) => read += 1,
            // Their unit tests sign with HS256 and EdDSA, or with a text that is no signature.
            (algorithm, Err(error)) => left_out.push(format!("{name} ({algorithm}: {error})")),
            (algorithm, Ok(_)) => panic!("{name}: {algorithm} was taken in"),
        }
    }
    println!("sd-jwt-js-serialized: {read} read; left out: {left_out:?}");
    assert!(read >= 1);
}

// rule: SJ-23
#[test]
fn frames_of_sd_jwt_js() {
    let Some(set) = vectors("sd-jwt/sd-jwt-js-frames.json") else { return };
    let world = crate::common::World::new();
    let mut run = 0;
    for case in set["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if name == "array_none_disclosed" {
            println!(
                "left out: {name} (drops an object of which nothing is disclosed; RFC 9901 section 7.1, 3.5 keeps it, empty)"
            );
            continue;
        }
        let without_registered = |claims: &Value| {
            let mut claims = crate::common::object(claims.clone());
            claims.retain(|name, _| !["iss", "iat", "exp", "cnf", "vct"].contains(&name.as_str()));
            Value::Object(claims)
        };
        let claims = without_registered(&case["claims"]);
        let mut disclosable = Vec::new();
        frame_paths(&case["disclosureFrame"], &claims, &[], &mut disclosable);
        let mut selected = Vec::new();
        chosen_paths(&case["presentationFrames"], &claims, &[], &mut selected);
        let issuance = disclosable
            .iter()
            .fold(world.issuance(claims.clone()), |one, path| one.disclosable(path.clone()));
        let text = issuance.sign(&world.issuer_key, &world.chain, &world.entropy).unwrap();
        let credential = world.accept(&text);
        let selection = credential.select(&selected).unwrap_or_else(|error| panic!("{name}: {error}"));
        let revealed = without_registered(&selection.claims());
        assert_eq!(revealed, without_registered(&case["presenatedClaims"]), "{name}");
        run += 1;
    }
    assert_eq!(run, set["cases"].as_array().unwrap().len() - 1);
}

/// The places a disclosure frame makes disclosable; what it names and is not there is nothing.
fn frame_paths(frame: &Value, value: &Value, here: &[PathElement], found: &mut Vec<ClaimPath>) {
    for (name, below) in frame.as_object().into_iter().flatten() {
        if name == "_sd" {
            for one in below.as_array().unwrap() {
                let name = one.as_str().map_or_else(|| one.to_string(), str::to_owned);
                if let Some((step, _)) = member(value, &name) {
                    found.push(ClaimPath::new([here, &[step]].concat()).unwrap());
                }
            }
        } else if let Some((step, inner)) = member(value, name) {
            frame_paths(below, inner, &[here, &[step]].concat(), found);
        }
    }
}

/// The innermost places a presentation frame chooses.
fn chosen_paths(frame: &Value, value: &Value, here: &[PathElement], found: &mut Vec<ClaimPath>) {
    for (name, below) in frame.as_object().into_iter().flatten() {
        let Some((step, inner)) = member(value, name) else { continue };
        let here = [here, &[step]].concat();
        if *below == json!(true) {
            found.push(ClaimPath::new(here).unwrap());
        } else {
            chosen_paths(below, inner, &here, found);
        }
    }
}

/// A member by name, or an element by the number that the frame writes as a name.
fn member<'v>(value: &'v Value, name: &str) -> Option<(PathElement, &'v Value)> {
    match value {
        Value::Object(object) => Some((PathElement::from(name), object.get(name)?)),
        Value::Array(array) => {
            let index: u32 = name.parse().ok()?;
            Some((PathElement::Index(index), array.get(usize::try_from(index).unwrap())?))
        }
        _ => None,
    }
}
