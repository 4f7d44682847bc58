//! The other examples of OpenID4VCI 1.0: configurations, requests, responses and keys, and the members that the conformance suite's
//! schemas know.

#![allow(clippy::print_stdout, clippy::string_slice)]

use std::collections::BTreeSet;

use crypto::PublicJwk;
use crypto::jws::UnverifiedJws;
use openid4vci::issuer::{CredentialRequest, Inbound};
use openid4vci::metadata::{ConfigurationEntry, IssuerMetadata, Unusable};
use openid4vci::offer::CredentialOffer;
use openid4vci::wire::Identifier;
use primitives::http::Request;
use primitives::{Instant, base64url};
use sd_jwt_vc::UnverifiedSdJwt;
use serde_json::{Value, json};
use trust::Certificate;

const ISSUER: &str = "https://credential-issuer.example.com";

fn identifier() -> Identifier {
    Identifier::parse(ISSUER, "x").unwrap()
}

fn metadata(configurations: &Value) -> IssuerMetadata {
    let whole = json!({
        "credential_issuer": ISSUER,
        "credential_endpoint": format!("{ISSUER}/credential"),
        "credential_configurations_supported": configurations,
    });
    IssuerMetadata::from_json(whole.to_string().as_bytes(), &identifier()).unwrap()
}

/// A text whose lines are wrapped for print.
fn unwrapped(file: &str) -> Option<String> {
    let text = String::from_utf8(crate::vectors::bytes(file)?).unwrap();
    Some(text.lines().map(str::trim).collect())
}

// rule: CI-3, CI-25
#[test]
fn the_configurations_of_the_specification_are_usable_or_not_for_a_reason() {
    let cases = [
        ("sd_jwt_vc", None),
        ("mso_mdoc", Some(Unusable::NotKeyBound)),
        ("jwt_vc_json", Some(Unusable::Format)),
        ("ldp_vc", Some(Unusable::Format)),
    ];
    for (name, expected) in cases {
        let Some(file) =
            crate::vectors::read(&format!("openid4vci/examples/credential_metadata_{name}.json"))
        else {
            return;
        };
        let configurations = &file["credential_configurations_supported"];
        let parsed = metadata(configurations);
        let (id, entry) = &parsed.configurations[0];
        assert_eq!(Some(id), configurations.as_object().unwrap().keys().next(), "{name}");
        let unusable = match entry {
            ConfigurationEntry::Usable(_) => None,
            ConfigurationEntry::Unusable(why) => Some(*why),
        };
        assert_eq!(unusable, expected, "{name}");
    }
}

// rule: CI-20
#[test]
fn the_responses_of_the_specification_carry_what_they_say() {
    let Some(file) = crate::vectors::read("openid4vci/jwts.json") else { return };
    let settings = crate::vectors::read("sd-jwt/settings.json").unwrap();
    let body = |name: &str| {
        let text = unwrapped(&format!("openid4vci/examples/credential_response_{name}.txt")).unwrap();
        text[text.find('{').unwrap()..].to_owned()
    };
    let token_of = |name: &str| {
        let cases = file["cases"].as_array().unwrap();
        cases.iter().find(|case| case["name"] == name).unwrap()["token"].as_str().unwrap().to_owned()
    };
    let response: Value = serde_json::from_str(&body("sd_jwt_vc")).unwrap();
    let credential = response["credentials"][0]["credential"].as_str().unwrap();
    assert!(credential.starts_with(&token_of("credential_response_sd_jwt_vc")));
    let mut issuer = settings["key_settings"]["issuer_keys"][0].clone();
    issuer.as_object_mut().unwrap().remove("d");
    let issuer = *PublicJwk::from_value(&issuer).unwrap().key();
    let at = Instant::from_unix_seconds(1_683_000_001);
    let issued = UnverifiedSdJwt::parse(credential).unwrap().verify(&issuer, &["dc+sd-jwt"], at).unwrap();
    assert!(issued.claims()["vct"].is_string() && !issued.disclosures().is_empty());

    // The mdoc's bytes are left out in the middle, so it is none; the W3C formats are none of ours.
    let mdoc: Value = serde_json::from_str(&body("mso_mdoc")).unwrap();
    assert!(
        mdoc::IssuerSigned::parse_base64url(mdoc["credentials"][0]["credential"].as_str().unwrap()).is_err()
    );
    let jwt: Value = serde_json::from_str(&body("jwt_vc_json")).unwrap();
    assert!(UnverifiedSdJwt::parse(jwt["credentials"][0]["credential"].as_str().unwrap()).is_err());
    let linked: Value = serde_json::from_str(&body("ldp_vc")).unwrap();
    assert!(linked["credentials"][0]["credential"].is_object(), "no text, so no credential of ours");
}

