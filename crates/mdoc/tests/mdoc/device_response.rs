//! Device responses: what the holder makes a verifier accepts, and each check has a response that only this check refuses
//! (MD-25 to MD-34, VP-H2 to VP-H6, VP-T4, HA-9).

use crate::common::*;
use crypto::Signer;
use crypto::cbor::Value;
use crypto::cose::Sign1Builder;
use mdoc::{
    CborError, DeviceResponse, DeviceResponseError, ElementValue, IssuerDataError, IssuerSignedError,
    KeyAuthorizations, PresentError, SelectionError, SessionTranscript,
};
use primitives::Refusal;
use serde_json::json;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

// rule: MD-31, VP-H2, VP-D3
#[test]
fn a_response_reveals_the_selected_elements_and_no_other() {
    let world = World::new();
    let mdoc = world.mdoc();
    let selected = [(NAME_SPACE, "age_over_19"), (NAME_SPACE, "birth_date"), (NAME_SPACE, "age_over_19")];
    let disclosure = mdoc.select(selected).unwrap();
    let shown = json!({ NAME_SPACE: { "birth_date": "1988-06-14", "age_over_19": true } });
    assert_eq!(disclosure.claims().into_json(), shown);
    let response = disclosure.respond_base64url(&transcript(), &world.device_key).unwrap();
    let verified = DeviceResponse::parse_base64url(&response).unwrap();
    let verified =
        verified.verify(&transcript(), &world.anchors, now()).map_err(|error| error.code()).unwrap();
    // What was shown is what arrived.
    assert!(!verified.claims.is_empty());
    assert_eq!(verified.claims.into_json(), shown);
    assert!(verified.device_claims.is_empty());
    assert_eq!(verified.doc_type, DOC_TYPE);
    assert_eq!(verified.device_key, world.device_key.public_key());
    assert_eq!(verified.status.unwrap().uri(), "https://status.example/1");
    assert_eq!(verified.issuer.anchor().certificate(), &world.authority);
    let bytes = primitives::base64url::decode(&response).unwrap();
    for value in ["하늘".as_bytes(), b"family_name", b"portrait"] {
        assert!(!bytes.windows(value.len()).any(|window| window == value));
    }
}

// rule: MD-31
#[test]
fn an_element_that_is_not_held_cannot_be_selected() {
    let mdoc = World::new().mdoc();
    for missing in [(NAME_SPACE, "age_over_21"), ("org.iso.18013.5.1", "family_name")] {
        let selection = mdoc.select([(NAME_SPACE, "family_name"), missing]);
        assert_eq!(selection.err(), Some(SelectionError::NotHeld));
    }
}

// rule: VP-D2
#[test]
fn nothing_at_all_can_be_revealed() {
    let world = World::new();
    assert!(world.check(&world.respond(&[])).map_err(|error| error.code()).unwrap().claims.is_empty());
}

// rule: MD-32
#[test]
fn the_holder_does_not_sign_with_another_key() {
    let world = World::new();
    let disclosure = world.mdoc().select([(NAME_SPACE, "age_over_19")]).unwrap();
    assert_eq!(disclosure.respond(&transcript(), &key(66)).err(), Some(PresentError::WrongKey));
}

/// The response with `deviceAuth` replaced by a signature of `signer` over the true bytes.
fn resigned(response: &[u8], signer: &dyn Signer, transcript: &SessionTranscript, doc_type: &str) -> Vec<u8> {
    with_response(response, |response| {
        let device_signed = member(document(response), "deviceSigned");
        let authentication = Value::Array(vec![
            text("DeviceAuthentication"),
            parse(transcript.as_bytes()),
            text(doc_type),
            member(device_signed, "nameSpaces").clone(),
        ]);
        let payload = encode(&embed(&authentication));
        let signature = Sign1Builder::new().sign_detached(signer, &payload, &[]).unwrap();
        *member(member(device_signed, "deviceAuth"), "deviceSignature") = signature.to_value();
    })
}

// rule: MD-27, MD-30
#[test]
fn a_signature_of_another_key_transcript_or_doctype_is_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    // The helper itself makes what is accepted.
    assert!(world.check(&resigned(&response, &world.device_key, &transcript(), DOC_TYPE)).is_ok());
    let other = SessionTranscript::openid4vp_dc_api("https://verifier.example", NONCE, None);
    for wrong in [
        resigned(&response, &key(66), &transcript(), DOC_TYPE),
        resigned(&response, &world.device_key, &other, DOC_TYPE),
        resigned(&response, &world.device_key, &transcript(), "kr.go.example.other.1"),
    ] {
        assert_eq!(world.response_refusal(&wrong), DeviceResponseError::DeviceSignature);
    }
}

