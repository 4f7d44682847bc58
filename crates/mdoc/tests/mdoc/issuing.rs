//! What is issued verifies, and what we would refuse is not issued (MD-23, MD-24).

use crate::common::*;
use crypto::Signer;
use crypto::cbor::Value;
use mdoc::{ElementValue, Issuance, IssueError, IssuerSigned, KeyAuthorizations, NotAnElement, Validity};
use primitives::Refusal;
use serde_json::json;

// rule: MD-24, MD-33, CI-20
#[test]
fn what_was_issued_verifies_and_says_what_was_put_in() {
    let world = World::new();
    let issued = world.mdoc().to_base64url();
    let received = IssuerSigned::parse_base64url(&issued).unwrap();
    let verified = received.verify(DOC_TYPE, &world.anchors, now()).map_err(|error| error.code()).unwrap();
    let expected = json!({ NAME_SPACE: {
        "family_name": "김", "given_name": "하늘", "birth_date": "1988-06-14", "age_over_19": true, "portrait": "_9j_",
    }});
    assert_eq!(verified.claims().into_json(), expected);
    assert_eq!(verified.doc_type(), DOC_TYPE);
    assert_eq!(verified.device_key(), &world.device_key.public_key());
    assert_eq!(verified.validity(), validity());
    assert_eq!(verified.status().unwrap().index(), 42);
    assert_eq!(verified.issuer().anchor().certificate(), &world.authority);
    // What is stored is what was received.
    assert_eq!(verified.issuer_signed().to_base64url(), issued);
}

// rule: MD-23
#[test]
fn randoms_are_fresh_and_digest_ids_do_not_follow_the_order() {
    let world = World::new();
    let mut issuance = Issuance::new(DOC_TYPE, validity());
    for number in 0..40 {
        issuance = issuance.element(NAME_SPACE, format!("element_{number}"), ElementValue::Integer(number));
    }
    let ids_and_randoms = |issuer_signed: IssuerSigned| {
        let mut value = parse(&issuer_signed.to_bytes());
        let items = member(member(&mut value, "nameSpaces"), NAME_SPACE).as_array().unwrap().clone();
        let of = |name: &str| {
            items.iter().map(|item| member(&mut embedded(item), name).clone()).collect::<Vec<_>>()
        };
        (of("digestID"), of("random"))
    };
    let (ids, randoms) = ids_and_randoms(world.sign(&issuance));
    let (other_ids, other_randoms) = ids_and_randoms(world.sign(&issuance));
    assert_ne!(ids, other_ids);
    let ordered: Vec<_> = (0..40).map(Value::from).collect();
    assert_ne!(ids, ordered);
    assert!(ordered.iter().all(|id| ids.contains(id)));
    let distinct: std::collections::BTreeSet<_> =
        randoms.iter().chain(&other_randoms).map(|random| random.as_bytes().unwrap().clone()).collect();
    assert_eq!(distinct.len(), 80);
    assert!(distinct.iter().all(|random| random.len() == 32));
}

// rule: MD-24, MD-5, MD-10, MD-11, MD-20
#[test]
fn what_we_would_refuse_is_not_issued() {
    let world = World::new();
    let sign = |issuance: Issuance| {
        issuance.sign(&world.device_key.public_key(), &world.signer_key, &world.chain, &world.entropy).err()
    };
    assert_eq!(sign(Issuance::new(DOC_TYPE, validity())), Some(IssueError::ElementCount));
    let twice = issuance().element(NAME_SPACE, "family_name", ElementValue::Integer(1));
    assert_eq!(sign(twice), Some(IssueError::DuplicateElement));
    let mut deep = ElementValue::Integer(1);
    for _ in 0..=mdoc::MAX_VALUE_NESTING {
        deep = ElementValue::Array(vec![deep]);
    }
    assert_eq!(sign(issuance().element(NAME_SPACE, "deep", deep)), Some(IssueError::Value));
    let key_twice = ElementValue::Map(vec![
        ("a".into(), ElementValue::Integer(1)),
        ("a".into(), ElementValue::Integer(2)),
    ]);
    assert_eq!(sign(issuance().element(NAME_SPACE, "map", key_twice)), Some(IssueError::NotAcceptable));
    let large = ElementValue::Bytes(vec![0; mdoc::MAX_STRUCTURE_BYTES]);
    assert_eq!(sign(issuance().element(NAME_SPACE, "large", large)), Some(IssueError::NotAcceptable));
    let contradiction = KeyAuthorizations {
        name_spaces: vec![NAME_SPACE.into()],
        data_elements: [(NAME_SPACE.to_owned(), vec!["a".to_owned()])].into(),
    };
    assert_eq!(sign(issuance().key_authorizations(contradiction)), Some(IssueError::KeyAuthorizations));
    let one = |validity| Issuance::new(DOC_TYPE, validity).element(NAME_SPACE, "a", ElementValue::Integer(1));
    let before = world.chain.leaf().not_before() - 1;
    assert_eq!(sign(one(Validity { signed: before, ..validity() })), Some(IssueError::Validity));
    assert_eq!(sign(one(Validity { valid_until: now() - 3600, ..validity() })), Some(IssueError::Validity));
    let wrong_key = issuance().sign(&world.device_key.public_key(), &key(66), &world.chain, &world.entropy);
    assert_eq!(wrong_key.err(), Some(IssueError::WrongKey));
    world.entropy.fail();
    assert_eq!(sign(issuance()).map(|error| error.code()), Some("entropy_unavailable"));
}

// rule: MD-24
#[test]
fn json_becomes_an_element_value_unless_it_says_nothing_or_too_much() {
    let value = json!({ "이름": "하늘", "won": [52_300, -1], "paid": false });
    let element = ElementValue::from_json(&value).unwrap();
    let world = World::new();
    let issued = world.sign(&issuance().element(NAME_SPACE, "notice", element));
    assert_eq!(issued.unverified_claims().value(NAME_SPACE, "notice"), Some(&value));
    assert_eq!(ElementValue::from_json(&json!({ "a": null })).err(), Some(NotAnElement::Null));
    for number in [json!(1.5), json!(u64::MAX)] {
        assert_eq!(ElementValue::from_json(&number).err(), Some(NotAnElement::Number));
    }
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(ElementValue::from_json(&nested(mdoc::MAX_VALUE_NESTING)).is_ok());
    let deeper = ElementValue::from_json(&nested(mdoc::MAX_VALUE_NESTING + 1));
    assert_eq!(deeper.err(), Some(NotAnElement::TooDeep));
}
