//! The test vectors of `docs/offline-qr.md`: every file is made from the code and compared with what stands in the repository. With
//! `OFFLINE_QR_WRITE_VECTORS=1` they are written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::path::Path;

use crypto::Signer as _;
use crypto::jwe::Jwe;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use offline_qr::{
    Answer, AnswerMessage, Collector, Fed, FrameSize, Frames, Kind, RequestMessage, ShortCode,
    answer_message, base45, code_binding, deflate, one_way_binding, pack, untype,
};
use openid4vp::holder::{AuthenticatedRequest, ScreenRecipient};
use primitives::test_support::SequenceEntropy;
use serde_json::{Value, json};
use support::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Compares with the file, or writes it; gives back what stands in the file.
fn file(name: &str, made: &Value) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/offline-qr/vectors").join(name);
    let text = serde_json::to_string_pretty(made).unwrap() + "\n";
    if std::env::var_os("OFFLINE_QR_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    assert!(known == text, "{name} is not what the code makes");
    serde_json::from_str(&known).unwrap()
}

// rule: OQ-6, OQ-7, OQ-8
#[test]
fn the_vectors_of_codes() {
    let of = |question: u8, seed: u64| {
        let code = ShortCode::draw(question, &SequenceEntropy::new(seed)).unwrap();
        let mut wrong: Vec<char> = code.nonce().chars().collect();
        wrong[4] = if wrong[4] == '7' { '8' } else { '7' };
        let wrong: String = wrong.into_iter().collect();
        assert!(ShortCode::parse(&wrong).is_err());
        json!({ "question": question, "nonce": code.nonce(), "shown": code.grouped(), "mistyped": wrong })
    };
    let codes: Vec<Value> =
        [(1, 1), (7, 2), (16, 3), (31, 4)].into_iter().map(|(question, seed)| of(question, seed)).collect();
    let typed = [("7 abcde", "7 abcde"), ("ㅁㅠㅊㅇㄷ", "abcde"), ("가라", "rkfk"), ("앉아", "dkswdk")];
    let typed: Vec<Value> = typed.iter().map(|(text, keys)| json!({ "text": text, "keys": keys })).collect();
    let known = file("code.json", &json!({ "codes": codes, "typed": typed }));
    for code in known["codes"].as_array().unwrap() {
        let parsed = ShortCode::parse(code["shown"].as_str().unwrap()).unwrap();
        assert_eq!(
            (parsed.nonce(), u64::from(parsed.question())),
            (code["nonce"].as_str().unwrap(), code["question"].as_u64().unwrap())
        );
        assert!(ShortCode::parse(code["mistyped"].as_str().unwrap()).is_err());
    }
    for one in known["typed"].as_array().unwrap() {
        assert_eq!(untype(one["text"].as_str().unwrap()), one["keys"].as_str().unwrap());
    }
}

// rule: OQ-20
#[test]
fn the_vectors_of_base45() {
    let bytes: [&[u8]; 6] = [b"", b"AB", b"Hello!!", b"base-45", b"ietf!", &[0xff; 5]];
    let pairs: Vec<Value> =
        bytes.iter().map(|bytes| json!({ "bytes": hex(bytes), "text": base45::encode(bytes) })).collect();
    let known =
        file("base45.json", &json!({ "pairs": pairs, "refused": ["GGW", ":::", "A", "BB8A", "bb8", "V5"] }));
    for pair in known["pairs"].as_array().unwrap() {
        assert_eq!(base45::decode(pair["text"].as_str().unwrap()).unwrap(), unhex(&pair["bytes"]));
    }
    for text in known["refused"].as_array().unwrap() {
        assert!(base45::decode(text.as_str().unwrap()).is_err());
    }
}

