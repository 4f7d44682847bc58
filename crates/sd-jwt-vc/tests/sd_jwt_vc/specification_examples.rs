//! The examples of OpenID4VP 1.0 that are SD-JWTs, file by file, and the sources of the generated sets.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use crate::common::{World, digest, vectors};
use crypto::PublicJwk;
use primitives::{Instant, base64url};
use sd_jwt_vc::{Disclosure, ExpectedKeyBinding, TransactionData, UnverifiedSdJwt, verify_key_binding};
use serde_json::Value;

fn folder() -> PathBuf {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map(PathBuf::from);
    folder.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")))
}

/// A text whose lines are wrapped for print.
fn unwrapped(file: &str) -> String {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    text.lines().map(str::trim).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Header or payload of a compact JWS.
fn part(jws: &str, number: usize) -> Value {
    json(std::str::from_utf8(&base64url::decode(jws.split('.').nth(number).unwrap()).unwrap()).unwrap())
}

// rule: SJ-1, SJ-7, SJ-16, SJ-29, VP-H1
#[test]
fn the_example_of_openid4vp_is_whole_in_each_of_its_files() {
    const EXAMPLE: &str = "openid4vp/examples/sd_jwt_vcld/01";
    let Some(contents) = vectors(&format!("{EXAMPLE}/verified_contents.json")) else { return };
    let text = |file: &str| unwrapped(&format!("{EXAMPLE}/{file}"));
    let value = |file: &str| vectors(&format!("{EXAMPLE}/{file}")).unwrap();
    let settings = vectors("sd-jwt/settings.json").unwrap();
    let mut issuer = settings["key_settings"]["issuer_keys"][0].clone();
    // The example's own settings have the same key.
    let own = text("../settings.yml");
    assert!(own.contains(issuer["d"].as_str().unwrap()) && own.contains(issuer["x"].as_str().unwrap()));
    issuer.as_object_mut().unwrap().remove("d");
    let issuer = *PublicJwk::from_value(&issuer).unwrap().key();

    let (issuance, presentation) = (text("sd_jwt_issuance.txt"), text("sd_jwt_presentation.txt"));
    let (issued_jws, key_binding) = (text("sd_jwt_jws_part.txt"), text("kb_jwt_serialized.txt"));
    assert_eq!(issuance.split('~').next().unwrap(), issued_jws);
    assert_eq!(part(&issued_jws, 1), value("sd_jwt_payload.json"));
    assert_eq!(presentation.rsplit('~').next().unwrap(), key_binding);
    assert_eq!(part(&key_binding, 0), value("kb_jwt_header.json"));
    let proof = value("kb_jwt_payload.json");
    assert_eq!(part(&key_binding, 1), proof);
    let hashed = presentation.strip_suffix(&key_binding).unwrap();
    assert_eq!(proof["sd_hash"], digest(hashed), "over the presentation without its key binding");

    let at = Instant::from_unix_seconds(proof["iat"].as_i64().unwrap());
    let verify =
        |text: &str| UnverifiedSdJwt::parse(text).unwrap().verify(&issuer, &["dc+sd-jwt"], at).unwrap();
    let (issued, presented) = (verify(&issuance), verify(&presentation));
    let (audience, nonce) = (proof["aud"].as_str().unwrap(), proof["nonce"].as_str().unwrap());
    let expected = ExpectedKeyBinding { audience, nonce, ..crate::common::expected() };
    verify_key_binding(&presented, &expected, at).unwrap();
    let other = ExpectedKeyBinding { nonce: "another", ..expected };
    assert!(verify_key_binding(&presented, &other, at).is_err());
    assert_eq!(presented.claims(), &contents);
    assert_eq!(issued.claims()["ld"], value("user_claims.json")["ld"]);

    // The page that explains the disclosures names every digest, and each disclosure in wrapped pieces.
    let page = text("disclosures.md").replace(['`', '\\'], "");
    assert_eq!(issued.disclosures().len(), 3);
    for disclosure in issued.disclosures() {
        assert!(page.contains(disclosure.digest()) && page.contains(disclosure.encoded()));
        let name = disclosure.name().unwrap();
        assert!(
            text("specification.yml").contains(&format!("!sd {name}")),
            "{name} is disclosable in the source"
        );
    }
}

// rule: SJ-7, VP-H1
#[test]
fn the_credentials_and_the_proof_in_the_text_of_openid4vp_have_our_shape() {
    let Some(credential) = vectors("openid4vp/examples/credentials/sd_jwt_vc.json") else { return };
    let plain = vectors("openid4vp/examples/credentials/sd_jwt_vc_unsecured.json").unwrap();
    // Signed by an issuer who may issue its type, the payload is taken in as it stands: nothing of it is disclosed.
    let vct = credential["vct"].as_str().unwrap();
    let world = World::with_types([trust::CredentialType::sd_jwt_vc(vct)]);
    let mut payload = credential.clone();
    payload.as_object_mut().unwrap().remove("iss");
    payload["exp"] = (crate::common::now().unix_seconds() + 60).into();
    let accepted = world.accept(&world.signed(&payload, &[]));
    assert_eq!(accepted.vct(), vct);
    assert_eq!(plain["vct"], vct, "the same credential before it is secured");
    // What is disclosed is taken in only against these digests.
    let first =
        Disclosure::parse(&crate::common::disclosure(serde_json::json!(["salt", "given_name", "John"])))
            .unwrap();
    assert!(credential["_sd"].as_array().unwrap().iter().all(|digest| *digest != first.digest()));

    let proof = vectors("openid4vp/examples/response/kb_jwt_unsecured.json").unwrap();
    let mut members: Vec<&str> = proof.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["aud", "iat", "nonce", "sd_hash", "transaction_data_hashes"]);
    // A proof with these values, made by us, says them under the same names and is believed for them alone.
    let (audience, nonce) = (proof["aud"].as_str().unwrap(), proof["nonce"].as_str().unwrap());
    let issued = world.accept(&world.signed(&bound(&payload, &world), &[]));
    let binding = sd_jwt_vc::KeyBinding { audience, nonce, ..crate::common::binding() };
    let text = issued.select(&[]).unwrap().with_key_binding(&binding, &world.holder_key).unwrap();
    let made = part(text.rsplit('~').next().unwrap(), 1);
    for name in ["aud", "nonce"] {
        assert_eq!(made[name], proof[name]);
    }
    assert!(made["iat"].is_i64() && made["sd_hash"].as_str().unwrap().len() == 43);
    let expected = ExpectedKeyBinding {
        audience,
        nonce,
        transaction_data: TransactionData::default(),
        ..crate::common::expected()
    };
    assert!(
        sd_jwt_vc::verify_presentation(
            &text,
            &expected,
            &world.anchors,
            crate::common::now(),
            &Default::default()
        )
        .is_ok()
    );
}

