use super::*;
use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;
use serde_json::json;

fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

fn recipient() -> PublicJwk {
    key(1).public_key().to_jwk().with_kid("k").with_alg("ECDH-ES").with_use("enc")
}

fn sealed() -> String {
    encrypt(
        &recipient(),
        ContentEncryption::A256Gcm,
        &PartyInfo::default(),
        b"content",
        &SequenceEntropy::new(9),
    )
    .unwrap()
}

fn with_header(change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let compact = sealed();
    let (header, rest) = compact.split_once('.').unwrap();
    let mut members = json::parse_strict_object(&base64url::decode(header).unwrap(), 10_000).unwrap();
    change(&mut members);
    format!("{}.{rest}", base64url::encode(Value::Object(members).to_string().as_bytes()))
}

#[test]
fn the_key_derivation_of_rfc_7518_appendix_c() {
    let folder = std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    let Ok(text) = std::fs::read(format!("{folder}/jose/ecdh-es-kdf.json")) else {
        println!("left out: 1 case of jose/ecdh-es-kdf.json (vectors absent)");
        return;
    };
    let vector: Value = serde_json::from_slice(&text).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let bytes = |text: &str| base64url::decode(text).unwrap();
    let private = |name: &str| {
        let scalar = SecretBytes::from_slice(&bytes(vector[name]["d"].as_str().unwrap())).unwrap();
        PrivateKey::from_scalar(&scalar).unwrap()
    };
    let z = private("ephemeral_private_jwk").agree(&private("recipient_private_jwk").public_key());
    let hex: String = z.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, text("z_hex"));
    let info = PartyInfo { apu: Some(bytes(text("apu"))), apv: Some(bytes(text("apv"))) };
    let ContentKey::A128Gcm(derived) = concat_kdf(&z, ContentEncryption::A128Gcm, &info) else { panic!() };
    assert_eq!(base64url::encode(derived.expose()), text("derived_key_b64u"));
}

#[test]
fn only_the_recipient_decrypts() {
    let jwe = Jwe::parse(&sealed()).unwrap();
    assert_eq!((jwe.kid(), jwe.enc()), (Some("k"), ContentEncryption::A256Gcm));
    assert_eq!(jwe.decrypt(&key(1)).unwrap().expose(), b"content");
    assert_eq!(jwe.decrypt(&key(2)).unwrap_err(), JweError::Decryption);
}

#[test]
fn unsupported_headers_are_refused() {
    let set = |name: &str, value: Value| {
        Jwe::parse(&with_header(|header| drop(header.insert(name.into(), value)))).map(drop)
    };
    for alg in ["ECDH-ES+A128KW", "RSA-OAEP", "dir", "none"] {
        assert_eq!(set("alg", json!(alg)), Err(JweError::Algorithm), "{alg}");
    }
    for enc in [json!("A128CBC-HS256"), json!("A192GCM"), json!(1)] {
        assert_eq!(set("enc", enc.clone()), Err(JweError::Algorithm), "{enc}");
    }
    assert_eq!(set("zip", json!("DEF")), Err(JweError::Compressed));
    assert_eq!(set("crit", json!(["x"])), Err(JweError::Critical));
    assert_eq!(set("apu", json!("=")), Err(JweError::Malformed));
    assert_eq!(set("apv", json!(1)), Err(JweError::Malformed));
    assert_eq!(set("kid", json!(1)), Err(JweError::Malformed));
    let mut private = key(3).public_key().to_jwk().to_value();
    private["d"] = json!("AA");
    let mut off_curve = private.clone();
    off_curve.as_object_mut().unwrap().remove("d");
    off_curve["x"] = off_curve["y"].clone();
    for epk in [private, off_curve, json!({"kty": "OKP", "crv": "X25519", "x": "AA"}), json!(null)] {
        assert_eq!(set("epk", epk.clone()), Err(JweError::EphemeralKey), "{epk}");
    }
    for (name, error) in
        [("alg", JweError::Algorithm), ("enc", JweError::Algorithm), ("epk", JweError::EphemeralKey)]
    {
        assert_eq!(Jwe::parse(&with_header(|header| drop(header.shift_remove(name)))).map(drop), Err(error));
    }
}

#[test]
fn the_header_is_authenticated_and_binds_the_key() {
    for (name, value) in
        [("typ", json!("x")), ("apu", json!("AA")), ("kid", json!("other")), ("enc", json!("A128GCM"))]
    {
        let jwe = Jwe::parse(&with_header(|header| drop(header.insert(name.into(), value)))).unwrap();
        assert_eq!(jwe.decrypt(&key(1)).unwrap_err(), JweError::Decryption, "{name}");
    }
}

