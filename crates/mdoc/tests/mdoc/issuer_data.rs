//! Issuer data authentication: each check has a document that only this check refuses (MD-3, MD-13 to MD-22).

use crate::common::*;
use crypto::Signer;
use crypto::cbor::Value;
use crypto::cose::Sign1Builder;
use mdoc::{IssuerDataError, MdocError, Validity};
use primitives::Refusal;
use trust::certificate::builder::Purpose;
use trust::{AnchorStore, CertificateChain, ChainFault, CredentialType, IssuerEntitlements};

fn issuer_error(error: MdocError) -> IssuerDataError {
    match error {
        MdocError::Issuer(error) => error,
        MdocError::Malformed(error) => panic!("malformed: {error}"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn date_time(time: &str) -> Value {
    Value::Tag(0, Box::new(text(time)))
}

fn issued_with(world: &World, validity: Validity) -> Vec<u8> {
    // Through the security object, because the issuing side refuses what these tests need.
    let rfc3339 = |time: primitives::Instant| date_time(&time.to_rfc3339());
    world.with_security_object(|object| {
        let info = member(object, "validityInfo");
        *member(info, "signed") = rfc3339(validity.signed);
        *member(info, "validFrom") = rfc3339(validity.valid_from);
        *member(info, "validUntil") = rfc3339(validity.valid_until);
    })
}

// rule: MD-3
#[test]
fn an_item_in_another_encoding_keeps_its_bytes_and_its_digest() {
    let world = World::new();
    let mut issuer_signed = parse(&world.mdoc().to_bytes());
    let name_spaces = member(&mut issuer_signed, "nameSpaces").clone();
    let item = encode(&name_spaces.as_map().unwrap()[0].1.as_array().unwrap()[0]);
    // d818 58 LL … written as d818 5900 LL …: the same item, two more bytes.
    assert_eq!(item[..3], [0xd8, 0x18, 0x58]);
    let longer = [&[0xd8, 0x18, 0x59, 0x00], &item[3..]].concat();
    let digest = crypto::sha256(&longer);
    let digest_id = member(&mut embedded(&parse(&item)), "digestID").clone();
    let signed = world.with_security_object(|object| {
        for (id, value) in member(member(object, "valueDigests"), NAME_SPACE).as_map_mut().unwrap() {
            if *id == digest_id {
                *value = Value::Bytes(digest.to_vec());
            }
        }
    });
    let issuer_auth = encode(member(&mut parse(&signed), "issuerAuth"));
    let mut bytes = vec![0xa2];
    bytes.extend(encode(&text("nameSpaces")));
    bytes.push(0xa1);
    bytes.extend(encode(&text(NAME_SPACE)));
    bytes.push(0x81);
    bytes.extend(&longer);
    bytes.extend(encode(&text("issuerAuth")));
    bytes.extend(issuer_auth);
    let verified = world.receive(&bytes, now()).map_err(|error| error.code()).unwrap();
    assert_eq!(verified.issuer_signed().to_bytes(), bytes);
    assert_eq!(verified.claims().value(NAME_SPACE, "family_name").unwrap(), "김");
}

#[test]
fn what_was_verified_says_what_was_signed() {
    let world = World::new();
    let verified = world.receive(&world.mdoc().to_bytes(), now()).map_err(|error| error.code()).unwrap();
    assert_eq!(verified.doc_type(), DOC_TYPE);
    assert_eq!(*verified.device_key(), world.device_key.public_key());
    assert_eq!(verified.validity(), validity());
    assert_eq!(verified.status().unwrap().index(), 42);
    assert_eq!(verified.security_object().doc_type, DOC_TYPE);
    assert_eq!(verified.issuer().anchor().certificate(), &world.authority);
    let names: Vec<_> = verified.claims().iter().map(|(_, element, _)| element.to_owned()).collect();
    assert_eq!(names.len(), 5);
    assert!(names.contains(&"portrait".to_owned()));
}

// rule: OQ-5, VP-D3
#[test]
fn what_an_issuer_writes_beside_the_elements_is_noticed() {
    let world = World::new();
    let says_more =
        |bytes: &[u8]| world.receive(bytes, now()).map_err(|error| error.code()).unwrap().says_more();
    assert!(!says_more(&world.mdoc().to_bytes()));
    let authorized = world.sign(&issuance().key_authorizations(authorizations()));
    assert!(!says_more(&authorized.to_bytes()), "what the device may sign is judged by who knows it");
    assert!(!says_more(&world.with_security_object(|_| ())));
    let algorithm = world.with_security_object(|object| {
        let key = member(member(object, "deviceKeyInfo"), "deviceKey").as_map_mut().unwrap();
        key.push((Value::from(3), Value::from(-7)));
    });
    assert!(!says_more(&algorithm));

    let name = || text("이도담");
    type Change<'a> = &'a dyn Fn(&mut Value);
    let key_info = |object: &mut Value, member_name: &str, value: Value| {
        add(member(object, "deviceKeyInfo"), member_name, value);
    };
    let in_key = |object: &mut Value, label: i64, value: Value| {
        let key = member(member(object, "deviceKeyInfo"), "deviceKey").as_map_mut().unwrap();
        key.push((Value::from(label), value));
    };
    let changes: [(&str, Change<'_>); 9] = [
        ("object", &|object| add(object, "name", name())),
        ("version", &|object| *member(object, "version") = text("1.880614")),
        ("keyInfo", &|object| key_info(object, "keyInfo", Value::Map(vec![(Value::from(-1), name())]))),
        ("keyAuthorizations", &|object| {
            key_info(object, "keyAuthorizations", Value::Map(vec![(text("name"), name())]));
        }),
        ("kid", &|object| in_key(object, 2, Value::Bytes("이도담".into()))),
        ("alg", &|object| in_key(object, 3, name())),
        ("validity", &|object| add(member(object, "validityInfo"), "name", name())),
        ("status", &|object| add(member(object, "status"), "name", name())),
        ("list", &|object| add(member(member(object, "status"), "status_list"), "name", name())),
    ];
    for (what, change) in changes {
        assert!(says_more(&world.with_security_object(change)), "{what}");
    }
    let with_header = |change: fn(Sign1Builder) -> Sign1Builder| {
        let mut issuer_signed = parse(&world.mdoc().to_bytes());
        let Value::Array(sign1) = member(&mut issuer_signed, "issuerAuth") else { panic!("issuerAuth") };
        let payload = sign1[2].as_bytes().unwrap().clone();
        let builder = change(Sign1Builder::new().x5chain(&world.chain.to_der()));
        let sign1 = builder.sign(&world.signer_key, &payload, &[]).unwrap();
        *member(&mut issuer_signed, "issuerAuth") = sign1.to_value();
        encode(&issuer_signed)
    };
    assert!(!says_more(&with_header(|builder| builder)));
    assert!(says_more(&with_header(|builder| builder.protected(4, Value::Bytes(b"880614".to_vec())))));
    assert!(says_more(&with_header(|builder| builder.unprotected(4, Value::Bytes(b"880614".to_vec())))));
}

// rule: MD-17
#[test]
fn an_item_whose_value_random_or_name_was_changed_is_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    let changes: [fn(&mut Value); 4] = [
        |item| *member(item, "elementValue") = Value::Bool(false),
        |item| *member(item, "elementIdentifier") = Value::Text("age_over_21".to_owned()),
        |item| *member(item, "random") = Value::Bytes(vec![1; 32]),
        |item| add(item, "more", Value::Null),
    ];
    for change in changes {
        let error = issuer_error(world.refusal(&with_item(&mdoc, "age_over_19", change)));
        assert_eq!(error, IssuerDataError::DigestMismatch);
    }
}

// rule: MD-17
#[test]
fn every_disclosed_item_is_compared_not_the_first_alone() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    for element in ["family_name", "given_name", "birth_date", "age_over_19", "portrait"] {
        let changed =
            with_item(&mdoc, element, |item| *member(item, "elementValue") = Value::Text("x".to_owned()));
        assert_eq!(issuer_error(world.refusal(&changed)), IssuerDataError::DigestMismatch, "{element}");
    }
}

// rule: MD-17
#[test]
fn a_digest_of_another_value_is_refused() {
    let world = World::new();
    let changed = world.with_security_object(|object| {
        let digests = member(member(object, "valueDigests"), NAME_SPACE).as_map_mut().unwrap();
        digests[0].1 = Value::Bytes(vec![0; 32]);
    });
    assert_eq!(issuer_error(world.refusal(&changed)), IssuerDataError::DigestMismatch);
}

// rule: MD-18
#[test]
fn an_item_that_was_never_signed_is_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    let unknown_id = with_item(&mdoc, "portrait", |item| *member(item, "digestID") = Value::from(77));
    assert_eq!(issuer_error(world.refusal(&unknown_id)), IssuerDataError::DigestMissing);

    let mut other_name_space = parse(&mdoc);
    let name_spaces = member(&mut other_name_space, "nameSpaces").as_map_mut().unwrap();
    name_spaces[0].0 = text("kr.go.example.other.1");
    assert_eq!(issuer_error(world.refusal(&encode(&other_name_space))), IssuerDataError::DigestMissing);
}

// rule: MD-19, CI-20
#[test]
fn another_doctype_than_expected_is_refused() {
    let world = World::new();
    let verdict = world.mdoc().verify("org.iso.18013.5.1.mDL", &world.anchors, now());
    assert_eq!(verdict.err(), Some(IssuerDataError::DocType));
}

// rule: MD-16
#[test]
fn a_security_object_signed_with_another_key_or_changed_is_refused() {
    let world = World::new();
    let mut issuer_signed = parse(&world.mdoc().to_bytes());
    let payload = member(&mut issuer_signed, "issuerAuth").as_array().unwrap()[2].as_bytes().unwrap().clone();
    let forged = Sign1Builder::new().x5chain(&world.chain.to_der()).sign(&key(66), &payload, &[]).unwrap();
    *member(&mut issuer_signed, "issuerAuth") = forged.to_value();
    assert_eq!(issuer_error(world.refusal(&encode(&issuer_signed))), IssuerDataError::Signature);

    // The true signature beside a security object with another device key.
    let other = world.with_security_object(|object| {
        *member(member(object, "deviceKeyInfo"), "deviceKey") =
            crypto::cose::key_to_value(&key(66).public_key());
    });
    let other_payload = member(&mut parse(&other), "issuerAuth").as_array().unwrap()[2].clone();
    let mut issuer_signed = parse(&world.mdoc().to_bytes());
    member(&mut issuer_signed, "issuerAuth").as_array_mut().unwrap()[2] = other_payload;
    assert_eq!(issuer_error(world.refusal(&encode(&issuer_signed))), IssuerDataError::Signature);
}

// rule: MD-13
#[test]
fn an_unknown_anchor_is_refused_and_so_is_one_inside_the_chain() {
    let world = World::new();
    let nobody = AnchorStore::new();
    match world.mdoc().verify(DOC_TYPE, &nobody, now()).err().unwrap() {
        IssuerDataError::Chain(error) => assert_eq!(error.fault, ChainFault::UnknownAnchor),
        other => panic!("{other}"),
    }
    let whole = CertificateChain::from_der(&[world.chain.leaf().der(), world.authority.der()]).unwrap();
    let issued =
        issuance().sign(&world.device_key.public_key(), &world.signer_key, &whole, &world.entropy).unwrap();
    match issued.verify(DOC_TYPE, &world.anchors, now()).err().unwrap() {
        IssuerDataError::Chain(error) => assert_eq!(error.fault, ChainFault::AnchorInChain),
        other => panic!("{other}"),
    }
}

// rule: MD-14
#[test]
fn a_signer_without_the_document_signers_purpose_is_refused() {
    for certificate in [signer_certificate(), signer_certificate().with_purpose(Purpose::MdocReader)] {
        let world = World::with_signer_certificate(certificate);
        match issuer_error(world.refusal(&world.mdoc().to_bytes())) {
            IssuerDataError::Chain(error) => assert_eq!(error.fault, ChainFault::Purpose),
            other => panic!("{other}"),
        }
    }
}

// rule: MD-15
#[test]
fn an_issuer_that_may_not_issue_the_doctype_is_refused() {
    let world = World::new();
    let library = IssuerEntitlements::types([
        CredentialType::mdoc("kr.go.example.library.1"),
        CredentialType::sd_jwt_vc(DOC_TYPE),
    ]);
    let verdict = world.mdoc().verify(DOC_TYPE, &anchors(&world.authority, library), now());
    assert!(matches!(verdict.err(), Some(IssuerDataError::NotEntitled(_))));
}

// rule: MD-20
#[test]
fn an_mdoc_signed_outside_the_validity_of_the_certificate_is_refused() {
    let world = World::new();
    for signed in [world.chain.leaf().not_before() - 1, world.chain.leaf().not_after() + 1] {
        let bytes = issued_with(
            &world,
            Validity { signed, valid_from: signed, valid_until: signed + 900 * DAY, ..validity() },
        );
        assert_eq!(issuer_error(world.refusal(&bytes)), IssuerDataError::SignedOutsideCertificate);
    }
    let first = world.chain.leaf().not_before();
    let bytes = issued_with(&world, Validity { signed: first, valid_from: first, ..validity() });
    assert!(world.receive(&bytes, now()).is_ok());
}

// rule: MD-21
#[test]
fn an_mdoc_that_is_not_valid_yet_is_refused() {
    let world = World::new();
    let bytes = issued_with(&world, Validity { valid_from: now() + 61, ..validity() });
    assert_eq!(issuer_error(world.refusal(&bytes)), IssuerDataError::NotYetValid);
    let bytes = issued_with(&world, Validity { valid_from: now() + 60, ..validity() });
    assert!(world.receive(&bytes, now()).is_ok());
}

// rule: MD-22
#[test]
fn an_mdoc_that_has_expired_is_refused() {
    let world = World::new();
    let mdoc = world.mdoc().to_bytes();
    assert!(world.receive(&mdoc, validity().valid_until).is_ok());
    let error = world.receive(&mdoc, validity().valid_until + 1).err().unwrap();
    assert_eq!(issuer_error(error), IssuerDataError::Expired);
}