// rule: OQ-10, OQ-13
#[test]
fn the_vectors_of_packing_and_deflating() {
    let inner = r#"{"_sd":["47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"],"x5c":["AAECAwQFBgcICQoLDA0ODxAREhMUFRY="]}"#;
    let texts = [
        String::new(),
        "plain words, 한글".to_owned(),
        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRY=".to_owned(),
        format!(
            "{}.47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU~",
            primitives::base64url::encode(inner.as_bytes())
        ),
    ];
    let packed: Vec<Value> = texts
        .iter()
        .map(|text| json!({ "text": text, "packed": hex(&crypto::cbor::encode(&pack::pack(text))) }))
        .collect();
    let known = file("pack.json", &json!({ "pairs": packed }));
    for pair in known["pairs"].as_array().unwrap() {
        let value = crypto::cbor::parse(&unhex(&pair["packed"]), 10_000).unwrap();
        assert_eq!(pack::unpack(&value).unwrap(), pair["text"].as_str().unwrap());
    }
    let dictionary = hex(deflate::DICTIONARY);
    let bytes: [&[u8]; 3] = [b"", br#"{"alg":"ES256","typ":"kb+jwt"}"#, &[7; 300]];
    let pairs: Vec<Value> = bytes
        .iter()
        .map(|bytes| json!({ "bytes": hex(bytes), "deflated": hex(&deflate::deflate(bytes)) }))
        .collect();
    let sum = hex(&crypto::sha256(deflate::DICTIONARY));
    let known =
        file("deflate.json", &json!({ "dictionary_sha256": sum, "dictionary": dictionary, "pairs": pairs }));
    // What another writer made of the same bytes is as good: only reading is compared.
    for pair in known["pairs"].as_array().unwrap() {
        assert_eq!(deflate::inflate(&unhex(&pair["deflated"])).unwrap(), unhex(&pair["bytes"]));
    }
}

// rule: OQ-21, OQ-24, OQ-25
#[test]
fn the_vectors_of_frames() {
    let message: Vec<u8> = (0..500_u32).map(|number| u8::try_from(number * 7 % 251).unwrap()).collect();
    let frames =
        Frames::of_session(Kind::Answer, &message, FrameSize::Small, [0xc0, 0xff, 0xee, 0x01]).unwrap();
    let texts: Vec<Value> = [0, 1, 2, 3, 4, 5, 6, 7, 1000, u16::MAX]
        .into_iter()
        .map(|sequence| json!({ "sequence": sequence, "bytes": hex(&frames.frame(sequence).to_bytes()), "text": frames.text(sequence) }))
        .collect();
    let made =
        json!({ "message": hex(&message), "pieces": frames.count(), "session": "c0ffee01", "frames": texts });
    let known = file("frames.json", &made);
    let texts = || known["frames"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap());
    for order in [texts().collect::<Vec<_>>(), texts().rev().collect()] {
        let mut collector = Collector::new(Kind::Answer);
        let found = order.iter().find_map(|text| match collector.feed(text) {
            Fed::Complete(message) => Some(message.bytes),
            _ => None,
        });
        assert_eq!(found.unwrap(), unhex(&known["message"]));
    }
}

/// A signed request, and its object, that asks for an answer to `key` instead of one that the verifier's session alone has.
fn asked_for(world: &World, query: dcql::Query, key: &crypto::PrivateKey) -> (AuthenticatedRequest, String) {
    let jws = UnverifiedJws::parse(&world.request_object(&world.ask(query))).unwrap();
    let mut claims = jws.dangerous_claims().unwrap();
    let public = key.public_key().to_jwk();
    let kid = public.thumbprint_base64url();
    claims["client_metadata"]["jwks"]["keys"] =
        json!([public.with_kid(kid).with_alg("ECDH-ES").with_use("enc").to_value()]);
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(jws.header().x5c());
    let object = header.sign_claims(&claims, &world.verifier.key).unwrap();
    (world.read(&object), object)
}

/// What the answers tell, as `proofs.py` has to find it.
fn told(names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), claims()[*name].clone())).collect()
}

