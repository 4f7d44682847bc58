//! Known answers of RFC 7638, RFC 9449, OpenID4VP 1.0, the JOSE cookbook and Project Wycheproof's JOSE files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{folder, private_key, public_jwk, vectors};
use crypto::jwe::{ContentEncryption, Jwe};
use crypto::jwk::JwkError;
use crypto::jws::UnverifiedJws;
use crypto::{Jwks, PublicJwk};
use primitives::base64url;
use serde_json::Value;

#[test]
fn thumbprints() {
    let Some(vectors) = vectors("jose/thumbprints.json") else { return };
    let mut run = 0;
    for case in vectors["cases"].as_array().unwrap() {
        match PublicJwk::from_value(&case["jwk"]) {
            Ok(jwk) => {
                assert_eq!(jwk.thumbprint_base64url(), case["thumbprint_sha256_b64u"].as_str().unwrap());
                run += 1;
            }
            Err(error) => assert_eq!(error, JwkError::Unsupported, "{}", case["name"]),
        }
    }
    assert!(run > 0);
}

#[test]
fn dpop_proofs_verify_with_the_key_in_their_header() {
    let Some(vectors) = vectors("jose/dpop.json") else { return };
    let mut run = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let jws = UnverifiedJws::parse(case["proof"].as_str().unwrap()).unwrap();
        let jwk = jws.header().jwk().unwrap().clone();
        assert_eq!(jwk.thumbprint_base64url(), case["jkt"].as_str().unwrap());
        let verified = jws.verify(jwk.verification_key().unwrap(), "dpop+jwt").unwrap();
        assert_eq!(Value::Object(verified.claims().unwrap()), case["payload"]);
        run += 1;
    }
    assert!(run > 0);
}

// rule: VP-S4
#[test]
fn the_encrypted_response_of_openid4vp_decrypts_and_unusable_keys_are_left_out() {
    let Some(vectors) = vectors("openid4vp/encrypted-response.json") else { return };
    let jwks = Jwks::from_value(&vectors["request"]["client_metadata"]["jwks"]).unwrap();
    assert_eq!(jwks.keys().len(), 1);
    assert_eq!(jwks.by_kid("ac").unwrap().alg(), Some("ECDH-ES"));
    let jwe = Jwe::parse(vectors["jwe_compact"].as_str().unwrap()).unwrap();
    assert_eq!((jwe.kid(), jwe.enc()), (Some("ac"), ContentEncryption::A128Gcm));
    let plaintext = jwe.decrypt(&private_key(&vectors["recipient_private_jwk"])).unwrap();
    assert_eq!(plaintext.expose_str().unwrap(), vectors["plaintext"].as_str().unwrap());
}

#[test]
fn wycheproof_jws() {
    let mut run = 0;
    for file in ["json_web_signature_test", "json_web_crypto_test", "json_web_key_test"] {
        let Some(vectors) = vectors(&format!("jose/wycheproof/{file}.json")) else { return };
        for group in vectors["testGroups"].as_array().unwrap() {
            // The private half stands where a public one is not published; a set stands for each of its keys.
            let keys = if group["public"].is_null() { &group["private"] } else { &group["public"] };
            let keys = keys["keys"].as_array().cloned().unwrap_or_else(|| vec![keys.clone()]);
            for test in group["tests"].as_array().unwrap() {
                let Some(jws) = test["jws"].as_str() else { continue };
                let accepted = keys.iter().any(|key| {
                    let Ok(jwk) = public_jwk(key) else { return false };
                    let Ok(jws) = UnverifiedJws::parse(jws) else { return false };
                    jwk.verification_key().is_ok_and(|key| jws.dangerous_verify_any_type(key).is_ok())
                });
                let es256 = group["comment"] == "es256"
                    || test["comment"] == "acceptsValid" && keys[0]["alg"] == "ES256";
                if test["result"] == "invalid" {
                    assert!(!accepted, "{file} {}", test["tcId"]);
                } else if es256 {
                    assert!(accepted, "{file} {}", test["tcId"]);
                }
                run += usize::from(accepted || es256);
            }
        }
    }
    assert!(run > 10, "{run}");
}