#[test]
fn shapes_and_sizes_are_checked() {
    let compact = sealed();
    let parts: Vec<&str> = compact.split('.').collect();
    let [header, _, iv, ciphertext, tag] = parts[..] else { panic!() };
    let repeated = base64url::encode(br#"{"alg":"ECDH-ES","alg":"ECDH-ES","enc":"A128GCM"}"#);
    for text in [
        format!("{header}.AA.{iv}.{ciphertext}.{tag}"),
        format!("{header}..{iv}.{ciphertext}"),
        format!("{compact}.AA"),
        format!("{header}..AA.{ciphertext}.{tag}"),
        format!("{header}..{iv}.{ciphertext}.AA"),
        format!("{header}..{iv}.{ciphertext}=.{tag}"),
        format!("{repeated}..{iv}.{ciphertext}.{tag}"),
        String::new(),
    ] {
        assert_eq!(Jwe::parse(&text).unwrap_err(), JweError::Malformed, "{text}");
    }
    assert_eq!(Jwe::parse(&"A".repeat(MAX_BYTES + 1)).unwrap_err(), JweError::TooLarge);
    let bulky = with_header(|header| drop(header.insert("x".into(), json!("x".repeat(MAX_HEADER_BYTES)))));
    assert_eq!(Jwe::parse(&bulky).unwrap_err(), JweError::Malformed);
}

#[test]
fn what_cannot_be_read_is_not_encrypted() {
    let encrypt = |jwk: &PublicJwk, info: &PartyInfo, content: &[u8]| {
        encrypt(jwk, ContentEncryption::A128Gcm, info, content, &SequenceEntropy::new(1)).map(drop)
    };
    let none = PartyInfo::default();
    assert_eq!(
        encrypt(&key(1).public_key().to_jwk().with_use("sig"), &none, b""),
        Err(EncryptError::Recipient)
    );
    assert_eq!(
        encrypt(&key(1).public_key().to_jwk().with_alg("ES256"), &none, b""),
        Err(EncryptError::Recipient)
    );
    assert_eq!(encrypt(&recipient(), &none, &vec![0; MAX_BYTES]), Err(EncryptError::TooLarge));
    let bulky = PartyInfo { apu: Some(vec![0; MAX_HEADER_BYTES]), apv: None };
    assert_eq!(encrypt(&recipient(), &bulky, b""), Err(EncryptError::TooLarge));
    let entropy = SequenceEntropy::new(1);
    entropy.fail();
    let failed = super::encrypt(&recipient(), ContentEncryption::A128Gcm, &none, b"", &entropy);
    assert!(matches!(failed, Err(EncryptError::Entropy(_))));
}

#[test]
fn the_largest_plaintext_is_read_back() {
    let content = vec![7; MAX_BYTES / 4 * 3 - 2 * MAX_HEADER_BYTES];
    let entropy = SequenceEntropy::new(1);
    let compact =
        encrypt(&recipient(), ContentEncryption::A128Gcm, &PartyInfo::default(), &content, &entropy).unwrap();
    assert!(Jwe::parse(&compact).unwrap().decrypt(&key(1)).unwrap().expose() == content);
    let more = vec![7; content.len() + 1];
    let refused = encrypt(&recipient(), ContentEncryption::A128Gcm, &PartyInfo::default(), &more, &entropy);
    assert_eq!(refused, Err(EncryptError::TooLarge));
}

#[test]
fn the_largest_header_is_written_and_read_back() {
    let entropy = SequenceEntropy::new(1);
    let with = |letters: usize| {
        // The identifier stands in the header as it is.
        let recipient = recipient().with_kid("k".repeat(letters));
        encrypt(&recipient, ContentEncryption::A128Gcm, &PartyInfo::default(), b"", &entropy)
    };
    let header = |compact: &str| base64url::decode(compact.split('.').next().unwrap()).unwrap().len();
    let around = header(&with(1).unwrap()) - 1;
    let largest = with(MAX_HEADER_BYTES - around).unwrap();
    assert_eq!(header(&largest), MAX_HEADER_BYTES);
    assert_eq!(with(MAX_HEADER_BYTES - around + 1), Err(EncryptError::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn round_trip(content: Vec<u8>, apu: Option<Vec<u8>>, apv: Option<Vec<u8>>, wide: bool, seed: u64) {
        let enc = if wide { ContentEncryption::A256Gcm } else { ContentEncryption::A128Gcm };
        let info = PartyInfo { apu, apv };
        let jwe = Jwe::parse(&encrypt(&recipient(), enc, &info, &content, &SequenceEntropy::new(seed)).unwrap()).unwrap();
        prop_assert_eq!((jwe.enc(), jwe.party_info()), (enc, &info));
        let opened = jwe.decrypt(&key(1)).unwrap();
        prop_assert_eq!(opened.expose(), &content[..]);
    }

    #[test]
    fn any_changed_character_is_refused(at: prop::sample::Index, replacement in "[A-Za-z0-9_.-]") {
        let good = sealed();
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &replacement);
        if changed != good {
            prop_assert!(Jwe::parse(&changed).and_then(|jwe| jwe.decrypt(&key(1))).is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = Jwe::parse(&text);
    }
}