// rule: MD-30, VP-H3, VP-C9
#[test]
fn a_response_to_another_client_nonce_key_or_address_is_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    let key = [7; 32];
    let asked = [
        SessionTranscript::openid4vp_redirect("x509_hash:other", NONCE, Some(&key), RESPONSE_URI),
        SessionTranscript::openid4vp_redirect(CLIENT_ID, "other", Some(&key), RESPONSE_URI),
        SessionTranscript::openid4vp_redirect(CLIENT_ID, NONCE, Some(&[8; 32]), RESPONSE_URI),
        SessionTranscript::openid4vp_redirect(CLIENT_ID, NONCE, None, RESPONSE_URI),
        SessionTranscript::openid4vp_redirect(CLIENT_ID, NONCE, Some(&key), "https://verifier.example/other"),
    ];
    for transcript in asked {
        let verdict = DeviceResponse::parse(&response).unwrap().verify(&transcript, &world.anchors, now());
        assert_eq!(verdict.err(), Some(DeviceResponseError::DeviceSignature));
    }
}

// rule: MD-30, VP-H4
#[test]
fn a_response_over_the_dc_api_to_another_origin_nonce_or_key_is_refused() {
    let world = World::new();
    let transcript = SessionTranscript::openid4vp_dc_api("https://verifier.example", NONCE, Some(&[7; 32]));
    let disclosure = world.mdoc().select([(NAME_SPACE, "age_over_19")]).unwrap();
    let response = disclosure.respond(&transcript, &world.device_key).unwrap();
    let verify =
        |transcript| DeviceResponse::parse(&response).unwrap().verify(&transcript, &world.anchors, now());
    assert!(verify(transcript).is_ok());
    for other in [
        SessionTranscript::openid4vp_dc_api("https://other.example", NONCE, Some(&[7; 32])),
        SessionTranscript::openid4vp_dc_api("https://verifier.example", "other", Some(&[7; 32])),
        SessionTranscript::openid4vp_dc_api("https://verifier.example", NONCE, None),
    ] {
        assert_eq!(verify(other).err(), Some(DeviceResponseError::DeviceSignature));
    }
}

// rule: MD-35
#[test]
fn a_response_shown_as_qr_to_another_audience_nonce_moment_key_or_channel_is_refused() {
    let world = World::new();
    let (audience, key) = ("x509_hash:abc", [7; 32]);
    let own = || SessionTranscript::offline_qr(audience, NONCE, now(), Some(&key));
    let respond = |transcript: &SessionTranscript| {
        let disclosure = world.mdoc().select([(NAME_SPACE, "age_over_19")]).unwrap();
        disclosure.respond(transcript, &world.device_key).unwrap()
    };
    let verify = |response: &[u8], transcript: &SessionTranscript| {
        DeviceResponse::parse(response).unwrap().verify(transcript, &world.anchors, now())
    };
    let shown = respond(&own());
    assert!(verify(&shown, &own()).is_ok());
    let others = [
        SessionTranscript::offline_qr("x509_hash:other", NONCE, now(), Some(&key)),
        SessionTranscript::offline_qr(audience, "other", now(), Some(&key)),
        SessionTranscript::offline_qr(audience, NONCE, now() + 1, Some(&key)),
        SessionTranscript::offline_qr(audience, NONCE, now(), Some(&[8; 32])),
        SessionTranscript::offline_qr(audience, NONCE, now(), None),
        SessionTranscript::openid4vp_redirect(audience, NONCE, Some(&key), RESPONSE_URI),
        SessionTranscript::openid4vp_dc_api(audience, NONCE, Some(&key)),
    ];
    for other in &others {
        assert_eq!(verify(&shown, other).err(), Some(DeviceResponseError::DeviceSignature));
        assert_eq!(verify(&respond(other), &own()).err(), Some(DeviceResponseError::DeviceSignature));
    }
}

// rule: MD-17
#[test]
fn a_disclosed_element_that_was_changed_is_refused() {
    let world = World::new();
    let changed = with_response(&world.respond(&["age_over_19", "family_name"]), |response| {
        change_item(member(document(response), "issuerSigned"), "age_over_19", |item| {
            *member(item, "elementValue") = Value::Bool(false);
        });
    });
    assert_eq!(
        world.response_refusal(&changed),
        DeviceResponseError::Issuer(IssuerDataError::DigestMismatch)
    );
}

