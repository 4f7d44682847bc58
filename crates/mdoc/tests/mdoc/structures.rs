//! What is not an mdoc: each rule of form has bytes that only this rule refuses (MD-1 to MD-12, MD-33).

use crate::common::*;
use crypto::cbor::Value;
use mdoc::{
    CborError, IssuerAuthError, IssuerDataError, IssuerSigned, IssuerSignedError, MdocError,
    SecurityObjectError,
};
use primitives::Refusal;

fn issuer_error(error: MdocError) -> IssuerDataError {
    match error {
        MdocError::Issuer(error) => error,
        MdocError::Malformed(error) => panic!("malformed: {error}"),
    }
}

fn malformed(error: MdocError) -> IssuerSignedError {
    match error {
        MdocError::Malformed(error) => error,
        MdocError::Issuer(error) => panic!("read, and then: {error}"),
    }
}

fn security_object_error(world: &World, change: impl FnOnce(&mut Value)) -> SecurityObjectError {
    match malformed(world.refusal(&world.with_security_object(change))) {
        IssuerSignedError::SecurityObject(error) => error,
        other => panic!("another error: {other}"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn date_time(time: &str) -> Value {
    Value::Tag(0, Box::new(text(time)))
}

// rule: MD-4
#[test]
fn items_without_their_four_members_are_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    for name in ["digestID", "random", "elementIdentifier", "elementValue"] {
        let without = with_item(&mdoc, "given_name", |item| remove(item, name));
        assert_eq!(malformed(world.refusal(&without)), IssuerSignedError::Element(name));
    }
    let short = with_item(&mdoc, "given_name", |item| *member(item, "random") = Value::Bytes(vec![1; 15]));
    assert_eq!(malformed(world.refusal(&short)), IssuerSignedError::ShortRandom);
    let enough = with_item(&mdoc, "given_name", |item| *member(item, "random") = Value::Bytes(vec![1; 16]));
    assert_eq!(issuer_error(world.refusal(&enough)), IssuerDataError::DigestMismatch);
    for id in [Value::from(-1), Value::from(1_u64 << 32), Value::from(u64::MAX), text("1")] {
        let wrong = with_item(&mdoc, "given_name", |item| *member(item, "digestID") = id);
        assert_eq!(malformed(world.refusal(&wrong)), IssuerSignedError::Element("digestID"));
    }
    let mut plain = parse(&mdoc);
    let items = member(member(&mut plain, "nameSpaces"), NAME_SPACE).as_array_mut().unwrap();
    items[0] = embedded(&items[0]);
    assert_eq!(malformed(world.refusal(&encode(&plain))), IssuerSignedError::Element("tag 24"));
}

// rule: MD-5
#[test]
fn an_element_or_a_digest_id_twice_is_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    let mut twice = parse(&mdoc);
    let items = member(member(&mut twice, "nameSpaces"), NAME_SPACE).as_array_mut().unwrap();
    items.push(items[0].clone());
    assert_eq!(malformed(world.refusal(&encode(&twice))), IssuerSignedError::Duplicate);

    let renamed =
        with_item(&mdoc, "given_name", |item| *member(item, "elementIdentifier") = text("family_name"));
    assert_eq!(malformed(world.refusal(&renamed)), IssuerSignedError::Duplicate);

    let first_id = member(
        &mut embedded(&member(member(&mut twice, "nameSpaces"), NAME_SPACE).as_array().unwrap()[0]),
        "digestID",
    )
    .clone();
    let same_id = with_item(&mdoc, "given_name", |item| *member(item, "digestID") = first_id);
    assert_eq!(malformed(world.refusal(&same_id)), IssuerSignedError::Duplicate);
}

// rule: MD-2
#[test]
fn a_key_twice_is_refused_outside_inside_an_item_and_in_the_security_object() {
    let world = World::new();
    let twice = |value: &mut Value| {
        let first = value.as_map().unwrap()[0].clone();
        value.as_map_mut().unwrap().push(first);
    };
    let is_duplicate = |bytes: &[u8]| {
        let error = malformed(world.refusal(bytes));
        assert!(error.to_string().contains("twice"), "{error}");
        assert_eq!(MdocError::from(error).rule(), "MD-2");
    };
    let mdoc = world.mdoc().to_bytes();
    let mut outer = parse(&mdoc);
    twice(&mut outer);
    is_duplicate(&encode(&outer));
    is_duplicate(&with_item(&mdoc, "given_name", twice));
    is_duplicate(&world.with_security_object(twice));
    is_duplicate(
        &world.with_security_object(|object| twice(member(member(object, "valueDigests"), NAME_SPACE))),
    );
}

// rule: MD-1
#[test]
fn too_much_too_deep_or_too_long_is_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    let refused = |bytes: &[u8], expected: CborError| {
        assert_eq!(malformed(world.refusal(bytes)), IssuerSignedError::Cbor(expected));
    };
    refused(&vec![0; mdoc::MAX_STRUCTURE_BYTES + 1], CborError::TooLarge);
    refused(&[mdoc.as_slice(), &[0]].concat(), CborError::TrailingBytes);
    refused(&mdoc[..mdoc.len() - 1], CborError::Malformed);
    let mut deep = Value::Null;
    for _ in 0..mdoc::MAX_NESTING {
        deep = Value::Array(vec![deep]);
    }
    let many = Value::Array(vec![Value::Null; mdoc::MAX_ITEMS]);
    refused(&with_item(&mdoc, "given_name", |item| *member(item, "elementValue") = deep), CborError::TooDeep);
    refused(
        &with_item(&mdoc, "given_name", |item| *member(item, "elementValue") = many),
        CborError::TooManyItems,
    );
    // As much text as the largest structure needs is decoded, and then measured.
    let longest = "A".repeat(mdoc::MAX_STRUCTURE_BYTES.div_ceil(3) * 4);
    assert_eq!(
        IssuerSigned::parse_base64url(&longest).err(),
        Some(IssuerSignedError::Cbor(CborError::TooLarge))
    );
    let longer = format!("{longest}AAAA");
    assert_eq!(IssuerSigned::parse_base64url(&longer).err(), Some(IssuerSignedError::NotBase64Url));
    let too_long = "A".repeat(mdoc::MAX_STRUCTURE_BYTES * 2);
    assert_eq!(IssuerSigned::parse_base64url(&too_long).err(), Some(IssuerSignedError::NotBase64Url));
    assert_eq!(IssuerSigned::parse_base64url("oQ==").err(), Some(IssuerSignedError::NotBase64Url));
}

