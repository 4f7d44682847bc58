use crypto::{PrivateKey, Signer};
use primitives::test_support::SequenceEntropy;
use serde_json::json;

use super::*;

fn key(seed: u64) -> PublicKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap().public_key()
}

fn multibase(key: &PublicKey) -> String {
    let sec1 = key.to_sec1();
    let mut bytes = P256_MULTICODEC.to_vec();
    bytes.push(0x02 + (sec1[64] & 1));
    bytes.extend_from_slice(&sec1[1..33]);
    format!("z{}", bs58::encode(bytes).into_string())
}

fn own(did: &str) -> DidDocument {
    match Did::parse(did).unwrap() {
        Did::Own(document) => document,
        Did::Web(_) => panic!("a web address"),
    }
}

// rule: VP-C5
#[test]
fn a_did_jwk_holds_its_key_as_fragment_zero() {
    let jwk = PublicJwk::new(key(1)).to_value().to_string();
    let did = format!("did:jwk:{}", primitives::base64url::encode(jwk.as_bytes()));
    let document = own(&did);
    assert_eq!(document.key(&format!("{did}#0")), Some(&key(1)));
    assert_eq!(document.key("#0"), Some(&key(1)));
    for kid in ["#1", "0", &did, "#", "did:jwk:e30#0", &format!("{did}#0#0"), &format!("{did}?x#0")] {
        assert_eq!(document.key(kid), None, "{kid}");
    }
}

// rule: VP-C5
#[test]
fn a_did_jwk_with_anything_but_a_key_for_signatures_is_refused() {
    let parse = |jwk: Value| {
        let did = format!("did:jwk:{}", primitives::base64url::encode(jwk.to_string().as_bytes()));
        Did::parse(&did).map(|_| ())
    };
    let good = PublicJwk::new(key(1)).to_value();
    assert_eq!(parse(good.clone()), Ok(()));
    for (name, value) in
        [("use", json!("enc")), ("alg", json!("ECDH-ES")), ("d", json!("AAAA")), ("crv", json!("P-384"))]
    {
        let mut jwk = good.clone();
        jwk[name] = value;
        assert_eq!(parse(jwk), Err(RequestError::DidKey), "{name}");
    }
    assert_eq!(Did::parse("did:jwk:%%"), Err(RequestError::DidMalformed));
    assert_eq!(Did::parse("did:jwk:AAAA"), Err(RequestError::DidMalformed));
}

// rule: VP-C5
#[test]
fn a_did_key_is_its_key() {
    let text = multibase(&key(2));
    let did = format!("did:key:{text}");
    // The first letters of every P-256 did:key.
    assert!(did.starts_with("did:key:zDn"));
    let document = own(&did);
    assert_eq!(document.key(&format!("{did}#{text}")), Some(&key(2)));
    assert_eq!(document.key(&format!("{did}#0")), None);
    // Ed25519, a point that is none, another base, too long, a letter that base58 has not.
    let ed25519 = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let short = "zDn";
    let other_base = format!("m{}", text.strip_prefix('z').unwrap());
    let long = format!("{text}1111111111111111");
    let letter = text.replacen('D', "0", 1);
    for identifier in [ed25519, short, &other_base, &long, &letter] {
        assert_eq!(
            Did::parse(&format!("did:key:{identifier}")),
            Err(RequestError::DidMalformed),
            "{identifier}"
        );
    }
}

// rule: VP-C5
#[test]
fn a_published_did_key_for_p_256_is_read() {
    // W3C CCG did:key specification, P-256 example.
    let text = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    assert!(own(&format!("did:key:{text}")).key(&format!("#{text}")).is_some());
}

// rule: VP-C5
#[test]
fn a_did_web_is_an_https_address_of_a_named_host() {
    let address = |identifier: &str| match Did::parse(&format!("did:web:{identifier}")) {
        Ok(Did::Web(url)) => Ok(url.to_string()),
        Ok(Did::Own(_)) => panic!("no address"),
        Err(error) => Err(error),
    };
    assert_eq!(address("v.example"), Ok("https://v.example/.well-known/did.json".to_owned()));
    assert_eq!(address("v.example%3A8443"), Ok("https://v.example:8443/.well-known/did.json".to_owned()));
    assert_eq!(address("v.example:a:b"), Ok("https://v.example/a/b/did.json".to_owned()));
    for identifier in [
        "",
        "127.0.0.1",
        "v.example:",
        "v.example::a",
        "v.example:..",
        "v.example:a%2Fb",
        "user%40v.example",
        "v.example%3A1%3A2",
        "v.example/a",
        "v.example?x",
        "v.example#x",
        "%5B%3A%3A1%5D",
    ] {
        assert_eq!(address(identifier), Err(RequestError::DidMalformed), "{identifier}");
    }
}

