//! Requests over the Digital Credentials API, both sides in one process (VP-A1 to VP-A4, VP-H4).

#![allow(clippy::print_stdout, clippy::string_slice)]

use crate::support::*;
use openid4vp::dc_api::Protocol;
use openid4vp::holder::{
    AuthenticatedRequest, Policy, RequestError, Unauthenticated, UnauthenticatedDcApiRequest,
};
use openid4vp::verifier::{
    ClientIdentity, DcApiSigner, Outcome, PreparedRequest, RequestBuilder, RequestSigner, ResponseError,
    VerifiedAnswer,
};
use serde_json::{Value, json};

const ORIGIN: &str = "https://verifier.example";
const WARN: Policy = Policy { unauthenticated: Unauthenticated::Warn, ..Policy::STRICT };

fn authenticate(
    world: &World,
    request: &Value,
    origin: &str,
    policy: &Policy,
) -> Result<AuthenticatedRequest, RequestError> {
    let text = json!({ "requests": [request] }).to_string();
    UnauthenticatedDcApiRequest::parse(text.as_bytes(), origin, policy)?.authenticate(
        &world.trust(),
        world.now,
        policy,
    )
}

fn verified(outcome: Outcome) -> VerifiedAnswer {
    match outcome {
        Outcome::Verified(answer) => answer,
        Outcome::Refused { error } => panic!("refused with {error}"),
    }
}

/// The whole way of a request of this protocol to the holder and back.
fn round_trip(world: &World, protocol: Protocol, encrypted: bool) -> (PreparedRequest, Value) {
    let identity = match protocol {
        Protocol::Unsigned => ClientIdentity::RedirectUri,
        _ => ClientIdentity::X509Hash(world.verifier.chain.clone()),
    };
    let builder = RequestBuilder::new(identity, both_query(), "").over_dc_api(ORIGIN);
    let builder = if encrypted { builder } else { builder.unencrypted() };
    let prepared = builder.build(world.now, &world.entropy).unwrap();
    let request = match protocol {
        Protocol::Unsigned => prepared.dc_api_unsigned().unwrap(),
        Protocol::Signed => prepared.dc_api_signed(&world.signer()).unwrap(),
        Protocol::MultiSigned => {
            let stranger = RequestSigner { chain: &world.issuer.chain, signer: &world.issuer.key };
            let signers = [stranger, world.signer()].map(|signer| DcApiSigner { signer, registration: None });
            prepared.dc_api_multi_signed(&signers).unwrap()
        }
    };
    assert_eq!(request["protocol"], protocol.name());
    let request = authenticate(world, &request, ORIGIN, &WARN).unwrap();
    assert_eq!(request.client().is_authenticated(), protocol != Protocol::Unsigned);
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let copies = [world.card_copy(), world.mdoc_copy()];
    let response = request.respond(&solution, &selection, &copies, world.now, &world.entropy).unwrap();
    (prepared, response.into_delivery().into_dc_api().unwrap().to_json())
}

// rule: VP-A1, VP-A3, VP-A4, VP-H1, VP-H4, HA-8
#[test]
fn every_protocol_is_answered_and_the_answer_believed() {
    let world = World::new();
    for protocol in Protocol::ALL {
        for encrypted in [true, false] {
            let (prepared, response) = round_trip(&world, protocol, encrypted);
            let members: Vec<&String> = response["data"].as_object().unwrap().keys().collect();
            assert_eq!(members, [if encrypted { "response" } else { "vp_token" }]);
            let bytes = response.to_string().into_bytes();
            let validate =
                |bytes: &[u8]| prepared.session().validate_dc_api(bytes, &world.issuers, world.now);
            let answer = verified(validate(&bytes).unwrap());
            assert_eq!(answer.presentations.len(), 2);
            assert_eq!(
                verified(validate(response["data"].to_string().as_bytes()).unwrap()).presentations.len(),
                2
            );
            // It is an answer to this request only.
            let (other, _) = round_trip(&world, protocol, encrypted);
            assert!(other.session().validate_dc_api(&bytes, &world.issuers, world.now).is_err());
            let declined =
                json!({ "protocol": protocol.name(), "data": { "error": "access_denied" } }).to_string();
            let at = |when| {
                prepared.session().validate_dc_api(declined.as_bytes(), &world.issuers, when).map(drop)
            };
            let end = prepared.session().expires_at();
            assert_eq!(at(end), Ok(()));
            assert_eq!(at(end + 1), Err(ResponseError::Expired));
        }
    }
}