// rule: OQ-15, OQ-17
#[test]
fn the_vectors_of_messages() {
    let world = World::new();
    let code = ShortCode::draw(7, &SequenceEntropy::new(7)).unwrap();
    let binding = code_binding(&code).unwrap();
    let request = AuthenticatedRequest::of_offline_question(card_query(&SHOWN), binding, world.now).unwrap();
    let by_code = world.answer(&request, world.now);
    let binding = one_way_binding(9, &SequenceEntropy::new(9)).unwrap();
    let request =
        AuthenticatedRequest::of_offline_question(mdoc_query(&["ageOver19"]), binding, world.now).unwrap();
    let one_way = world.answer(&request, world.now);
    let ScreenRecipient::OneWay { nonce, .. } = &one_way.to else { panic!() };
    let shown = |shown: &openid4vp::holder::ScreenAnswer| {
        let message = answer_message(shown, &world.entropy).unwrap();
        json!({ "message": hex(&message), "issued_at": shown.issued_at.unix_seconds(), "vp_token": shown.vp_token })
    };
    let (by_code_shown, one_way_shown) = (shown(&by_code), shown(&one_way));
    let scalar = crypto::sha256(b"docs/offline-qr/vectors");
    let key = crypto::PrivateKey::from_scalar(&crypto::SecretBytes::new(&scalar)).unwrap();
    let both = json!({ "credentials": [
        { "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }, { "path": ["birth"] }] },
        { "id": "q1", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE }, "claims": [{ "path": [DOCTYPE, "addressFull"] }] },
    ] });
    let (request, object) = asked_for(&world, dcql::Query::from_value(both).unwrap(), &key);
    let asked = RequestMessage { request_object: object.clone() }.encode().unwrap();
    let answered = world.answer(&request, world.now + 3);
    let sealed = answer_message(&answered, &world.entropy).unwrap();
    let AnswerMessage::Sealed(jwe) = AnswerMessage::decode(&sealed).ok().unwrap() else { panic!() };
    let plaintext = Jwe::parse(&jwe).unwrap().decrypt(&key).unwrap();
    let made = json!({
        "request": { "request_object": object, "message": hex(&asked) },
        "sealed": {
            "jwe": jwe, "recipient_private_key": hex(&scalar), "plaintext": hex(plaintext.expose()), "message": hex(&sealed),
            "issued_at": answered.issued_at.unix_seconds(), "vp_token": answered.vp_token,
            "told": { "q0": told(&["name", "birth"]), "q1": told(&["addressFull"]) },
        },
        "code": {
            "code": code.nonce(), "audience": "offline-qr:v1:code:7", "answer": by_code_shown, "told": { "q0": told(&SHOWN) },
        },
        "one-way": {
            "nonce": nonce, "audience": "offline-qr:v1:one-way:9", "answer": one_way_shown, "told": { "q0": told(&["ageOver19"]) },
        },
        "issuer_root_certificate": hex(world.issuer.root.der()),
    });
    let known = file("messages.json", &made);
    let decoded = |name: &str| AnswerMessage::decode(&unhex(&known[name]["answer"]["message"])).ok().unwrap();
    let (AnswerMessage::Code(first), AnswerMessage::OneWay(second)) = (decoded("code"), decoded("one-way"))
    else {
        panic!()
    };
    for (answer, name, question) in [(first, "code", 7), (second, "one-way", 9)] {
        assert_eq!(answer.question, Some(question));
        assert_eq!(answer.issued_at.unix_seconds(), known[name]["answer"]["issued_at"].as_i64().unwrap());
        assert_eq!(Value::Object(answer.vp_token), known[name]["answer"]["vp_token"]);
    }
    let asked = RequestMessage::decode(&unhex(&known["request"]["message"])).ok().unwrap();
    assert_eq!(asked.request_object, known["request"]["request_object"].as_str().unwrap());
    let sealed = &known["sealed"];
    let AnswerMessage::Sealed(jwe) = AnswerMessage::decode(&unhex(&sealed["message"])).ok().unwrap() else {
        panic!()
    };
    assert_eq!(jwe, sealed["jwe"].as_str().unwrap());
    let plaintext = Jwe::parse(&jwe).unwrap().decrypt(&key).unwrap();
    assert_eq!(plaintext.expose(), unhex(&sealed["plaintext"]));
    let inner = Answer::from_bytes(plaintext.expose()).ok().unwrap();
    assert_eq!((inner.question, inner.nonce), (None, None));
    assert_eq!(inner.issued_at.unix_seconds(), sealed["issued_at"].as_i64().unwrap());
    assert_eq!(Value::Object(inner.vp_token), sealed["vp_token"]);
}

/// Runs a reader in Python, without leaving anything beside it. `false`: there is no Python.
fn python(name: &str) -> bool {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/offline-qr").join(name);
    match std::process::Command::new("python3").arg("-B").arg(reader).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => return false,
    }
    true
}

// rule: OQ-6, OQ-7, OQ-8, OQ-9, OQ-10, OQ-13, OQ-15, OQ-20, OQ-23, OQ-24
#[test]
fn a_reader_in_another_language_reads_every_vector() {
    if !python("read.py") {
        println!("left out: read.py of offline QR (python3 absent)");
    }
}

// rule: OQ-2, OQ-3, OQ-17
#[test]
fn a_reader_in_another_language_opens_and_verifies_the_proofs_of_every_mode_and_format() {
    if !python("proofs.py") {
        println!("left out: proofs.py of offline QR (python3 absent)");
    }
}
