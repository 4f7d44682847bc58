//! What is a query and what is not (VP-D1, VP-D9 to VP-D12), one negative case for each step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use dcql::{Authority, Format, Query, QueryError, TypeConstraint, limits};
use serde_json::{Value, json};

fn parse(value: &Value) -> Result<Query, QueryError> {
    Query::parse(value.to_string().as_bytes())
}

fn good() -> Value {
    json!({
        "credentials": [{
            "id": "pid",
            "format": "dc+sd-jwt",
            "meta": { "vct_values": ["urn:card"] },
            "claims": [{ "id": "a", "path": ["name"] }, { "id": "b", "path": ["birth"] }],
            "claim_sets": [["a"], ["a", "b"]]
        }],
        "credential_sets": [{ "options": [["pid"]] }]
    })
}

/// The good query with one place changed.
fn with(pointer: &str, value: Value) -> Result<Query, QueryError> {
    let mut query = good();
    *query.pointer_mut(pointer).expect(pointer) = value;
    parse(&query)
}

fn without(pointer: &str, member: &str) -> Result<Query, QueryError> {
    let mut query = good();
    query.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(member).expect(member);
    parse(&query)
}

fn with_more(pointer: &str, member: &str, value: Value) -> Result<Query, QueryError> {
    let mut query = good();
    query.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(member.to_owned(), value);
    parse(&query)
}

// rule: VP-D1
#[test]
fn the_good_query_is_read_with_its_defaults() {
    let query = parse(&good()).unwrap();
    let credential = query.credential("pid").unwrap();
    assert_eq!(credential.format, Format::SdJwtVc);
    assert!(!credential.multiple);
    assert!(credential.holder_binding_required);
    assert!(query.sets().unwrap().first().required);
    assert!(!query.asks_without_holder_binding());
    assert!(
        with_more("/credentials/0", "require_cryptographic_holder_binding", json!(false))
            .unwrap()
            .asks_without_holder_binding()
    );
}

// rule: VP-D1
#[test]
fn unknown_properties_are_ignored_everywhere() {
    for pointer in
        ["", "/credentials/0", "/credentials/0/meta", "/credentials/0/claims/0", "/credential_sets/0"]
    {
        let query = with_more(pointer, "x-unknown", json!({ "y": [1] })).expect(pointer);
        assert_eq!(query.credentials(), parse(&good()).unwrap().credentials());
        assert!(
            !serde_json::to_string(query.as_wire()).unwrap().contains("x-unknown")
                || pointer.ends_with("meta")
        );
    }
}

// rule: VP-D1
#[test]
fn required_properties_are_required_and_have_their_type() {
    assert_eq!(without("", "credentials"), Err(QueryError::Shape));
    for member in ["id", "format", "meta"] {
        assert_eq!(without("/credentials/0", member), Err(QueryError::Shape), "{member}");
    }
    assert_eq!(without("/credentials/0/claims/0", "path"), Err(QueryError::Shape));
    assert_eq!(without("/credential_sets/0", "options"), Err(QueryError::Shape));
    for (pointer, value) in [
        ("/credentials", json!({})),
        ("/credentials/0/id", json!(1)),
        ("/credentials/0/format", json!(null)),
        ("/credentials/0/meta", json!([])),
        ("/credentials/0/claims", json!("name")),
        ("/credentials/0/claim_sets", json!(["a"])),
        ("/credential_sets/0/options", json!(["pid"])),
        ("", json!([])),
    ] {
        assert_eq!(with(pointer, value), Err(QueryError::Shape), "{pointer}");
    }
    assert_eq!(with_more("/credentials/0", "multiple", json!("yes")), Err(QueryError::Shape));
    assert_eq!(
        with_more("/credentials/0", "require_cryptographic_holder_binding", json!(1)),
        Err(QueryError::Shape)
    );
    assert_eq!(with_more("/credential_sets/0", "required", json!("no")), Err(QueryError::Shape));
}