// rule: MD-6, HA-1
#[test]
fn an_issuer_auth_of_another_shape_is_refused() {
    let world = World::new();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut value = parse(&world.mdoc().to_bytes());
        change(member(&mut value, "issuerAuth"));
        match malformed(world.refusal(&encode(&value))) {
            IssuerSignedError::IssuerAuth(error) => error,
            other => panic!("{other}"),
        }
    };
    let tagged = refused(&|auth| *auth = Value::Tag(18, Box::new(auth.clone())));
    assert_eq!(tagged, IssuerAuthError::Malformed);
    assert_eq!(refused(&|auth| auth.as_array_mut().unwrap()[2] = Value::Null), IssuerAuthError::NoPayload);
    let without = refused(&|auth| auth.as_array_mut().unwrap()[1] = Value::Map(vec![]));
    assert_eq!(without, IssuerAuthError::Certificates);
    let es384 = encode(&Value::Map(vec![(Value::from(1), Value::from(-35))]));
    let algorithm = refused(&|auth| auth.as_array_mut().unwrap()[0] = Value::Bytes(es384.clone()));
    assert_eq!(algorithm, IssuerAuthError::Algorithm);
}

// rule: MD-7
#[test]
fn a_security_object_of_another_version_or_not_embedded_is_refused() {
    let world = World::new();
    for version in ["2.0", "1", "1.", "10.0", ""] {
        let error = security_object_error(&world, |object| *member(object, "version") = text(version));
        assert_eq!(error, SecurityObjectError::Version, "{version}");
    }
    for name in ["version", "valueDigests", "deviceKeyInfo", "docType", "validityInfo"] {
        assert_eq!(
            security_object_error(&world, |object| remove(object, name)),
            SecurityObjectError::Member(name)
        );
    }
    let mut value = parse(&world.mdoc().to_bytes());
    let payload = member(&mut value, "issuerAuth").as_array().unwrap()[2].as_bytes().unwrap().clone();
    *member(&mut value, "issuerAuth") = world.issuer_auth(&encode(&embedded(&parse(&payload))));
    let error = malformed(world.refusal(&encode(&value)));
    assert_eq!(error, IssuerSignedError::SecurityObject(SecurityObjectError::NotEmbedded));
}

