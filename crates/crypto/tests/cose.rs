//! What a COSE_Sign1 and a COSE_Key may be, and a refusal for each step (RFC 9052, RFC 9053, RFC 9360).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crypto::cbor::{self, Value};
use crypto::cose::{
    ALG, CRIT, CoseError, KID, MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES, MAX_SIGN1_BYTES, Sign1Builder, TYP,
    UnverifiedSign1, X5CHAIN, key_from_value, key_to_value,
};
use crypto::{PrivateKey, SignError, Signer as _};
use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;

fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

fn label(label: i64) -> Value {
    Value::from(label)
}

/// A COSE_Sign1 with any headers, validly signed over what they are.
fn signed(protected: &Value, unprotected: Value) -> Vec<u8> {
    let protected = Value::Bytes(cbor::encode(protected));
    let empty = Value::Bytes(vec![]);
    let payload = Value::Bytes(b"content".to_vec());
    let structure = Value::Array(vec![Value::from("Signature1"), protected.clone(), empty, payload.clone()]);
    let signature = key(1).sign(&cbor::encode(&structure)).unwrap();
    let signature = Value::Bytes(signature.as_bytes().to_vec());
    cbor::encode(&Value::Array(vec![protected, unprotected, payload, signature]))
}

fn map(entries: &[(i64, Value)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| (label(*name), value.clone())).collect())
}

fn parse(protected: Value, unprotected: Value) -> Result<UnverifiedSign1, CoseError> {
    UnverifiedSign1::parse(&signed(&protected, unprotected))
}

fn refused(protected: Value, unprotected: Value) -> CoseError {
    parse(protected, unprotected).unwrap_err()
}

#[test]
fn what_stands_in_the_headers_is_known_label_by_label() {
    let (algorithm, chain) = ((1, Value::from(-7)), (33, Value::Bytes(vec![1])));
    let has_only = |protected: &[(i64, Value)], unprotected: Value, known: [&[i64]; 2]| {
        let sign1 = parse(map(protected), unprotected).unwrap();
        assert_eq!(sign1.dangerous_payload(), Some(&b"content"[..]));
        sign1.has_only(known[0], known[1])
    };
    let unprotected = map(std::slice::from_ref(&chain));
    assert!(has_only(std::slice::from_ref(&algorithm), unprotected.clone(), [&[1], &[33]]));
    assert!(has_only(std::slice::from_ref(&algorithm), map(&[]), [&[1, 4], &[33]]));
    // One more in either header, and a name where labels are numbers.
    let more = [algorithm.clone(), (4, Value::Bytes(vec![2]))];
    assert!(!has_only(&more, unprotected.clone(), [&[1], &[33]]));
    assert!(!has_only(std::slice::from_ref(&algorithm), unprotected, [&[1], &[4]]));
    let named = Value::Map(vec![(Value::from("x5chain"), Value::Bytes(vec![1]))]);
    assert!(!has_only(&[algorithm], named, [&[1], &[33]]));
}

#[test]
fn what_is_signed_verifies_with_its_key_and_additional_data_only() {
    let signed =
        Sign1Builder::new().protected(TYP, Value::from("a")).sign(&key(1), b"content", b"aad").unwrap();
    let parsed = UnverifiedSign1::parse(&signed.to_bytes()).unwrap();
    assert_eq!(parsed, signed);
    let verified = parsed.verify(&key(1).public_key(), b"aad").unwrap();
    assert_eq!(verified.payload(), b"content");
    assert_eq!(verified.protected(TYP), Some(&Value::from("a")));
    assert_eq!(parsed.verify(&key(2).public_key(), b"aad").unwrap_err(), CoseError::Signature);
    assert_eq!(parsed.verify(&key(1).public_key(), b"").unwrap_err(), CoseError::Signature);
    assert_eq!(parsed.verify_detached(&key(1).public_key(), b"content", b"aad"), Err(CoseError::Payload));
}

#[test]
fn a_detached_payload_is_not_attached_and_must_be_the_one_signed() {
    let signed = Sign1Builder::new().sign_detached(&key(1), b"content", b"").unwrap();
    let parsed = UnverifiedSign1::parse(&signed.to_bytes()).unwrap();
    assert_eq!(parsed.verify_detached(&key(1).public_key(), b"content", b""), Ok(()));
    assert_eq!(parsed.verify_detached(&key(1).public_key(), b"other", b""), Err(CoseError::Signature));
    assert_eq!(parsed.verify_detached(&key(2).public_key(), b"content", b""), Err(CoseError::Signature));
    assert_eq!(parsed.verify(&key(1).public_key(), b"").unwrap_err(), CoseError::Payload);
}