// rule: VP-D1
#[test]
fn a_member_twice_and_bytes_that_are_no_json_are_refused() {
    assert_eq!(Query::parse(br#"{"credentials":[],"credentials":[]}"#), Err(QueryError::Shape));
    assert_eq!(Query::parse(b"{"), Err(QueryError::Shape));
}

// rule: VP-D1
#[test]
fn lists_are_not_empty() {
    for pointer in [
        "/credentials",
        "/credentials/0/claims",
        "/credentials/0/claim_sets",
        "/credentials/0/claim_sets/0",
        "/credential_sets",
        "/credential_sets/0/options",
        "/credential_sets/0/options/0",
        "/credentials/0/meta/vct_values",
    ] {
        let refused = with(pointer, json!([]));
        // Without claims the references into them dangle as well; either is a refusal for this list.
        assert!(
            matches!(refused, Err(QueryError::Empty | QueryError::UnknownReference)),
            "{pointer}: {refused:?}"
        );
    }
    assert_eq!(with_more("/credentials/0", "trusted_authorities", json!([])), Err(QueryError::Empty));
    let no_values = json!([{ "type": "aki", "values": [] }]);
    assert_eq!(with_more("/credentials/0", "trusted_authorities", no_values), Err(QueryError::Empty));
    assert_eq!(with_more("/credentials/0/claims/0", "values", json!([])), Err(QueryError::Empty));
    assert_eq!(with("/credentials/0/claims/0/path", json!([])), Err(QueryError::Path));
}

// rule: VP-D1
#[test]
fn identifiers_are_of_letters_digits_underscore_and_hyphen() {
    for id in ["", "a b", "a.b", "가", "a/b"] {
        assert_eq!(with("/credentials/0/id", json!(id)), Err(QueryError::Identifier), "{id}");
        assert_eq!(with("/credentials/0/claims/0/id", json!(id)), Err(QueryError::Identifier), "{id}");
    }
    assert_eq!(
        with("/credentials/0/id", json!("a".repeat(limits::MAX_TEXT_BYTES + 1))),
        Err(QueryError::TooLarge)
    );
}

// rule: VP-D1
#[test]
fn identifiers_stand_once() {
    let mut query = good();
    let second = query["credentials"][0].clone();
    query["credentials"].as_array_mut().unwrap().push(second);
    assert_eq!(parse(&query), Err(QueryError::DuplicateIdentifier));
    assert_eq!(with("/credentials/0/claims/1/id", json!("a")), Err(QueryError::DuplicateIdentifier));
}

// rule: VP-D1
#[test]
fn references_name_what_there_is() {
    assert_eq!(with("/credentials/0/claim_sets/0/0", json!("c")), Err(QueryError::UnknownReference));
    assert_eq!(with("/credential_sets/0/options/0/0", json!("other")), Err(QueryError::UnknownReference));
}

// rule: VP-D1
#[test]
fn claim_sets_need_claims_with_identifiers() {
    assert_eq!(without("/credentials/0", "claims"), Err(QueryError::ClaimSetsWithoutClaims));
    assert_eq!(without("/credentials/0/claims/1", "id"), Err(QueryError::ClaimWithoutIdentifier));
    let mut query = good();
    query["credentials"][0].as_object_mut().unwrap().remove("claim_sets");
    query["credentials"][0]["claims"][1].as_object_mut().unwrap().remove("id");
    assert!(parse(&query).is_ok());
}

// rule: VP-D11
#[test]
fn path_elements_are_strings_nulls_and_non_negative_integers() {
    assert!(with("/credentials/0/claims/0/path", json!(["a", null, 0])).is_ok());
    for element in [json!(-1), json!(1.5), json!(true), json!({}), json!([]), json!(u64::MAX)] {
        let refused = with("/credentials/0/claims/0/path", json!(["a", element]));
        assert_eq!(refused, Err(QueryError::Path), "{element}");
    }
    let long = vec![json!("a"); limits::MAX_PATH_ELEMENTS + 1];
    assert_eq!(with("/credentials/0/claims/0/path", json!(long)), Err(QueryError::TooLarge));
}

// rule: VP-D11
#[test]
fn a_path_into_an_mdoc_is_a_name_space_and_an_element() {
    let query = |path: Value| {
        parse(&json!({ "credentials": [{
            "id": "mdl", "format": "mso_mdoc", "meta": { "doctype_value": "d" }, "claims": [{ "path": path }]
        }] }))
    };
    assert!(query(json!(["org.iso.18013.5.1", "given_name"])).is_ok());
    for path in [json!(["a"]), json!(["a", "b", "c"]), json!(["a", null]), json!(["a", 0])] {
        assert_eq!(query(path.clone()), Err(QueryError::MdocPath), "{path}");
    }
}

// rule: VP-D4
#[test]
fn values_are_strings_integers_and_booleans() {
    assert!(with_more("/credentials/0/claims/0", "values", json!(["a", 1, -1, true])).is_ok());
    for value in [json!(null), json!(1.5), json!([]), json!({})] {
        let refused = with_more("/credentials/0/claims/0", "values", json!([value]));
        assert_eq!(refused, Err(QueryError::Value), "{value}");
    }
}

// rule: VP-D10
#[test]
fn meta_names_types_or_is_empty() {
    let query = with("/credentials/0/meta", json!({})).unwrap();
    assert_eq!(query.credential("pid").unwrap().types, TypeConstraint::Any);
    for meta in [
        json!({ "doctype_value": "d" }),
        json!({ "vct_values": "urn:card" }),
        json!({ "vct_values": [1] }),
        json!({ "vct_values": [""] }),
    ] {
        assert_eq!(with("/credentials/0/meta", meta.clone()), Err(QueryError::Meta), "{meta}");
    }
    let mdoc =
        json!({ "credentials": [{ "id": "m", "format": "mso_mdoc", "meta": { "vct_values": ["v"] } }] });
    assert_eq!(parse(&mdoc), Err(QueryError::Meta));
    let w3c =
        json!({ "credentials": [{ "id": "w", "format": "ldp_vc", "meta": { "type_values": [["a"]] } }] });
    assert_eq!(
        parse(&w3c).unwrap().credential("w").unwrap().format,
        Format::Unsupported("ldp_vc".to_owned())
    );
}

// rule: VP-D9
#[test]
fn trusted_authorities_of_every_type_are_read() {
    let authorities = json!([
        { "type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"] },
        { "type": "etsi_tl", "values": ["https://lotl.example.com"] },
        { "type": "openid_federation", "values": ["https://trustanchor.example.com"] },
        { "type": "x-other", "values": ["?"] }
    ]);
    let query = with_more("/credentials/0", "trusted_authorities", authorities).unwrap();
    let read = query.credential("pid").unwrap().authorities.clone().unwrap().into_vec();
    assert!(matches!(&read[0], Authority::KeyIdentifier(bytes) if bytes.len() == 20));
    assert_eq!(read[3], Authority::Unknown);
    let bad = json!([{ "type": "aki", "values": ["not base64url!"] }]);
    assert_eq!(with_more("/credentials/0", "trusted_authorities", bad), Err(QueryError::Authority));
}

// rule: VP-D12
#[test]
fn a_second_query_for_the_same_claim_is_ignored_and_its_name_stands_for_the_first() {
    let query = with("/credentials/0/claims/1/path", json!(["name"])).unwrap();
    let credential = query.credential("pid").unwrap();
    assert_eq!(credential.claims.len(), 1);
    assert_eq!(credential.claim_sets.as_ref().unwrap().as_slice(), [vec![0], vec![0]]);
}

// rule: VP-D1
#[test]
fn every_list_is_bounded() {
    let claims = |count: usize| -> Value { (0..count).map(|n| json!({ "path": [n.to_string()] })).collect() };
    let sized = |claims: Value| json!({ "credentials": [{ "id": "a", "format": "dc+sd-jwt", "meta": {}, "claims": claims }] });
    assert!(parse(&sized(claims(limits::MAX_CLAIMS))).is_ok());
    assert_eq!(parse(&sized(claims(limits::MAX_CLAIMS + 1))), Err(QueryError::TooLarge));

    let credentials: Vec<Value> = (0..=limits::MAX_CREDENTIALS)
        .map(|n| json!({ "id": n.to_string(), "format": "dc+sd-jwt", "meta": {} }))
        .collect();
    assert_eq!(parse(&json!({ "credentials": credentials })), Err(QueryError::TooLarge));

    let many = |count: usize, entry: Value| json!(vec![entry; count + 1]);
    for (pointer, value) in [
        ("/credentials/0/claim_sets", many(limits::MAX_CLAIM_SETS, json!(["a"]))),
        ("/credentials/0/claim_sets/0", many(limits::MAX_CLAIM_REFERENCES, json!("a"))),
        ("/credential_sets", many(limits::MAX_CREDENTIAL_SETS, json!({ "options": [["pid"]] }))),
        ("/credential_sets/0/options", many(limits::MAX_OPTIONS, json!(["pid"]))),
        ("/credential_sets/0/options/0", many(limits::MAX_OPTION_REFERENCES, json!("pid"))),
        ("/credentials/0/meta/vct_values", many(limits::MAX_TYPES, json!("v"))),
    ] {
        assert_eq!(with(pointer, value), Err(QueryError::TooLarge), "{pointer}");
    }
    let values = many(limits::MAX_VALUES, json!(1));
    assert_eq!(with_more("/credentials/0/claims/0", "values", values), Err(QueryError::TooLarge));
    let entry = json!({ "type": "etsi_tl", "values": ["https://a"] });
    let authorities = many(limits::MAX_AUTHORITIES, entry);
    assert_eq!(with_more("/credentials/0", "trusted_authorities", authorities), Err(QueryError::TooLarge));
    let entry = json!([{ "type": "x", "values": many(limits::MAX_AUTHORITY_VALUES, json!("v")) }]);
    assert_eq!(with_more("/credentials/0", "trusted_authorities", entry), Err(QueryError::TooLarge));
    assert_eq!(Query::parse(&vec![b' '; limits::MAX_QUERY_BYTES + 1]), Err(QueryError::TooLarge));
}