// rule: MD-8
#[test]
fn an_unknown_digest_algorithm_or_a_short_digest_is_refused() {
    let world = World::new();
    for name in ["SHA-1", "MD5", "sha-256", ""] {
        let error = security_object_error(&world, |object| *member(object, "digestAlgorithm") = text(name));
        assert_eq!(error, SecurityObjectError::DigestAlgorithm);
    }
    let error = security_object_error(&world, |object| {
        member(member(object, "valueDigests"), NAME_SPACE).as_map_mut().unwrap()[0].1 =
            Value::Bytes(vec![1; 31]);
    });
    assert_eq!(error, SecurityObjectError::DigestLength);
    let error = security_object_error(&world, |object| *member(object, "digestAlgorithm") = text("SHA-512"));
    assert_eq!(error, SecurityObjectError::DigestLength);
}

// rule: MD-7, MD-8
#[test]
fn digests_are_some_and_bounded_in_number_and_in_their_ids() {
    const WRONG: SecurityObjectError = SecurityObjectError::Member("valueDigests");
    let world = World::new();
    let none = security_object_error(&world, |object| *member(object, "valueDigests") = Value::Map(vec![]));
    assert_eq!(none, WRONG);
    // Further digests, from this id on, until there are so many in all.
    let with = |first: u64, count: usize| {
        world.with_security_object(|object| {
            let digests = member(member(object, "valueDigests"), NAME_SPACE).as_map_mut().unwrap();
            let missing = u64::try_from(count - digests.len()).unwrap();
            digests.extend((0..missing).map(|n| (Value::from(first + n), Value::Bytes(vec![0; 32]))));
        })
    };
    let last = mdoc::DIGEST_ID_END - 1;
    let accepted = |bytes: &[u8]| world.receive(bytes, now()).map(drop).map_err(|error| error.code());
    let six = accepted(&with(last, 6));
    assert_eq!(six, Ok(()));
    assert_eq!(malformed(world.refusal(&with(last + 1, 6))), IssuerSignedError::SecurityObject(WRONG));
    assert_eq!(accepted(&with(1000, mdoc::MAX_DIGESTS)), Ok(()));
    let more = with(1000, mdoc::MAX_DIGESTS + 1);
    assert_eq!(malformed(world.refusal(&more)), IssuerSignedError::SecurityObject(WRONG));
}

// rule: MD-8
#[test]
fn digests_of_sha_384_and_sha_512_are_compared_too() {
    let world = World::new();
    type Digest = fn(&[u8]) -> Vec<u8>;
    let sha_384: Digest = |bytes| crypto::sha384(bytes).to_vec();
    let sha_512: Digest = |bytes| crypto::sha512(bytes).to_vec();
    for (name, digest) in [("SHA-384", sha_384), ("SHA-512", sha_512)] {
        let mut value = parse(&world.mdoc().to_bytes());
        let items = member(member(&mut value, "nameSpaces"), NAME_SPACE).clone();
        let by_id = items.as_array().unwrap().iter().map(|item| {
            (member(&mut embedded(item), "digestID").clone(), Value::Bytes(digest(&encode(item))))
        });
        let by_id = Value::Map(by_id.collect());
        let signed = world.with_security_object(|object| {
            *member(object, "digestAlgorithm") = text(name);
            *member(member(object, "valueDigests"), NAME_SPACE) = by_id;
        });
        *member(&mut value, "issuerAuth") = member(&mut parse(&signed), "issuerAuth").clone();
        let good = encode(&value);
        assert!(world.receive(&good, now()).is_ok(), "{name}");
        let bad = with_item(&good, "portrait", |item| *member(item, "elementValue") = Value::Null);
        assert_eq!(issuer_error(world.refusal(&bad)), IssuerDataError::DigestMismatch);
    }
}

