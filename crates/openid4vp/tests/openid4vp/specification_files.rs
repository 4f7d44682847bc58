//! The example files of OpenID4VP 1.0 that are requests, errors and metadata; those with "..." in them are filled with a query.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use crate::support::*;
use crypto::jws::HeaderBuilder;
use openid4vp::holder::{Objection, Policy, RequestError as E, UnauthenticatedDcApiRequest};
use openid4vp::{ClientId, ClientIdPrefix};
use serde_json::{Value, json};

fn text(file: &str) -> Option<String> {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map(PathBuf::from);
    let folder = folder
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")));
    let text = std::fs::read_to_string(folder.join(file)).ok();
    if text.is_none() {
        println!("left out: 1 cases of {file} (vectors absent)");
    }
    text
}

/// An example whose query is left out, with a query.
fn filled(file: &str) -> Option<Value> {
    let text = text(file)?;
    let whole = text
        .replace("{ ... }", "{...}")
        .replace("{...}", &serde_json::to_string(card_query().as_wire()).unwrap());
    Some(serde_json::from_str(&whole).unwrap())
}

fn over_dc_api(request: &Value, origin: &str, policy: &Policy) -> Result<(), E> {
    let world = World::new();
    let text = json!({ "digital": { "requests": [request] } }).to_string();
    UnauthenticatedDcApiRequest::parse(text.as_bytes(), origin, policy)?
        .authenticate(&world.trust(), world.now, policy)
        .map(|_| ())
}

// rule: VP-A2
#[test]
fn the_payloads_of_signed_requests_hold_for_their_origins_when_somebody_we_know_signs_them() {
    for file in ["signed_request_payload", "signed_request_payload_compact"] {
        let Some(mut payload) =
            filled(&format!("openid4vp/examples/digital_credentials_api/{file}.not-json.txt"))
        else {
            return;
        };
        let world = World::new();
        // The example's verifier is not given: ours says the rest of it.
        payload["client_id"] = world.verifier.hash_id().into();
        let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world.verifier.chain.to_der());
        let signed = header.sign_claims(payload.as_object().unwrap(), &world.verifier.key).unwrap();
        let request = json!({ "protocol": "openid4vp-v1-signed", "data": { "request": signed } });
        for origin in ["https://origin1.example.com", "https://origin2.example.com"] {
            let text = json!({ "digital": { "requests": [request] } }).to_string();
            let read = UnauthenticatedDcApiRequest::parse(text.as_bytes(), origin, &Policy::STRICT);
            let read = read.unwrap().authenticate(&world.trust(), world.now, &Policy::STRICT);
            assert!(read.is_ok(), "{file} {origin} {:?}", read.err());
        }
        assert!(over_dc_api(&request, "https://origin3.example.com", &Policy::STRICT).is_err(), "{file}");
    }
}

// rule: VP-A4
#[test]
fn the_error_over_the_dc_api_is_an_object_with_the_code_alone() {
    let Some(error) = text("openid4vp/examples/digital_credentials_api/error_invalid_request.json") else {
        return;
    };
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error, json!({ "error": "invalid_request" }));
}

// rule: VP-C5
#[test]
fn the_request_object_of_a_did_is_refused_for_its_algorithm_and_its_method() {
    let Some(object) = filled("openid4vp/examples/request/request_object_client_id_did.not-json.txt") else {
        return;
    };
    let header: Value =
        serde_json::from_str(&text("openid4vp/examples/request/request_header_client_id_did.json").unwrap())
            .unwrap();
    let id = object["client_id"].as_str().unwrap();
    let did = ClientIdPrefix::DecentralizedIdentifier("did:example:123".to_owned());
    assert_eq!(ClientId::new(id).unwrap().prefix(), did);
    assert!(header["kid"].as_str().unwrap().starts_with("did:example:123#"));
    let encode = |value: &Value| primitives::base64url::encode(value.to_string().as_bytes());
    let token =
        format!("{}.{}.{}", encode(&header), encode(&object), primitives::base64url::encode(&[0; 256]));
    let world = World::new();
    // RS256 is none of our algorithms, and `did:example` no method that says where its key is.
    assert!(world.receive_object(&link(id), &token).is_err());
    let es256 = HeaderBuilder::new("oauth-authz-req+jwt").kid(header["kid"].as_str().unwrap());
    let mut claims = world.claims();
    claims.insert("client_id".to_owned(), id.into());
    let signed = es256.sign_claims(&claims, &world.verifier.key).unwrap();
    assert!(world.receive_object(&link(id), &signed).is_err());
}

// rule: VP-R8, VP-H1
#[test]
fn metadata_of_the_w3c_formats_alone_are_read_and_ask_for_nothing_of_ours() {
    for file in ["w3c_jwt", "w3c_ldp"] {
        let Some(metadata) =
            text(&format!("openid4vp/examples/client_metadata/{file}_verifier_metadata.json"))
        else {
            return;
        };
        let metadata: Value = serde_json::from_str(&metadata).unwrap();
        let with = |query: Value| {
            let changes =
                json!({ "client_metadata": metadata, "dcql_query": query, "response_mode": "direct_post" });
            World::new().receive_with(changes)
        };
        let format = metadata["vp_formats_supported"].as_object().unwrap().keys().next().unwrap().clone();
        let theirs = json!({ "credentials": [{ "id": "c", "format": format, "meta": {} }] });
        let request = with(theirs).unwrap();
        let world = World::new();
        assert!(!request.solve(&world.holdings()).fits(), "{file}: nothing of ours is such a credential");
        // A format that the verifier does not list cannot be answered.
        let ours = json!({ "credentials": [{ "id": "c", "format": "dc+sd-jwt", "meta": {} }] });
        let objection = with(ours).unwrap().objection();
        assert_eq!(objection, Some(Objection::FormatsNotSupported), "{file}");
    }
}

// rule: VP-R13
#[test]
fn verifier_info_has_the_members_of_the_conformance_suites_schema() {
    let Some(schema) = text("metadata/json-schemas/oid4vp/verifier_info.json") else { return };
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let entry = &schema["definitions"]["VerifierInfoEntry"];
    let mut known: Vec<&str> = entry["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    known.sort_unstable();
    assert_eq!(known, ["credential_ids", "data", "format"]);
    // Without one that the schema requires, the request is refused.
    let whole = json!({ "format": "x", "data": "y", "credential_ids": ["card"] });
    let with = |entry: &Value| World::new().receive_with(json!({ "verifier_info": [entry] })).is_ok();
    assert!(with(&whole));
    for name in entry["required"].as_array().unwrap() {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(name.as_str().unwrap());
        assert!(!with(&without), "{name}");
    }
    let mut none = whole.clone();
    none["credential_ids"] = json!([]);
    assert!(!with(&none), "minItems");
}
