//! What the wallet says of a credential's claims is what the credential shows.

use crypto::{PrivateKey, Signer as _, SystemEntropy};
use sd_jwt_vc::Issuance;
use serde_json::json;
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::{CertificateChain, IssuerEntitlements, TrustAnchor};

use super::*;

const VCT: &str = "urn:example:card";
const DOCTYPE: &str = "example.card.1";

/// An issuer with its key and certificates, those who trust it, and when.
fn issuer() -> (PrivateKey, CertificateChain, AnchorStore<Issuer>, Instant) {
    let entropy = SystemEntropy;
    let now = Instant::from_unix_seconds(1_795_262_400);
    let [anchor_key, issuer_key] = std::array::from_fn(|_| PrivateKey::generate(&entropy).unwrap());
    let validity = Validity::days(now - 86_400, 30);
    let anchor = CertificateBuilder::authority(Subject::new("Anchor"), validity)
        .self_signed(&anchor_key, &entropy)
        .unwrap();
    let leaf = CertificateBuilder::leaf(Subject::new("Issuer"), validity)
        .with_purpose(Purpose::MdocDocumentSigner)
        .issued_by(&issuer_key.public_key(), &anchor, &anchor_key, &entropy)
        .unwrap();
    let mut anchors = AnchorStore::new();
    let types = [trust::CredentialType::sd_jwt_vc(VCT), trust::CredentialType::mdoc(DOCTYPE)];
    anchors.add(TrustAnchor::for_issuer(anchor, IssuerEntitlements::types(types)).unwrap());
    (issuer_key, CertificateChain::new(vec![leaf]).unwrap(), anchors, now)
}

fn form(claims: Value, disclosable: &[Value]) -> Form {
    let (issuer_key, chain, anchors, now) = issuer();
    let entropy = SystemEntropy;
    let holder_key = PrivateKey::generate(&entropy).unwrap();
    let issuance = Issuance::new(VCT, claims.as_object().unwrap().clone())
        .issued_at(now)
        .holder_key(&holder_key.public_key());
    let issued = disclosable
        .iter()
        .fold(issuance, |issuance, path| issuance.disclosable(path_of(path)))
        .sign(&issuer_key, &chain, &entropy)
        .unwrap();
    read_form(CredentialFormat::SdJwtVc, issued.as_bytes(), &anchors, now).unwrap()
}

fn path_of(path: &Value) -> ClaimPath {
    serde_json::from_value(path.clone()).unwrap()
}

/// The claims that are told with every presentation.
fn told(claims: Value, disclosable: &[Value]) -> Value {
    form(claims, disclosable)
        .always_disclosed
        .iter()
        .map(|path| serde_json::to_value(path).unwrap())
        .collect()
}

// rule: SJ-23, VP-D3
#[test]
fn what_goes_out_with_every_presentation_is_told_and_nothing_that_is_kept_back() {
    let claims = json!({
        "name": "이도담",
        "branches": ["중앙", "강변"],
        "languages": ["ko", "en"],
        "address": {"city": "가람시", "district": "누리구"},
        "card": {"number": "7", "colour": "blue"},
        "empty": [],
    });
    let disclosable = [
        json!(["name"]),
        json!(["branches", 0]),
        json!(["branches", 1]),
        json!(["address", "city"]),
        json!(["address", "district"]),
        json!(["card", "number"]),
    ];
    // A list and an object whose parts are all kept back show nothing; of the card the colour alone is seen.
    let mut told = told(claims, &disclosable).as_array().unwrap().clone();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, [json!(["card", "colour"]), json!(["empty"]), json!(["languages"])]);
}

// rule: SJ-23
#[test]
fn a_claim_that_shares_a_disclosure_is_told_with_what_leaves_beside_it() {
    let claims = json!({
        "name": "이도담",
        "address": {"city": "가람시", "district": "누리구"},
        "card": {"number": "7", "colour": "blue", "empty": {}},
        "card2": {"number": "7", "colour": "blue"},
        "degrees": [{"type": "a", "year": 1}, {"type": "b", "year": 2}],
        "visible": {"a": 1, "b": 2},
    });
    let form = form(
        claims,
        &[
            json!(["name"]),
            json!(["address"]),
            json!(["card", "number"]),
            json!(["card"]),
            json!(["card2", "number"]),
            json!(["card2", "colour"]),
            json!(["card2"]),
            json!(["degrees", 0]),
            json!(["degrees", 1]),
        ],
    );
    let told = |path: Value| serde_json::to_value(form.told_with(&path_of(&path))).unwrap();
    // One disclosure for the whole address: whoever is told the city is told the district.
    assert_eq!(told(json!(["address", "city"])), json!(["address"]));
    assert_eq!(told(json!(["degrees", 1, "type"])), json!(["degrees", 1]));
    // The number has its own, and the colour lies in the card's.
    assert_eq!(told(json!(["card", "number"])), json!(["card"]));
    // Each part has its own.
    assert_eq!(told(json!(["card2", "number"])), json!(["card2", "number"]));
    // A claim of its own, the whole of one, and what is always seen.
    for path in [json!(["name"]), json!(["address"]), json!(["degrees", 0]), json!(["visible", "a"])] {
        assert_eq!(told(path.clone()), path);
    }
}

