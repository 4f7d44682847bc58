//! The example queries of OpenID4VP 1.0 and the table of its section 7.3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;

use dcql::{CredentialType, Holding, Query, WireClaim, WireCredential, WireQuery, solve};
use serde_json::{Map, Value, json};

fn vectors() -> PathBuf {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map(PathBuf::from);
    folder
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")))
        .join("openid4vp")
}

fn read(file: &str) -> Option<Value> {
    let bytes = fs::read(vectors().join(file)).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

// rule: VP-D1
#[test]
fn the_queries_of_the_specification_are_read() {
    let files = [
        "claims_alternatives",
        "complex_mdoc",
        "credentials_alternatives",
        "multi_credentials",
        "simple",
        "simple_mdoc",
        "value_matching_simple",
    ];
    let mut run = 0;
    for file in files {
        let Some(value) = read(&format!("examples/query_lang/{file}.json")) else {
            println!("left out: 1 cases of {file} (vectors absent)");
            continue;
        };
        let query = Query::from_value(value.clone()).unwrap();
        // What is written again says the same.
        let again = Query::from_value(serde_json::to_value(query.as_wire()).unwrap()).unwrap();
        assert_eq!(again, query, "{file}");
        assert_eq!(serde_json::to_value(query.as_wire()).unwrap(), value, "{file}");
        run += 1;
    }
    for file in ["dcql_jwt_vc", "dcql_ldp_vc"] {
        let Some(value) = read(&format!("examples/request/{file}.json")) else { continue };
        let query = Query::from_value(value.get("dcql_query").cloned().unwrap_or(value)).unwrap();
        assert!(!solve(&query, &[]).fits());
        run += 1;
    }
    assert!(run == 0 || run == 9, "{run} of 9 files were found");
}

// rule: VP-D11
#[test]
fn claims_path_pointers_select_what_section_7_says() {
    let Some(file) = read("claims-path.json") else {
        println!("left out: 25 cases of claims-path.json (vectors absent)");
        return;
    };
    let mut run = 0;
    for group in file["groups"].as_array().unwrap() {
        let credential = &group["credential"];
        for case in group["cases"].as_array().unwrap() {
            run += 1;
            let claim = WireClaim {
                id: None,
                path: case["path"].as_array().unwrap().clone(),
                values: None,
                intent_to_retain: None,
            };
            let wire = WireQuery {
                credentials: vec![WireCredential {
                    id: "c".to_owned(),
                    format: "dc+sd-jwt".to_owned(),
                    multiple: None,
                    meta: Map::new(),
                    trusted_authorities: None,
                    require_cryptographic_holder_binding: None,
                    claims: Some(vec![claim]),
                    claim_sets: None,
                }],
                credential_sets: None,
            };
            let holding = Holding {
                id: "h",
                credential_type: CredentialType::SdJwtVc { vct: "v" },
                claims: credential,
                authority_key_identifiers: &[],
                holder_binding: true,
                always_disclosed: &[],
            };
            let selected = Query::try_from(wire).ok().and_then(|query| {
                let solution = solve(&query, &[holding]);
                let candidate = solution.queries[0].candidates.first()?.clone();
                let found = solution.queries[0].discloses(&candidate, 0)?;
                let values = found[0].paths.iter().map(|path| path.select(credential).unwrap()[0].clone());
                Some(values.collect::<Vec<Value>>())
            });
            match case.get("selected") {
                Some(expected) => assert_eq!(json!(selected), *expected, "{}", case["path"]),
                None => assert_eq!(selected, None, "{}", case["path"]),
            }
        }
    }
    assert!(run >= 25, "{run} cases");
}

/// The members that the suite's schema knows for one of its definitions, without references.
fn members(schema: &Value, definition: &str) -> Vec<String> {
    let known = schema["definitions"][definition]["properties"].as_object();
    known.unwrap_or_else(|| panic!("no {definition}")).keys().cloned().collect()
}

// rule: VP-D1
#[test]
fn the_members_of_a_query_are_those_of_the_conformance_suites_schema() {
    let Some(schema) = read("../metadata/json-schemas/oid4vp/dcql_request.json") else {
        println!("left out: 1 cases of dcql_request.json (vectors absent)");
        return;
    };
    let whole = json!({
        "credentials": [
            {
                "id": "a", "format": "dc+sd-jwt", "meta": { "vct_values": ["v"] }, "multiple": true,
                "require_cryptographic_holder_binding": false,
                "trusted_authorities": [{ "type": "aki", "values": ["AAAA"] }],
                "claims": [{ "id": "x", "path": ["n", null, 0], "values": ["1", 1, true] }],
                "claim_sets": [["x"]]
            },
            {
                "id": "b", "format": "mso_mdoc", "meta": { "doctype_value": "d" },
                "claims": [{ "id": "y", "path": ["n", "e"], "intent_to_retain": true }]
            }
        ],
        "credential_sets": [{ "options": [["a"], ["b"]], "required": false }]
    });
    let query = Query::from_value(whole.clone()).unwrap();
    let written = serde_json::to_value(query.as_wire()).unwrap();
    assert_eq!(written, whole, "nothing that the schema knows is lost");
    let within = |value: &Value, definition: &str| {
        let known = members(&schema, definition);
        let unknown: Vec<&String> =
            value.as_object().unwrap().keys().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{definition}: {unknown:?}");
    };
    within(&written, "DCQLQuery");
    within(&written["credentials"][0], "VcSdJwtCredentialQuery");
    within(&written["credentials"][1], "MdocCredentialQuery");
    within(&written["credential_sets"][0], "CredentialSet");
}