// rule: MD-9
#[test]
fn a_device_key_that_is_not_on_p256_is_refused() {
    let world = World::new();
    let key = |object: &mut Value, label: i64, value: Value| {
        let key = member(member(object, "deviceKeyInfo"), "deviceKey").as_map_mut().unwrap();
        key.iter_mut().find(|(known, _)| *known == Value::from(label)).unwrap().1 = value;
    };
    let changes =
        [(1, Value::from(1)), (-1, Value::from(2)), (-2, Value::Bytes(vec![9; 32])), (-3, Value::Bool(true))];
    for (label, value) in changes {
        let error = security_object_error(&world, |object| key(object, label, value));
        assert_eq!(error, SecurityObjectError::DeviceKey, "{label}");
    }
}

// rule: MD-10
#[test]
fn key_authorisations_that_contradict_each_other_are_refused() {
    let world = World::new();
    let error = security_object_error(&world, |object| {
        let both = Value::Map(vec![
            (text("nameSpaces"), Value::Array(vec![text("a")])),
            (text("dataElements"), Value::Map(vec![(text("a"), Value::Array(vec![text("b")]))])),
        ]);
        add(member(object, "deviceKeyInfo"), "keyAuthorizations", both);
    });
    assert_eq!(error, SecurityObjectError::KeyAuthorizations);
    let error = security_object_error(&world, |object| {
        add(member(object, "deviceKeyInfo"), "keyAuthorizations", Value::Array(vec![]));
    });
    assert_eq!(error, SecurityObjectError::Member("keyAuthorizations"));
}

// rule: MD-11
#[test]
fn a_validity_out_of_order_or_not_in_utc_is_refused() {
    let world = World::new();
    let changes = [
        ("signed", date_time("2026-11-22T00:00:00Z")),
        ("validUntil", date_time("2026-11-21T12:00:00Z")),
        ("validFrom", date_time("2026-11-21T21:00:00+09:00")),
        ("validFrom", text("2026-11-21T12:00:00Z")),
        ("validFrom", Value::Tag(1, Box::new(text("2026-11-21T12:00:00Z")))),
        ("validFrom", date_time("2026-11-21")),
        ("validUntil", Value::from(1_900_000_000)),
    ];
    for (name, value) in changes {
        let error =
            security_object_error(&world, |object| *member(member(object, "validityInfo"), name) = value);
        assert_eq!(error, SecurityObjectError::Validity, "{name}");
    }
    for name in ["signed", "validFrom", "validUntil"] {
        let error = security_object_error(&world, |object| remove(member(object, "validityInfo"), name));
        assert_eq!(error, SecurityObjectError::Validity, "{name}");
    }
}

// rule: MD-12, HA-9
#[test]
fn a_status_that_could_not_be_checked_is_refused() {
    let world = World::new();
    let identifier_list =
        Value::Map(vec![(text("id"), Value::Bytes(vec![1])), (text("uri"), text("https://a.example"))]);
    for status in [
        Value::Map(vec![(text("identifier_list"), identifier_list)]),
        Value::Map(vec![(text("status_list"), Value::Map(vec![(text("idx"), Value::from(1))]))]),
        Value::Null,
    ] {
        let error = security_object_error(&world, |object| *member(object, "status") = status);
        assert_eq!(error, SecurityObjectError::Status);
    }
    let none = world.with_security_object(|object| remove(object, "status"));
    assert!(world.receive(&none, now()).map_err(|error| error.code()).unwrap().status().is_none());
}

// rule: MD-33
#[test]
fn a_value_with_two_keys_that_become_one_is_refused() {
    let world = World::new();
    let value = Value::Map(vec![(Value::from(1), Value::Null), (text("1"), Value::Null)]);
    let bytes =
        with_item(&world.mdoc().to_bytes(), "given_name", |item| *member(item, "elementValue") = value);
    assert_eq!(malformed(world.refusal(&bytes)), IssuerSignedError::AmbiguousValue);
}