// rule: MD-19
#[test]
fn a_document_of_another_type_than_signed_is_refused() {
    let world = World::new();
    let renamed = with_response(&world.respond(&["age_over_19"]), |response| {
        *member(document(response), "docType") = text("org.iso.18013.5.1.mDL");
    });
    // The device signs the false type as well, so that only the comparison with the security object is left.
    let renamed = resigned(&renamed, &world.device_key, &transcript(), "org.iso.18013.5.1.mDL");
    assert_eq!(world.response_refusal(&renamed), DeviceResponseError::Issuer(IssuerDataError::DocType));
}

// rule: MD-30
#[test]
fn for_whose_request_a_document_was_made_is_seen_whoever_issued_it() {
    // Of an issuer that nobody trusts, and damaged as well.
    let world = World::new();
    let response = with_response(&world.respond(&["age_over_19"]), |response| {
        let auth = member(member(document(response), "issuerSigned"), "issuerAuth").as_array_mut().unwrap();
        let Value::Bytes(signature) = &mut auth[3] else { panic!("signature") };
        signature[40] ^= 1;
    });
    let is_for = |response: &[u8], transcript: &SessionTranscript| {
        DeviceResponse::parse(response).unwrap().is_for(transcript)
    };
    assert!(is_for(&response, &transcript()));
    let other = SessionTranscript::openid4vp_dc_api("https://verifier.example", NONCE, None);
    assert!(!is_for(&response, &other));
    assert!(!is_for(&resigned(&response, &key(66), &transcript(), DOC_TYPE), &transcript()));
}

// rule: MD-13, MD-15, MD-16, MD-22
#[test]
fn the_verifier_authenticates_the_issuer_as_the_holder_does() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    let verify =
        |anchors, now| DeviceResponse::parse(&response).unwrap().verify(&transcript(), anchors, now).err();
    let nobody = trust::AnchorStore::new();
    assert!(matches!(verify(&nobody, now()), Some(DeviceResponseError::Issuer(IssuerDataError::Chain(_)))));
    let nothing = anchors(&world.authority, trust::IssuerEntitlements::types([]));
    assert!(matches!(
        verify(&nothing, now()),
        Some(DeviceResponseError::Issuer(IssuerDataError::NotEntitled(_)))
    ));
    let late = validity().valid_until + 1;
    assert_eq!(verify(&world.anchors, late), Some(DeviceResponseError::Issuer(IssuerDataError::Expired)));
    let forged = with_response(&response, |response| {
        let auth = member(member(document(response), "issuerSigned"), "issuerAuth").as_array_mut().unwrap();
        let Value::Bytes(signature) = &mut auth[3] else { panic!("signature") };
        signature[40] ^= 1;
    });
    assert_eq!(world.response_refusal(&forged), DeviceResponseError::Issuer(IssuerDataError::Signature));
}

// rule: MD-25
#[test]
fn another_version_or_status_is_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    let refused = |change: &dyn Fn(&mut Value)| world.response_refusal(&with_response(&response, change));
    assert_eq!(refused(&|response| *member(response, "version") = text("2.0")), DeviceResponseError::Version);
    assert_eq!(
        refused(&|response| *member(response, "status") = Value::from(10)),
        DeviceResponseError::Status(10)
    );
    assert_eq!(refused(&|response| remove(response, "status")), DeviceResponseError::Member("status"));
    assert_eq!(refused(&|response| remove(response, "version")), DeviceResponseError::Member("version"));
    for name in ["docType", "issuerSigned", "deviceSigned"] {
        assert_eq!(refused(&|response| remove(document(response), name)), DeviceResponseError::Member(name));
    }
}

// rule: MD-26, HA-9
#[test]
fn not_exactly_one_document_is_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    for count in [0, 2] {
        let changed = with_response(&response, |response| {
            let documents = member(response, "documents").as_array_mut().unwrap();
            let document = documents[0].clone();
            documents.resize(count, document);
        });
        assert_eq!(world.response_refusal(&changed), DeviceResponseError::DocumentCount);
    }
    let without = with_response(&response, |response| remove(response, "documents"));
    assert_eq!(world.response_refusal(&without), DeviceResponseError::DocumentCount);
}

