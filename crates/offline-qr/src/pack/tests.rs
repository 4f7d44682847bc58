//! That nothing is lost, that what can be shorter is, and that foreign packed texts stay bounded.

use proptest::prelude::*;

use super::*;

fn size(text: &str) -> usize {
    crypto::cbor::encode(&pack(text)).len()
}

// rule: OQ-10
#[test]
fn base64_becomes_bytes_and_what_stands_inside_it_too() {
    let random: Vec<u8> = crypto::sha256(b"x").to_vec();
    let digest = base64url::encode(&random);
    assert_eq!(pack(&digest), Value::Bytes(random.clone()));
    let payload = format!(
        r#"{{"_sd":["{digest}"],"x5c":["{}"]}}"#,
        base64url::encode_standard(&[&random[..], b"1"].concat())
    );
    let token = format!("{}.{}~", base64url::encode(payload.as_bytes()), digest);
    let bytes = Value::Bytes(random.clone());
    let certificate = Value::Bytes([&random[..], b"1"].concat());
    let expected = Value::Array(vec![
        Value::Array(vec![
            Value::from(r#"{"_sd":[""#),
            bytes.clone(),
            Value::from(r#""],"x5c":[""#),
            Value::Tag(22, Box::new(certificate)),
            Value::from(r#""]}"#),
        ]),
        Value::from("."),
        bytes,
        Value::from("~"),
    ]);
    assert_eq!(pack(&token), expected);
    assert_eq!(unpack(&expected).unwrap(), token);
    assert!(size(&token) * 4 < token.len() * 3);
}

// rule: OQ-10
#[test]
fn what_would_not_come_back_stays_as_it_is() {
    for text in [
        "",
        "a",
        "가나다",
        // Too short, of both alphabets, bits left over, a length that no bytes have, padding that does not belong.
        "AbC3dEf6",
        "A1-bC3/dE5fG7hJ9kL",
        "A1bC3dE5fG7hJ9kL1n",
        "A1bC3dE5fG7hJ9kL1",
        "A1bC3dE5fG7hJ9kL====",
        "A1bC3dE5fG7hJ9kL=",
        // Words are no base64 although they could be.
        "credentialSubjectName",
        "organisation_identifier_number_of_holders",
        "https://issuer.example/openid/credentials",
    ] {
        let packed = pack(text);
        assert_eq!(unpack(&packed).unwrap(), text);
        assert_eq!(packed, Value::from(text), "{text}");
    }
}

// rule: OQ-10
#[test]
fn one_nested_text_is_not_taken_for_its_pieces() {
    // Base64url of a text without any run in it: an array in an array.
    let inner = "Hello, WORLD 1234567890 aBcDeFgH";
    let text = base64url::encode(inner.as_bytes());
    assert!(looks_encoded(&text));
    assert_eq!(pack(&text), Value::Array(vec![Value::Array(vec![Value::from(inner)])]));
    assert_eq!(unpack(&pack(&text)).unwrap(), text);
}

// rule: OQ-11
#[test]
fn depth_elements_and_bytes_are_bounded() {
    let nested = |depth: usize| {
        (0..depth).fold(Value::Array(vec![Value::from("x")]), |inner, _| Value::Array(vec![inner]))
    };
    assert!(unpack(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(unpack(&nested(MAX_DEPTH + 1)), Err(UnpackError::TooLarge));
    let many = |count: usize| Value::Array(vec![Value::from("x"); count]);
    assert_eq!(unpack(&many(MAX_ELEMENTS)).unwrap().len(), MAX_ELEMENTS);
    assert_eq!(unpack(&many(MAX_ELEMENTS + 1)), Err(UnpackError::TooLarge));
    // At every depth together.
    let halves = Value::Array(vec![many(MAX_ELEMENTS / 2), many(MAX_ELEMENTS / 2)]);
    assert_eq!(unpack(&halves), Err(UnpackError::TooLarge));
    let long = |bytes: usize| Value::from("x".repeat(bytes));
    assert_eq!(unpack(&long(MAX_TEXT_BYTES)).unwrap().len(), MAX_TEXT_BYTES);
    assert_eq!(unpack(&long(MAX_TEXT_BYTES + 1)), Err(UnpackError::TooLarge));
    assert_eq!(unpack(&Value::Array(vec![long(MAX_TEXT_BYTES), long(1)])), Err(UnpackError::TooLarge));
    assert_eq!(unpack(&Value::Bytes(vec![0; MAX_TEXT_BYTES / 4 * 3 + 1])), Err(UnpackError::TooLarge));
    assert_eq!(unpack(&Value::Bytes(vec![0; MAX_TEXT_BYTES + 1])), Err(UnpackError::TooLarge));
}

// rule: OQ-12
#[test]
fn what_packing_never_makes_is_refused() {
    let text = || Box::new(Value::from("x"));
    for item in [
        Value::Null,
        Value::from(1),
        Value::from(true),
        Value::from(1.5),
        Value::Map(vec![]),
        Value::Tag(21, Box::new(Value::Bytes(vec![1]))),
        Value::Tag(22, text()),
        Value::Tag(22, Box::new(Value::Tag(22, Box::new(Value::Bytes(vec![]))))),
    ] {
        assert_eq!(unpack(&item), Err(UnpackError::Malformed), "{item:?}");
        assert_eq!(unpack(&Value::Array(vec![item])), Err(UnpackError::Malformed));
    }
}

#[test]
fn a_text_longer_than_the_bound_is_one_literal() {
    let text = "A1bC3dE5fG7hJ9kL".repeat(MAX_TEXT_BYTES / 16 + 1);
    assert_eq!(pack(&text), Value::from(text));
}

/// Texts of what presentations are made of, and of what almost is.
fn texts() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    let leaf = prop_oneof![
        bytes.clone().prop_map(|bytes| base64url::encode(&bytes)),
        bytes.prop_map(|bytes| base64url::encode_standard(&bytes)),
        "[A-Za-z0-9+/_=-]{0,40}",
        "[ -~]{0,30}",
        any::<String>(),
        Just(".".to_owned()),
        Just("~".to_owned()),
    ];
    let line = prop::collection::vec(leaf, 0..6).prop_map(|parts| parts.concat());
    line.prop_recursive(5, 24, 4, |inner| {
        prop::collection::vec((inner, any::<bool>()), 1..4).prop_map(|parts| {
            let encoded = parts.iter().map(|(text, standard)| match standard {
                true => base64url::encode_standard(text.as_bytes()),
                false => base64url::encode(text.as_bytes()),
            });
            encoded.collect::<Vec<_>>().join("~")
        })
    })
}

proptest! {
    // rule: OQ-10
    #[test]
    fn every_text_comes_back(text in texts()) {
        let encoded = crypto::cbor::encode(&pack(&text));
        let packed = crypto::cbor::parse(&encoded, encoded.len()).unwrap();
        prop_assert_eq!(unpack(&packed).unwrap(), text);
    }

    // rule: OQ-12
    #[test]
    fn no_bytes_make_unpacking_panic_and_what_comes_out_packs_again(bytes: Vec<u8>) {
        let unpacked = crypto::cbor::parse(&bytes, 1000).ok().and_then(|value| unpack(&value).ok());
        if let Some(text) = unpacked {
            prop_assert_eq!(unpack(&pack(&text)).unwrap(), text);
        }
    }
}