// rule: OQ-5, VP-D3
#[test]
fn what_the_protocol_puts_into_every_presentation_is_untold_only_if_it_says_no_more_than_that() {
    let key = PrivateKey::generate(&SystemEntropy).unwrap().public_key();
    let jwk = crypto::jwk::PublicJwk::new(key);
    let named = |kid: &str| json!({ "jwk": jwk.clone().with_kid(kid).to_value() });
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.to_value();
        jwk[name] = value;
        json!({ "jwk": jwk })
    };
    let list = json!({ "idx": 7, "uri": "https://garam.example/status/1" });
    for (name, value) in [
        ("iss", json!("https://garam.example")),
        ("iat", json!(1_795_262_400)),
        ("nbf", json!(1_795_262_400)),
        ("exp", json!(1_795_262_400.5)),
        ("vct", json!(VCT)),
        ("vct#integrity", json!("sha256-x")),
        ("_sd_alg", json!("sha-256")),
        ("cnf", json!({ "jwk": jwk.to_value() })),
        ("cnf", named(&jwk.thumbprint_base64url())),
        ("cnf", with("use", json!("sig"))),
        ("status", json!({ "status_list": list })),
    ] {
        assert!(is_only_protocol(name, &value), "{name}: {value}");
    }
    for (name, value) in [
        ("iss", json!({ "name": "이도담" })),
        ("iat", json!("이도담")),
        ("exp", json!([1])),
        ("vct", json!(["이도담"])),
        ("cnf", named("이도담")),
        ("cnf", with("x5c", json!(["이도담"]))),
        ("cnf", with("name", json!("이도담"))),
        ("cnf", json!({ "jwk": jwk.to_value(), "name": "이도담" })),
        ("cnf", json!({ "kid": "이도담" })),
        ("cnf", json!("이도담")),
        ("status", json!({ "status_list": list, "name": "이도담" })),
        (
            "status",
            json!({ "status_list": { "idx": 7, "uri": "https://garam.example/status/1", "name": 1 } }),
        ),
        ("status", json!("이도담")),
        ("sub", json!("urn:person:7")),
        ("name", json!("이도담")),
    ] {
        assert!(!is_only_protocol(name, &value), "{name}: {value}");
    }
}

// rule: SJ-23, VP-D3
#[test]
fn a_subject_in_the_open_is_told_and_one_that_is_kept_back_is_not() {
    let claims = json!({ "sub": "urn:person:7", "name": "이도담" });
    assert_eq!(told(claims.clone(), &[json!(["name"])]), json!([["sub"]]));
    assert_eq!(told(claims, &[json!(["name"]), json!(["sub"])]), json!([]));
}

// rule: OQ-5, VP-D3
#[test]
fn what_an_issuer_wrote_beside_the_claims_is_told_and_keeps_a_paper_from_answering_nobody() {
    let (key, chain, anchors, now) = issuer();
    let beside = [ClaimPath::top_level(BESIDE)];
    assert!(civic::questions::identifies(&beside[0]));
    let holder = PrivateKey::generate(&SystemEntropy).unwrap().public_key();
    let cnf = json!({ "jwk": crypto::jwk::PublicJwk::new(holder).to_value() });
    let claims = json!({ "vct": VCT, "iat": now.unix_seconds(), "cnf": cnf });
    let with_header = |name: &str, value: Value| {
        let header = crypto::jws::HeaderBuilder::new("dc+sd-jwt").x5c(&chain.to_der()).member(name, value);
        let text = format!("{}~", header.sign_claims(claims.as_object().unwrap(), &key).unwrap());
        read_form(CredentialFormat::SdJwtVc, text.as_bytes(), &anchors, now).unwrap().always_disclosed
    };
    assert!(with_header("kid", json!("key-1")).is_empty());
    for (name, value) in [("name", json!("이도담")), ("vctm", json!(["이도담"])), ("x5u", json!("https://a"))]
    {
        assert_eq!(with_header(name, value), beside, "{name}");
    }

    let may_sign = |name_spaces: &[&str], element: Option<(&str, &str)>| {
        let element = element.map(|(name, element)| (name.to_owned(), vec![element.to_owned()]));
        let name_spaces = name_spaces.iter().map(|name| (*name).to_owned()).collect();
        let validity =
            mdoc::Validity { signed: now, valid_from: now, valid_until: now + 86_400, expected_update: None };
        let issued = mdoc::Issuance::new(DOCTYPE, validity)
            .element(DOCTYPE, "name", mdoc::ElementValue::Text("이도담".into()))
            .key_authorizations(mdoc::KeyAuthorizations {
                name_spaces,
                data_elements: element.into_iter().collect(),
            })
            .sign(&holder, &key, &chain, &SystemEntropy)
            .unwrap();
        let text = issued.to_base64url();
        read_form(CredentialFormat::Mdoc, text.as_bytes(), &anchors, now).unwrap().always_disclosed
    };
    let (name_space, element) = (civic::transaction::NAME_SPACE, civic::transaction::PAYMENT_ELEMENT);
    assert!(may_sign(&[], None).is_empty());
    assert!(may_sign(&[name_space], None).is_empty());
    assert!(may_sign(&[], Some((name_space, element))).is_empty());
    for other in [
        may_sign(&["이도담"], None),
        may_sign(&[], Some((name_space, "이도담"))),
        may_sign(&[], Some(("이도담", element))),
    ] {
        assert_eq!(other, beside);
    }
}