#[test]
fn the_algorithm_is_es256_and_protected() {
    for alg in [-7, -9] {
        assert!(
            parse(map(&[(ALG, label(alg))]), map(&[])).unwrap().verify(&key(1).public_key(), b"").is_ok()
        );
    }
    for alg in [label(-35), label(-8), label(5), Value::from("ES256"), Value::Null] {
        assert_eq!(refused(map(&[(ALG, alg.clone())]), map(&[])), CoseError::Algorithm, "{alg:?}");
    }
    assert_eq!(refused(map(&[]), map(&[(ALG, label(-7))])), CoseError::Algorithm);
    let mut elements = UnverifiedSign1::to_value(&Sign1Builder::new().sign(&key(1), b"", b"").unwrap())
        .into_array()
        .unwrap();
    elements[0] = Value::Bytes(vec![]);
    assert_eq!(UnverifiedSign1::from_value(Value::Array(elements)).unwrap_err(), CoseError::Algorithm);
}

#[test]
fn critical_headers_are_refused() {
    let crit = Value::Array(vec![label(TYP)]);
    assert_eq!(refused(map(&[(ALG, label(-7)), (CRIT, crit.clone())]), map(&[])), CoseError::Critical);
    assert_eq!(refused(map(&[(ALG, label(-7))]), map(&[(CRIT, crit)])), CoseError::Critical);
}

#[test]
fn a_label_occurs_once_in_both_headers() {
    let es256 = (ALG, label(-7));
    let only_es256 = map(std::slice::from_ref(&es256));
    assert_eq!(refused(map(&[es256.clone(), es256.clone()]), map(&[])), CoseError::DuplicateLabel);
    assert_eq!(refused(only_es256.clone(), only_es256.clone()), CoseError::DuplicateLabel);
    let kid = (KID, Value::Bytes(vec![1]));
    assert_eq!(
        refused(map(&[es256.clone(), kid.clone()]), map(std::slice::from_ref(&kid))),
        CoseError::DuplicateLabel
    );
    assert_eq!(refused(only_es256.clone(), map(&[kid.clone(), kid])), CoseError::DuplicateLabel);
    let odd = Value::Map(vec![(Value::Bool(true), Value::Null)]);
    assert_eq!(refused(only_es256, odd), CoseError::Malformed);
    let twice = Sign1Builder::new().protected(ALG, label(-35)).sign(&key(1), b"", b"");
    assert_eq!(twice.unwrap_err(), SignError::Failed);
}

#[test]
fn chains_are_bounded_certificates() {
    let chain = |value: Value| parse(map(&[(ALG, label(-7))]), map(&[(X5CHAIN, value)])).unwrap().x5chain();
    let bytes = |byte| Value::Bytes(vec![byte]);
    assert_eq!(chain(bytes(1)), Ok(vec![vec![1]]));
    assert_eq!(chain(Value::Array(vec![bytes(1), bytes(2)])), Ok(vec![vec![1], vec![2]]));
    assert!(chain(Value::Bytes(vec![0; MAX_CERTIFICATE_BYTES])).is_ok());
    assert_eq!(chain(Value::Array(vec![bytes(1); MAX_CERTIFICATES])).unwrap().len(), MAX_CERTIFICATES);
    let large = Value::Bytes(vec![0; MAX_CERTIFICATE_BYTES + 1]);
    let many = Value::Array(vec![bytes(1); MAX_CERTIFICATES + 1]);
    for value in [
        Value::Array(vec![]),
        Value::from("cert"),
        Value::Array(vec![label(1)]),
        Value::Bytes(vec![]),
        large,
        many,
    ] {
        assert_eq!(chain(value), Err(CoseError::Chain));
    }
    assert_eq!(parse(map(&[(ALG, label(-7))]), map(&[])).unwrap().x5chain(), Ok(vec![]));
    let in_protected = parse(map(&[(ALG, label(-7)), (X5CHAIN, bytes(3))]), map(&[])).unwrap();
    assert_eq!(in_protected.x5chain(), Ok(vec![vec![3]]));
    for certificates in [vec![vec![1]], vec![vec![1], vec![2]]] {
        let signed = Sign1Builder::new().x5chain(&certificates).sign(&key(1), b"", b"").unwrap();
        assert_eq!(UnverifiedSign1::parse(&signed.to_bytes()).unwrap().x5chain(), Ok(certificates));
    }
}

#[test]
fn a_token_is_as_large_as_its_reader_says_and_one_byte_more_is_refused() {
    let of =
        |bytes: usize| Sign1Builder::new().sign(&key(1), &vec![0; bytes], b"").unwrap().to_tagged_bytes();
    let larger = of(MAX_SIGN1_BYTES);
    assert_eq!(UnverifiedSign1::parse_cwt(&larger).unwrap_err(), CoseError::Malformed);
    assert!(UnverifiedSign1::parse_cwt_bounded(&larger, larger.len()).is_ok());
    let shorter = larger.len() - 1;
    assert_eq!(UnverifiedSign1::parse_cwt_bounded(&larger, shorter).unwrap_err(), CoseError::Malformed);
    let overhead = larger.len() - MAX_SIGN1_BYTES;
    assert!(UnverifiedSign1::parse_cwt(&of(MAX_SIGN1_BYTES - overhead)).is_ok());
}