// rule: MD-28, MD-27
#[test]
fn a_mac_both_or_neither_are_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    let refused = |change: &dyn Fn(&mut Value)| {
        world.response_refusal(&with_response(&response, |response| {
            change(member(member(document(response), "deviceSigned"), "deviceAuth"));
        }))
    };
    let mac = Value::Array(vec![
        Value::Bytes(vec![0xa1, 0x01, 0x05]),
        Value::Map(vec![]),
        Value::Null,
        Value::Bytes(vec![0; 32]),
    ]);
    let only = Value::Map(vec![(text("deviceMac"), mac.clone())]);
    assert_eq!(refused(&|auth| *auth = only.clone()), DeviceResponseError::DeviceMac);
    assert_eq!(refused(&|auth| add(auth, "deviceMac", mac.clone())), DeviceResponseError::DeviceAuth);
    assert_eq!(refused(&|auth| *auth = Value::Map(vec![])), DeviceResponseError::DeviceAuth);
    let es384 = encode(&Value::Map(vec![(Value::from(1), Value::from(-35))]));
    let algorithm = refused(&|auth| {
        member(auth, "deviceSignature").as_array_mut().unwrap()[0] = Value::Bytes(es384.clone());
    });
    assert_eq!(algorithm, DeviceResponseError::DeviceAlgorithm);
}

// rule: MD-27
#[test]
fn a_payload_inside_the_device_signature_is_refused() {
    let world = World::new();
    let attached = with_response(&world.respond(&["age_over_19"]), |response| {
        let device_signed = member(document(response), "deviceSigned");
        let authentication = Value::Array(vec![
            text("DeviceAuthentication"),
            parse(transcript().as_bytes()),
            text(DOC_TYPE),
            member(device_signed, "nameSpaces").clone(),
        ]);
        let payload = encode(&embed(&authentication));
        let signature = Sign1Builder::new().sign(&world.device_key, &payload, &[]).unwrap();
        *member(member(device_signed, "deviceAuth"), "deviceSignature") = signature.to_value();
    });
    assert_eq!(world.response_refusal(&attached), DeviceResponseError::DeviceSignature);
}

// rule: MD-29, VP-T4
#[test]
fn the_device_signs_what_the_issuer_authorised_and_nothing_else() {
    let world = World::new();
    let mdoc = world.sign(&issuance().key_authorizations(authorizations()));
    let amount = || ElementValue::Integer(52_300);
    let disclosure = || mdoc.select([(NAME_SPACE, "age_over_19")]).unwrap();
    let allowed = disclosure()
        .with_device_element(NAME_SPACE, "confirmed", amount())
        .and_then(|disclosure| disclosure.with_device_element("kr.go.example.free.1", "anything", amount()))
        .unwrap();
    assert_eq!(allowed.device_elements().count(), 2);
    let response = allowed.respond(&transcript(), &world.device_key).unwrap();
    let verified = world.check(&response).map_err(|error| error.code()).unwrap();
    assert_eq!(verified.device_claims.value(NAME_SPACE, "confirmed"), Some(&json!(52_300)));
    assert!(verified.claims.value(NAME_SPACE, "confirmed").is_none());

    for (name_space, element) in [(NAME_SPACE, "age_over_19"), ("kr.go.example.other.1", "confirmed")] {
        let refused = disclosure().with_device_element(name_space, element, amount());
        assert_eq!(refused.err(), Some(SelectionError::NotAuthorised));
    }
    let twice = allowed.with_device_element(NAME_SPACE, "confirmed", amount());
    assert_eq!(twice.err(), Some(SelectionError::DeviceElement));

    // A holder without scruples signs it with the true key all the same.
    let world = World::new();
    let forged = with_response(&world.respond(&["family_name"]), |response| {
        let elements = Value::Map(vec![(text("age_over_65"), Value::Bool(true))]);
        let name_spaces = embed(&Value::Map(vec![(text(NAME_SPACE), elements)]));
        *member(member(document(response), "deviceSigned"), "nameSpaces") = name_spaces;
    });
    let forged = resigned(&forged, &world.device_key, &transcript(), DOC_TYPE);
    assert_eq!(world.response_refusal(&forged), DeviceResponseError::DeviceElementNotAuthorised);
}

// rule: MD-24
#[test]
fn a_device_element_is_nested_so_deep_and_no_deeper() {
    let mdoc = World::new().sign(&issuance().key_authorizations(authorizations()));
    let allowed = |value: ElementValue| {
        let disclosure = mdoc.select([]).unwrap();
        disclosure.with_device_element(NAME_SPACE, "confirmed", value).map(drop)
    };
    let array = |inner| ElementValue::Array(vec![ElementValue::Boolean(true), inner]);
    let map = |inner| {
        ElementValue::Map(vec![("a".to_owned(), inner), ("b".to_owned(), array(ElementValue::Integer(1)))])
    };
    let deep = |levels: usize, around: &dyn Fn(ElementValue) -> ElementValue| {
        (0..levels).fold(ElementValue::Text("x".to_owned()), |inner, _| around(inner))
    };
    assert_eq!(allowed(deep(mdoc::MAX_VALUE_NESTING, &array)), Ok(()));
    assert_eq!(allowed(deep(mdoc::MAX_VALUE_NESTING + 1, &array)), Err(SelectionError::DeviceElement));
    assert_eq!(allowed(deep(mdoc::MAX_VALUE_NESTING - 1, &map)), Ok(()));
    assert_eq!(allowed(deep(mdoc::MAX_VALUE_NESTING + 1, &map)), Err(SelectionError::DeviceElement));
}