#[test]
fn other_methods_and_what_is_no_did_are_refused() {
    for did in ["did:example:123", "did:ebsi:z1", "did:Web:a"] {
        assert_eq!(Did::parse(did), Err(RequestError::DidMethod), "{did}");
    }
    for text in ["", "did", "did:jwk", "did:web:", "web:v.example", "DID:web:v.example", "did:web:한"] {
        assert_eq!(Did::parse(text), Err(RequestError::DidMalformed), "{text}");
    }
}

const WEB: &str = "did:web:v.example";

fn parsed(document: &Value) -> Result<DidDocument, RequestError> {
    DidDocument::parse(document.to_string().as_bytes(), WEB)
}

// rule: VP-C5
#[test]
fn the_document_is_that_of_the_did_and_bounded() {
    assert!(parsed(&json!({ "id": WEB })).is_ok());
    for document in [
        json!({}),
        json!({ "id": "did:web:other.example" }),
        json!({ "id": "did:web:v.example#x" }),
        json!([]),
        json!({ "id": WEB, "verificationMethod": {} }),
        json!({ "id": WEB, "verificationMethod": vec![json!({}); limits::MAX_VERIFICATION_METHODS + 1] }),
        json!({ "id": WEB, "padding": "a".repeat(limits::MAX_DID_DOCUMENT_BYTES) }),
    ] {
        assert_eq!(parsed(&document).map(|_| ()), Err(RequestError::DidDocument));
    }
    let twice = format!(r#"{{"id":"did:web:other.example","id":"{WEB}"}}"#);
    assert_eq!(DidDocument::parse(twice.as_bytes(), WEB).map(|_| ()), Err(RequestError::DidDocument));
    let fetch = DidFetch::new(WEB, Url::parse("https://v.example/.well-known/did.json").unwrap());
    let body = json!({ "id": WEB });
    assert!(fetch.receive(&Response::of_json(200, &body)).is_ok());
    for status in [201, 204, 301, 404, 500] {
        let refused = fetch.receive(&Response::of_json(status, &body)).map(|_| ());
        assert_eq!(refused, Err(RequestError::DidDocument), "{status}");
    }
    assert_eq!(fetch.request().max_response_bytes, limits::MAX_DID_DOCUMENT_BYTES);
}

// rule: VP-C5
#[test]
fn kid_chooses_the_key_among_those_of_the_document() {
    let jwk = |seed| PublicJwk::new(key(seed)).to_value();
    let document = parsed(&json!({ "id": WEB, "verificationMethod": [
        { "id": "did:web:v.example#a", "type": "JsonWebKey2020", "controller": WEB, "publicKeyJwk": jwk(1) },
        { "id": "#b", "type": "Multikey", "controller": WEB, "publicKeyMultibase": multibase(&key(2)) },
        { "id": "#rsa", "type": "JsonWebKey2020", "controller": WEB, "publicKeyJwk": { "kty": "RSA", "n": "AQAB" } },
        { "id": "#theirs", "type": "JsonWebKey2020", "controller": "did:web:o.example", "publicKeyJwk": jwk(3) },
        { "id": "did:web:o.example#o", "type": "JsonWebKey2020", "publicKeyJwk": jwk(4) },
        { "id": "#two", "type": "JsonWebKey2020", "publicKeyJwk": jwk(5), "publicKeyMultibase": multibase(&key(6)) },
        { "id": "#twice", "type": "JsonWebKey2020", "publicKeyJwk": jwk(7) },
        { "id": "did:web:v.example#twice", "type": "JsonWebKey2020", "publicKeyJwk": jwk(8) }
    ] }))
    .unwrap();
    assert_eq!(document.key("did:web:v.example#a"), Some(&key(1)));
    assert_eq!(document.key("#b"), Some(&key(2)));
    for kid in ["#rsa", "#theirs", "#o", "did:web:o.example#o", "#two", "#twice", "#none", "a", ""] {
        assert_eq!(document.key(kid), None, "{kid}");
    }
}