// rule: CI-10, CI-15
#[test]
fn the_draft_request_for_an_mdoc_is_refused_since_it_names_no_configuration() {
    let Some(body) = crate::vectors::bytes("openid4vci/examples/credential_request_iso_mdl.json") else {
        return;
    };
    let url = url::Url::parse(&format!("{ISSUER}/credential")).unwrap();
    let ask = |body: Vec<u8>| {
        let request = Request::post(url.clone()).with_body("application/json", body);
        CredentialRequest::parse(&Inbound::of(&request), &metadata(&json!({})), None).is_ok()
    };
    assert!(!ask(body.clone()));
    let mut named: Value = serde_json::from_slice(&body).unwrap();
    named["credential_configuration_id"] = "org.iso.18013.5.1.mDL".into();
    assert!(ask(named.to_string().into_bytes()), "with it, it is read; its proof is another matter");
}

// rule: CI-4, CI-12
#[test]
fn the_tokens_of_the_specification_are_those_of_its_files_and_their_signatures_hold() {
    let Some(file) = crate::vectors::read("openid4vci/jwts.json") else { return };
    let mut run = 0;
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if case["signature_verified_with"] != "x5c leaf" {
            continue;
        }
        let source = case["source_path"].as_str().unwrap().rsplit('/').next().unwrap();
        let token = case["token"].as_str().unwrap();
        assert_eq!(unwrapped(&format!("openid4vci/examples/{source}")).unwrap(), token, "{name}");
        let leaf = base64url::decode_standard(case["header"]["x5c"][0].as_str().unwrap()).unwrap();
        let key = Certificate::from_der(&leaf).unwrap().public_key().unwrap();
        let verified =
            UnverifiedJws::parse(token).unwrap().verify(&key, case["header"]["typ"].as_str().unwrap());
        assert_eq!(Value::Object(verified.unwrap().claims().unwrap()), case["payload"], "{name}");
        let changed = format!("{}A{}", &token[..token.len() - 2], &token[token.len() - 1..]);
        let changed =
            UnverifiedJws::parse(&changed).unwrap().verify(&key, case["header"]["typ"].as_str().unwrap());
        assert!(changed.is_err(), "{name}");
        run += 1;
    }
    assert_eq!(run, 2);
}

#[test]
fn the_key_id_of_the_specifications_issuer_is_its_thumbprint() {
    let Some(file) = crate::vectors::read("openid4vci/issuer-jwks.json") else { return };
    let jwk = PublicJwk::from_value(&file["jwks"]["keys"][0]).unwrap();
    let id = format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", jwk.thumbprint_base64url());
    assert_eq!(jwk.kid(), Some(id.as_str()));
    assert!(
        unwrapped("openid4vci/examples/issuer_jwks.not-json.txt").unwrap().contains(&id),
        "the wrapped source"
    );
}

/// The members that a schema knows at one place.
fn members(schema: &Value, at: &str) -> BTreeSet<String> {
    schema.pointer(at).and_then(Value::as_object).unwrap().keys().cloned().collect()
}

// rule: CI-2, CI-15
#[test]
fn what_we_write_has_no_member_that_the_conformance_suites_schemas_do_not_know() {
    let Some(offer) = crate::vectors::read("metadata/json-schemas/oid4vci/credential_offer-1_0.json") else {
        return;
    };
    let grants = "/properties/grants/properties";
    let pre_authorized = format!("{grants}/urn:ietf:params:oauth:grant-type:pre-authorized_code/properties");
    let ours = json!({
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["one"],
        "grants": {
            "authorization_code": { "issuer_state": "s", "authorization_server": ISSUER },
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                "pre-authorized_code": "c",
                "tx_code": { "input_mode": "numeric", "length": 6, "description": "d" },
                "authorization_server": ISSUER
            }
        }
    });
    let written = CredentialOffer::from_json(ours.to_string().as_bytes()).unwrap().to_json();
    let within = |value: &Value, at: &str| {
        let own: BTreeSet<String> = value.as_object().unwrap().keys().cloned().collect();
        let known = members(&offer, at);
        assert!(own.is_subset(&known), "{own:?} {known:?}");
    };
    within(&written, "/properties");
    within(&written["grants"], grants);
    within(&written["grants"]["authorization_code"], &format!("{grants}/authorization_code/properties"));
    let grant = &written["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"];
    within(grant, &pre_authorized);
    within(&grant["tx_code"], &format!("{pre_authorized}/tx_code/properties"));

    // Every member of the request is one that our issuer reads or refuses by name: `proof` alone is of a draft.
    let request = crate::vectors::read("metadata/json-schemas/oid4vci/credential_request-1_0.json").unwrap();
    let known = [
        "credential_configuration_id",
        "credential_identifier",
        "credential_response_encryption",
        "proof",
        "proofs",
    ];
    assert_eq!(members(&request, "/properties"), known.map(str::to_owned).into());
    // And the metadata that our demo writes are judged by the schema's own verdicts in `metadata/checks.json`.
    let metadata_schema =
        crate::vectors::read("metadata/json-schemas/oid4vci/credential_issuer_metadata-1_0.json").unwrap();
    let written = metadata(&json!({})).to_json();
    let known = members(&metadata_schema, "/properties");
    assert!(written.as_object().unwrap().keys().all(|name| known.contains(name)), "{written} {known:?}");
}