#[test]
fn wycheproof_jwe() {
    let Some(vectors) = vectors("jose/wycheproof/json_web_encryption_test.json") else { return };
    let (mut run, mut accepted) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        if group["private"]["crv"] != "P-256" {
            continue;
        }
        let key = private_key(&group["private"]);
        for test in group["tests"].as_array().unwrap() {
            run += 1;
            let Ok(plaintext) = Jwe::parse(test["jwe"].as_str().unwrap()).and_then(|jwe| jwe.decrypt(&key))
            else {
                continue;
            };
            // Groups of other key management algorithms are refused whole; what is accepted must be right.
            assert_eq!(test["result"], "valid", "{}", test["tcId"]);
            let hex: String = plaintext.expose().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(test["pt"], hex, "{}", test["tcId"]);
            accepted += 1;
        }
    }
    println!("{run} cases, {accepted} of them ECDH-ES with AES-GCM");
    assert!(run > 0);
}

#[test]
fn nothing_of_the_cookbook_is_accepted_since_none_of_it_is_on_p256_with_our_algorithms() {
    let mut run = 0;
    for part in ["jws", "jwe", "jwk", "curve25519", "rfc7797"] {
        let Ok(files) = std::fs::read_dir(format!("{}/jose/cookbook/{part}", folder())) else {
            println!("left out: all cases of jose/cookbook/{part} (vectors absent)");
            return;
        };
        for file in files {
            let path = file.unwrap().path();
            let vector: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let compact = vector["output"]["compact"].as_str().unwrap_or_default();
            assert!(UnverifiedJws::parse(compact).is_err(), "{path:?}");
            assert!(Jwe::parse(compact).is_err(), "{path:?}");
            if part == "jwk" {
                assert!(PublicJwk::from_value(&vector).is_err(), "{path:?}");
            }
            for key in [&vector["input"]["key"], &vector] {
                if key.get("d").or(key.get("k")).is_some() {
                    assert_eq!(PublicJwk::from_value(key), Err(JwkError::Private), "{path:?}");
                }
            }
            run += 1;
        }
    }
    assert!(run > 20, "{run}");
}

#[test]
fn the_access_token_hash_of_rfc_9449() {
    let Some(vectors) = vectors("jose/dpop.json") else { return };
    let hash = crypto::sha256(vectors["access_token"].as_str().unwrap().as_bytes());
    assert_eq!(base64url::encode(&hash), vectors["ath"].as_str().unwrap());
}

#[test]
fn the_cookbooks_checks_name_every_file_and_its_nesting_is_refused() {
    let Some(checks) = vectors("jose/cookbook-checks.json") else { return };
    let mut named: Vec<&str> = checks["files"].as_object().unwrap().keys().map(String::as_str).collect();
    named.sort_unstable();
    let mut present = Vec::new();
    for part in ["", "jws", "jwe", "jwk", "curve25519", "rfc7797"] {
        for file in std::fs::read_dir(format!("{}/jose/cookbook/{part}", folder())).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                let name = file.file_name().into_string().unwrap();
                present.push(if part.is_empty() { name } else { format!("{part}/{name}") });
            }
        }
    }
    present.sort();
    assert_eq!(named, present);
    // A token inside a token: neither is ES256 or ECDH-ES.
    let nested = vectors("jose/cookbook/6.nesting_signatures_and_encryption.json").unwrap();
    let mut tokens = Vec::new();
    strings(&nested, &mut tokens);
    let compact = tokens.iter().filter(|text| matches!(text.matches('.').count(), 2 | 4) && text.len() > 100);
    let mut refused = 0;
    for token in compact {
        assert!(UnverifiedJws::parse(token).is_err() && Jwe::parse(token).is_err());
        refused += 1;
    }
    assert!(refused > 0);
}

fn strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(list) => list.iter().for_each(|one| strings(one, found)),
        Value::Object(members) => members.values().for_each(|one| strings(one, found)),
        _ => {}
    }
}