// rule: VP-A2, VP-H1, VP-H4
#[test]
fn an_answer_made_for_another_origin_is_not_believed() {
    let world = World::new();
    for query in [card_query(), mdoc_query()] {
        let builder =
            RequestBuilder::new(ClientIdentity::RedirectUri, query, "").over_dc_api(ORIGIN).unencrypted();
        let prepared = builder.build(world.now, &world.entropy).unwrap();
        for (origin, believed) in [(ORIGIN, true), ("https://phisher.example", false)] {
            let request = authenticate(&world, &prepared.dc_api_unsigned().unwrap(), origin, &WARN).unwrap();
            let solution = request.solve(&world.holdings());
            let selection = solution.required_only().unwrap();
            let copy = if request.query().credential("card").is_some() {
                world.card_copy()
            } else {
                world.mdoc_copy()
            };
            let response =
                request.respond(&solution, &selection, &[copy], world.now, &world.entropy).unwrap();
            let bytes = response.into_delivery().into_dc_api().unwrap().to_json().to_string().into_bytes();
            let outcome = prepared.session().validate_dc_api(&bytes, &world.issuers, world.now);
            assert_eq!(outcome.is_ok(), believed, "{origin}");
        }
    }
}

fn mdoc_query() -> dcql::Query {
    query(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }]
    }] }))
}

// rule: VP-A4, VP-S5
#[test]
fn a_refusal_comes_back_as_its_code_and_nonsense_as_nothing() {
    let world = World::new();
    let (prepared, _) = round_trip(&world, Protocol::Signed, true);
    let validate = |value: Value| {
        prepared.session().validate_dc_api(value.to_string().as_bytes(), &world.issuers, world.now)
    };
    let refusal = json!({ "protocol": "openid4vp-v1-signed", "data": { "error": "access_denied" } });
    assert!(matches!(validate(refusal).unwrap(), Outcome::Refused { error } if error == "access_denied"));
    assert!(matches!(
        validate(json!({ "data": { "vp_token": {} } })).map(drop),
        Err(ResponseError::NotEncrypted)
    ));
    assert!(matches!(validate(json!({ "data": "x" })).map(drop), Err(ResponseError::Malformed)));
    assert!(matches!(validate(json!({ "response": "x" })).map(drop), Err(ResponseError::Decryption)));
}

// rule: VP-A2
#[test]
fn a_request_is_built_for_one_way_only() {
    let world = World::new();
    let identity = || ClientIdentity::X509Hash(world.verifier.chain.clone());
    let by_link = world.prepare(card_query());
    assert!(by_link.dc_api_signed(&world.signer()).is_err());
    assert!(by_link.dc_api_multi_signed(&[]).is_err());
    let signed = RequestBuilder::new(identity(), card_query(), "").over_dc_api(ORIGIN);
    let signed = signed.build(world.now, &world.entropy).unwrap();
    assert!(signed.dc_api_unsigned().is_err());
    let unsigned = RequestBuilder::new(ClientIdentity::RedirectUri, card_query(), "").over_dc_api(ORIGIN);
    let unsigned = unsigned.build(world.now, &world.entropy).unwrap();
    assert!(unsigned.dc_api_signed(&world.signer()).is_err());
    for member in ["client_id", "expected_origins", "state", "response_uri"] {
        assert!(unsigned.dc_api_unsigned().unwrap()["data"].get(member).is_none(), "{member}");
    }
    let nowhere = RequestBuilder::new(identity(), card_query(), "").over_dc_api("http://verifier.example");
    assert!(nowhere.build(world.now, &world.entropy).is_err());
}

// rule: VP-H4
#[test]
fn the_device_signature_is_over_the_handover_of_the_specification() {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map(std::path::PathBuf::from);
    let folder =
        folder.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into());
    let Ok(file) = std::fs::read(folder.join("openid4vp/handover.json")) else {
        println!("left out: 2 cases of handover.json (vectors absent)");
        return;
    };
    let file: Value = serde_json::from_slice(&file).unwrap();
    let world = World::new();
    let mut run = 0;
    for case in file["cases"].as_array().unwrap().iter().filter(|case| case.get("origin").is_some()) {
        let mut data = json!({
            "response_type": "vp_token",
            "response_mode": "dc_api",
            "nonce": case["nonce"],
            "dcql_query": mdoc_query().as_wire(),
        });
        if case["jwk"].is_object() {
            data["response_mode"] = json!("dc_api.jwt");
            data["client_metadata"] = json!({ "jwks": { "keys": [case["jwk"]] } });
        }
        let request = json!({ "protocol": "openid4vp-v1-unsigned", "data": data });
        let request = authenticate(&world, &request, case["origin"].as_str().unwrap(), &WARN).unwrap();
        let expected = case["session_transcript_hex"].as_str().unwrap();
        let bytes: Vec<u8> = (0..expected.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&expected[at..at + 2], 16).unwrap())
            .collect();
        assert_eq!(request.session_transcript(world.now).as_bytes(), bytes, "{}", case["name"]);
        run += 1;
    }
    assert_eq!(run, 2);
}