// rule: MD-24
#[test]
fn a_device_may_sign_what_stands_in_either_half_of_its_authorizations() {
    let whole = KeyAuthorizations { data_elements: Default::default(), ..authorizations() };
    let single = KeyAuthorizations { name_spaces: Vec::new(), ..authorizations() };
    for (authorizations, place) in
        [(whole, ("kr.go.example.free.1", "any")), (single, (NAME_SPACE, "confirmed"))]
    {
        let mdoc = World::new().sign(&issuance().key_authorizations(authorizations.clone()));
        let sign = |(name_space, element): (&str, &str)| {
            let disclosure = mdoc.select([]).unwrap();
            disclosure.with_device_element(name_space, element, ElementValue::Boolean(true)).map(drop)
        };
        assert_eq!(sign(place), Ok(()), "{authorizations:?}");
        assert_eq!(sign((NAME_SPACE, "other")), Err(SelectionError::NotAuthorised));
    }
}

// rule: MD-27
#[test]
fn device_elements_are_under_the_signature() {
    let world = World::new();
    let mdoc = world.sign(&issuance().key_authorizations(authorizations()));
    let disclosure = mdoc.select([]).unwrap();
    let disclosure =
        disclosure.with_device_element(NAME_SPACE, "confirmed", ElementValue::Integer(1)).unwrap();
    let response = disclosure.respond(&transcript(), &world.device_key).unwrap();
    let changed = with_response(&response, |response| {
        let elements = Value::Map(vec![(text("confirmed"), Value::from(2))]);
        *member(member(document(response), "deviceSigned"), "nameSpaces") =
            embed(&Value::Map(vec![(text(NAME_SPACE), elements)]));
    });
    assert_eq!(world.response_refusal(&changed), DeviceResponseError::DeviceSignature);
}

// rule: MD-1, MD-2
#[test]
fn a_response_out_of_bounds_or_with_a_key_twice_is_refused() {
    let world = World::new();
    let response = world.respond(&["age_over_19"]);
    let too_large = vec![0; mdoc::MAX_STRUCTURE_BYTES + 1];
    assert_eq!(world.response_refusal(&too_large), DeviceResponseError::Cbor(CborError::TooLarge));
    let twice = with_response(&response, |response| add(response, "status", Value::from(0)));
    assert_eq!(world.response_refusal(&twice), DeviceResponseError::Cbor(CborError::DuplicateKey));
    let document_twice =
        with_response(&response, |response| add(document(response), "docType", text(DOC_TYPE)));
    assert_eq!(world.response_refusal(&document_twice), DeviceResponseError::Cbor(CborError::DuplicateKey));
    let mut deep = Value::Null;
    for _ in 0..=mdoc::MAX_NESTING {
        deep = Value::Array(vec![deep]);
    }
    let deep = with_response(&response, |response| add(response, "documentErrors", deep));
    assert_eq!(world.response_refusal(&deep), DeviceResponseError::Cbor(CborError::TooDeep));
    assert_eq!(
        DeviceResponse::parse_base64url("o2d_").err(),
        Some(DeviceResponseError::Cbor(CborError::Malformed))
    );
    assert_eq!(DeviceResponse::parse_base64url("o2d/").err(), Some(DeviceResponseError::NotBase64Url));
    let element_twice = with_response(&response, |response| {
        let items = member(member(member(document(response), "issuerSigned"), "nameSpaces"), NAME_SPACE);
        let items = items.as_array_mut().unwrap();
        items.push(items[0].clone());
    });
    let expected = DeviceResponseError::IssuerSigned(IssuerSignedError::Duplicate);
    assert_eq!(world.response_refusal(&element_twice), expected);
}

// rule: MD-34, VP-H6
#[test]
fn es256_is_named_minus_7_or_minus_9_and_by_no_other_value() {
    assert!(mdoc::algorithm_values_allow_es256(&[-35, -7]));
    assert!(mdoc::algorithm_values_allow_es256(&[-9]));
    assert!(!mdoc::algorithm_values_allow_es256(&[-8, -35, -51, -65537, 7, 9]));
    assert!(!mdoc::algorithm_values_allow_es256(&[]));
}