#[test]
fn tags_are_accepted_where_a_cwt_has_them_only() {
    let signed = Sign1Builder::new().sign(&key(1), b"content", b"").unwrap();
    let tagged = signed.to_tagged_bytes();
    let cwt = cbor::encode(&Value::Tag(61, Box::new(cbor::parse(&tagged, 1000).unwrap())));
    // The tag of a CWT around what has no tag of its own; the two the other way round; one of them twice.
    let bare = cbor::encode(&Value::Tag(61, Box::new(signed.to_value())));
    assert_eq!(UnverifiedSign1::parse_cwt(&bare).unwrap(), signed);
    for (outer, inner) in [(18, 61), (61, 61), (18, 18)] {
        let value = Value::Tag(outer, Box::new(Value::Tag(inner, Box::new(signed.to_value()))));
        assert_eq!(UnverifiedSign1::parse_cwt(&cbor::encode(&value)).unwrap_err(), CoseError::Malformed);
    }
    let mac = cbor::encode(&Value::Tag(17, Box::new(signed.to_value())));
    for bytes in [signed.to_bytes(), tagged.clone(), cwt.clone()] {
        assert_eq!(UnverifiedSign1::parse_cwt(&bytes).unwrap(), signed);
    }
    assert_eq!(UnverifiedSign1::parse_cwt(&mac).unwrap_err(), CoseError::Malformed);
    for bytes in [tagged, cwt, mac] {
        assert_eq!(UnverifiedSign1::parse(&bytes).unwrap_err(), CoseError::Malformed);
    }
}

#[test]
fn other_shapes_are_refused() {
    let good = Sign1Builder::new().sign(&key(1), b"content", b"").unwrap().to_value().into_array().unwrap();
    let with = |at: usize, value: Value| {
        let mut elements = good.clone();
        elements[at] = value;
        UnverifiedSign1::from_value(Value::Array(elements)).unwrap_err()
    };
    assert_eq!(with(0, map(&[(ALG, label(-7))])), CoseError::Malformed);
    assert_eq!(with(0, Value::Bytes(vec![0x80])), CoseError::Malformed);
    assert_eq!(
        with(0, Value::Bytes([cbor::encode(&map(&[(ALG, label(-7))])), vec![0]].concat())),
        CoseError::Malformed
    );
    assert_eq!(with(1, Value::Null), CoseError::Malformed);
    assert_eq!(with(2, Value::from("content")), CoseError::Malformed);
    assert_eq!(with(3, Value::Bytes(vec![0; 63])), CoseError::Malformed);
    assert_eq!(with(3, Value::Null), CoseError::Malformed);
    assert_eq!(
        UnverifiedSign1::from_value(Value::Array(good[..3].to_vec())).unwrap_err(),
        CoseError::Malformed
    );
    assert_eq!(UnverifiedSign1::parse(&vec![0; 2 * 1024 * 1024]).unwrap_err(), CoseError::Malformed);
}

#[test]
fn a_cose_key_is_public_and_on_the_curve() {
    let good = key_to_value(&key(1).public_key()).into_map().unwrap();
    let with = |name: i64, value: Option<Value>| {
        let mut entries: Vec<_> = good.iter().filter(|(key, _)| *key != label(name)).cloned().collect();
        entries.extend(value.map(|value| (label(name), value)));
        key_from_value(&Value::Map(entries))
    };
    assert_eq!(with(2, Some(Value::Bytes(vec![1]))), Ok(key(1).public_key()));
    let y = good[3].1.clone();
    for (name, value) in [
        (1, None),
        (1, Some(label(1))),
        (-1, None),
        (-1, Some(label(2))),
        (-2, None),
        (-2, Some(y)),
        (-2, Some(Value::Bytes(vec![1; 31]))),
        (-3, Some(Value::Bool(true))),
        (-4, Some(Value::Bytes(vec![1; 32]))),
    ] {
        assert_eq!(with(name, value.clone()), Err(CoseError::Key), "{name} {value:?}");
    }
    assert_eq!(key_from_value(&Value::Null), Err(CoseError::Key));
    let twice = Value::Map(good.iter().chain(&good[..1]).cloned().collect());
    assert_eq!(key_from_value(&twice), Err(CoseError::DuplicateLabel));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn payloads_survive(payload: Vec<u8>, aad: Vec<u8>) {
        let signed = Sign1Builder::new().sign(&key(1), &payload, &aad).unwrap();
        let verified = UnverifiedSign1::parse_cwt(&signed.to_tagged_bytes()).unwrap().verify(&key(1).public_key(), &aad).unwrap();
        prop_assert_eq!(verified.payload(), &payload[..]);
    }

    #[test]
    fn any_changed_bit_of_headers_payload_or_signature_is_refused(at: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = Sign1Builder::new().sign(&key(1), b"content", b"").unwrap().to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verified = UnverifiedSign1::parse(&bytes).and_then(|signed| signed.verify(&key(1).public_key(), b""));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = UnverifiedSign1::parse_cwt(&bytes);
    }
}