/// The payload bound to the world's holder instead of the example's, whose key is not given.
fn bound(payload: &Value, world: &World) -> Value {
    let mut payload = payload.clone();
    let key = crypto::Signer::public_key(&world.holder_key);
    payload["cnf"] = serde_json::json!({ "jwk": serde_json::to_value(key.to_jwk()).unwrap() });
    payload
}

#[test]
fn credentials_and_presentations_of_the_w3c_formats_are_no_sd_jwts() {
    let files = ["credentials/jwt_vc", "credentials/ldp_vc", "response/jwt_vc", "response/ldp_vc"];
    for file in files {
        let Some(value) = vectors(&format!("openid4vp/examples/{file}.json")) else { return };
        assert!(UnverifiedSdJwt::parse(&value.to_string()).is_err(), "{file}");
        let embedded = World::new().jwt("JWT", &value);
        for text in [embedded.clone(), format!("{embedded}~")] {
            let parsed = sd_jwt_vc::UnverifiedSdJwtVc::parse(&text);
            let world = World::new();
            let verdict =
                parsed.map(|it| it.verify(&world.anchors, crate::common::now(), &Default::default()).is_ok());
            assert!(!matches!(verdict, Ok(true)), "{file}");
        }
        println!("left out: {file}.json (W3C formats are not supported: VP-H5)");
    }
}

#[test]
fn every_yaml_source_is_a_case_of_its_set() {
    let sets =
        ["rfc9901-examples", "sd-jwt-python-examples", "sd-jwt-python-testcases", "sd-jwt-vc-examples"];
    let mut sources = 0;
    for set in sets {
        let Some(cases) = vectors(&format!("sd-jwt/{set}.json")) else { return };
        let names: Vec<&str> =
            cases["cases"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect();
        for file in std::fs::read_dir(folder().join("sd-jwt").join(set)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            if name == "settings" {
                let key = &cases["settings"]["key_settings"]["issuer_keys"][0]["d"];
                assert!(text.contains(key.as_str().unwrap()), "{path:?}");
            } else {
                let case = names.iter().position(|one| *one == name);
                let case =
                    &cases["cases"][case.unwrap_or_else(|| panic!("{path:?} is no case of {set}.json"))];
                // What the source makes disclosable under a name is among the paths of the case.
                let disclosable = case["selectively_disclosable"].as_array().unwrap();
                assert_eq!(text.contains("!sd"), !disclosable.is_empty(), "{path:?}");
            }
            sources += 1;
        }
    }
    assert!(sources > 40, "{sources}");
}
