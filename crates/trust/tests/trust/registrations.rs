//! Each step of the verification of a registration, left out: PK-20 to PK-22, VP-R13.

use crypto::jws::HeaderBuilder;
use primitives::{ClaimPath, LocalizedText, PathElement};
use serde_json::{Value, json};
use trust::registration::{
    MAX_REGISTERED, MAX_REGISTRATION_BYTES, MAX_TEXT_CHARACTERS, REGISTRATION_TYPE, RegisteredItem,
    RegisteredVerifier, Registration, RegistrationError, SignedRegistration, VerifiedRegistration,
};
use trust::{
    AnchorStore, ChainFault, ChainPolicy, CredentialType, Registrar, VerifiedChain, Verifier, verify_chain,
};

use crate::people::*;

fn library() -> Tree {
    Recipe { leaf: leaf("도서관(시연)").with_dns_name("library.example"), ..recipe("가람", 1) }.grow()
}

fn registrar() -> Tree {
    Tree::named("등록", 300)
}

fn authenticated(tree: &Tree) -> VerifiedChain<Verifier> {
    verify_chain(&tree.chain(), &tree.anchors(), now(), &ChainPolicy::role_only()).unwrap()
}

fn registration() -> Registration {
    Registration {
        verifier: RegisteredVerifier::of_certificate(&library().leaf),
        issued_at: now() - DAY,
        expires_at: now() + 30 * DAY,
        name: LocalizedText::new("가람시(시연) 도서관", "Garam City Library (demo)"),
        purpose: LocalizedText::new("회원증 발급", "Membership card"),
        items: vec![RegisteredItem {
            credential: CredentialType::sd_jwt_vc("urn:kr.example:id"),
            claims: vec![ClaimPath::top_level("name"), ClaimPath::of_names(["address", "sigungu"]).unwrap()],
        }],
        retention: Some(LocalizedText::new("탈퇴 때까지", "Until you leave")),
        consequences_of_refusal: Some(LocalizedText::new("회원증을 받을 수 없습니다", "No card is issued")),
        legal_basis: None,
        resident_number_basis: None,
    }
}

fn verify(token: &str) -> Result<VerifiedRegistration, RegistrationError> {
    let registrars: AnchorStore<Registrar> = registrar().anchors();
    SignedRegistration::parse(token)?.verify(&authenticated(&library()), &registrars, now())
}

fn signed(registration: &Registration) -> String {
    let registrar = registrar();
    registration.sign(&registrar.chain(), &registrar.leaf_key).unwrap()
}

fn raw(typ: &str, claims: &Value) -> String {
    let registrar = registrar();
    let header = HeaderBuilder::new(typ).x5c(&registrar.chain().to_der());
    header.sign_claims(claims.as_object().unwrap(), &registrar.leaf_key).unwrap()
}

fn claims() -> Value {
    serde_json::to_value(registration()).unwrap()
}

#[test]
fn a_registration_says_what_was_signed_and_who_signed_it() {
    let verified = verify(&signed(&registration())).unwrap();
    assert_eq!(*verified.registration(), registration());
    assert_eq!(verified.registrar().leaf().display_name(), Some("등록(시연)"));
}

#[test]
fn the_wire_form_stays_as_it_is() {
    let claims = claims();
    let id = claims["sub"].as_str().unwrap();
    assert!(id.starts_with("x509_hash:"), "{id}");
    assert_eq!(claims["iat"], json!(now().unix_seconds() - DAY));
    assert_eq!(
        claims["credentials"],
        json!([{ "format": "dc+sd-jwt", "vct": "urn:kr.example:id", "claims": [["name"], ["address", "sigungu"]] }])
    );
    assert_eq!(claims["purpose"], json!({ "ko": "회원증 발급", "en": "Membership card" }));
    assert!(claims.get("legal_basis").is_none());
}

#[test]
fn what_is_registered_covers_what_lies_inside_it() {
    let registration = registration();
    let id = CredentialType::sd_jwt_vc("urn:kr.example:id");
    assert!(registration.covers(&id, &ClaimPath::top_level("name")));
    assert!(registration.covers(&id, &ClaimPath::of_names(["address", "sigungu"]).unwrap()));
    assert!(!registration.covers(&id, &ClaimPath::top_level("address")));
    assert!(!registration.covers(&id, &ClaimPath::top_level("birth")));
    assert!(!registration.covers(&CredentialType::mdoc("urn:kr.example:id"), &ClaimPath::top_level("name")));
    // One element of a list is not all of them; all of them are each of them.
    let list = ClaimPath::top_level("nationalities");
    let (first, second) = (list.child(0_u32).unwrap(), list.child(1_u32).unwrap());
    let all = list.child(PathElement::All).unwrap();
    let covers = |registered: &ClaimPath, asked: &ClaimPath| {
        let mut registration = registration.clone();
        registration.items[0].claims = vec![registered.clone()];
        registration.covers(&registration.items[0].credential, asked)
    };
    assert!(covers(&first, &first) && covers(&all, &first) && covers(&all, &all) && covers(&list, &all));
    assert!(covers(&all, &first.child("country").unwrap()));
    assert!(!covers(&first, &all) && !covers(&first, &second) && !covers(&all, &list));
}

// rule: PK-20
#[test]
fn a_registration_of_another_type_is_refused() {
    assert!(verify(&raw(REGISTRATION_TYPE, &claims())).is_ok());
    assert_eq!(verify(&raw("JWT", &claims())).unwrap_err(), RegistrationError::Type);
    assert_eq!(verify(&raw("statuslist+jwt", &claims())).unwrap_err(), RegistrationError::Type);
}

// rule: PK-20, VP-R13
#[test]
fn a_registration_that_the_verifier_signed_itself_is_refused() {
    let library = library();
    let own = registration().sign(&library.chain(), &library.leaf_key).unwrap();
    match verify(&own).unwrap_err() {
        RegistrationError::Signer(chain) => assert_eq!(chain.fault, ChainFault::UnknownAnchor),
        other => panic!("{other:?}"),
    }
}

// rule: PK-20, VP-R13
#[test]
fn a_changed_registration_is_refused() {
    let token = signed(&registration());
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut changed = claims();
    changed["purpose"]["ko"] = json!("경품 응모");
    parts[1] = primitives::base64url::encode(changed.to_string().as_bytes());
    assert_eq!(verify(&parts.join(".")).unwrap_err(), RegistrationError::Signature);
    let registrar = registrar();
    let forged = registration().sign(&registrar.chain(), &key(70)).unwrap();
    assert_eq!(verify(&forged).unwrap_err(), RegistrationError::Signature);
}

// rule: PK-20
#[test]
fn an_unsigned_registration_is_refused() {
    let payload = primitives::base64url::encode(claims().to_string().as_bytes());
    let header = primitives::base64url::encode(br#"{"alg":"none","typ":"rc-rp+jwt"}"#);
    assert!(SignedRegistration::parse(&format!("{header}.{payload}.")).is_err());
    let registrar = registrar();
    let bare = HeaderBuilder::new(REGISTRATION_TYPE);
    let bare = bare.sign_claims(claims().as_object().unwrap(), &registrar.leaf_key).unwrap();
    assert_eq!(verify(&bare).unwrap_err(), RegistrationError::NoCertificates);
}

// rule: PK-21
#[test]
fn the_registration_of_another_verifier_is_refused() {
    let other = Tree::named("쇼핑", 400);
    let of_another =
        Registration { verifier: RegisteredVerifier::of_certificate(&other.leaf), ..registration() };
    assert_eq!(verify(&signed(&of_another)).unwrap_err(), RegistrationError::OtherVerifier);
}

// rule: PK-21
#[test]
fn a_registration_by_dns_name_needs_that_name_in_the_certificate() {
    let by_name = |name: &str| {
        let verifier = RegisteredVerifier::X509SanDns(name.to_owned());
        verify(&signed(&Registration { verifier, ..registration() })).map(|_| ())
    };
    assert_eq!(by_name("library.example"), Ok(()));
    assert_eq!(by_name("shop.example"), Err(RegistrationError::OtherVerifier));
    assert_eq!(by_name("도서관(시연)"), Err(RegistrationError::OtherVerifier), "never the common name");
}

// rule: PK-21
#[test]
fn a_registration_for_nobody_is_refused() {
    for sub in [
        "",
        "x509_hash:AAAA",
        "x509_san_dns:",
        "redirect_uri:https://library.example",
        "origin:https://a.example",
    ] {
        let mut claims = claims();
        claims["sub"] = json!(sub);
        assert_eq!(
            verify(&raw(REGISTRATION_TYPE, &claims)).unwrap_err(),
            RegistrationError::Malformed,
            "{sub}"
        );
    }
}

// rule: PK-21
#[test]
fn a_registration_by_client_identifier_is_for_that_client_and_for_no_certificate() {
    let did = "decentralized_identifier:did:web:library.example";
    let verifier = RegisteredVerifier::ClientId(did.to_owned());
    let token = signed(&Registration { verifier, ..registration() });
    // A certificate is not what this registration speaks of.
    assert_eq!(verify(&token).unwrap_err(), RegistrationError::OtherVerifier);
    let registrars: AnchorStore<Registrar> = registrar().anchors();
    let for_client = |token: &str, id: &str| {
        SignedRegistration::parse(token)?.verify_for_client(id, &registrars, now()).map(|_| ())
    };
    assert_eq!(for_client(&token, did), Ok(()));
    for other in ["decentralized_identifier:did:web:shop.example", "did:web:library.example", ""] {
        assert_eq!(for_client(&token, other), Err(RegistrationError::OtherVerifier), "{other}");
    }
    // Nor does the registration of a certificate speak of a client of that name.
    let hash = String::from(RegisteredVerifier::of_certificate(&library().leaf));
    assert_eq!(for_client(&signed(&registration()), &hash), Err(RegistrationError::OtherVerifier));
}

// rule: VP-R13
#[test]
fn an_item_of_a_format_that_is_not_known_registers_nothing_and_hides_none_that_is() {
    let mut claims = claims();
    let item = json!({ "format": "jwt_vc_json", "types": ["Card"], "claims": [["name"]] });
    claims["credentials"].as_array_mut().unwrap().insert(0, item);
    let verified = verify(&raw(REGISTRATION_TYPE, &claims)).unwrap();
    assert_eq!(verified.registration().items, registration().items);
    claims["credentials"] = json!("all");
    assert_eq!(verify(&raw(REGISTRATION_TYPE, &claims)).unwrap_err(), RegistrationError::Malformed);
}

// rule: VP-R13
#[test]
fn what_a_known_registrar_signed_and_is_false_is_not_the_same_as_what_cannot_be_used() {
    let mut shapeless = claims();
    shapeless.as_object_mut().unwrap().remove("purpose");
    let library = library();
    let own = registration().sign(&library.chain(), &library.leaf_key).unwrap();
    for token in [raw(REGISTRATION_TYPE, &shapeless), own] {
        assert!(verify(&token).unwrap_err().is_unusable());
    }
    assert!(RegistrationError::NoCertificates.is_unusable() && RegistrationError::TooLong.is_unusable());
    let expired = Registration { expires_at: now(), ..registration() };
    let to_come = Registration { issued_at: now() + DAY, ..registration() };
    for token in [signed(&expired), signed(&to_come), raw("JWT", &claims())] {
        assert!(!verify(&token).unwrap_err().is_unusable());
    }
    assert!(!RegistrationError::Signature.is_unusable() && !RegistrationError::OtherVerifier.is_unusable());
}

// rule: PK-22
#[test]
fn a_registration_out_of_its_time_is_refused() {
    let expired = Registration { expires_at: now(), ..registration() };
    assert_eq!(verify(&signed(&expired)).unwrap_err(), RegistrationError::Expired);
    let to_come = Registration { issued_at: now() + DAY, ..registration() };
    assert_eq!(verify(&signed(&to_come)).unwrap_err(), RegistrationError::NotYetValid);
    let at = |seconds| verify(&signed(&Registration { issued_at: now() + seconds, ..registration() }));
    assert!(at(trust::CLOCK_LEEWAY_SECONDS).is_ok());
    assert_eq!(at(trust::CLOCK_LEEWAY_SECONDS + 1).unwrap_err(), RegistrationError::NotYetValid);
    for name in ["iat", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(
            verify(&raw(REGISTRATION_TYPE, &claims)).unwrap_err(),
            RegistrationError::Malformed,
            "{name}"
        );
    }
}

#[test]
fn a_registration_is_bounded() {
    let long = "a".repeat(MAX_REGISTRATION_BYTES + 1);
    assert_eq!(SignedRegistration::parse(&long).err(), Some(RegistrationError::TooLong));
    let mut claims = claims();
    claims["purpose"]["ko"] = json!("가".repeat(MAX_TEXT_CHARACTERS + 1));
    assert_eq!(verify(&raw(REGISTRATION_TYPE, &claims)).unwrap_err(), RegistrationError::TooLong);
}

// rule: PK-20
#[test]
fn every_part_of_a_registration_is_bounded_and_the_bound_is_inside() {
    let registrar = registrar();
    let judge = |change: &dyn Fn(&mut Registration)| {
        let mut changed = registration();
        change(&mut changed);
        // What would be refused is not signed either.
        let made = changed.sign(&registrar.chain(), &registrar.leaf_key).map(drop);
        let claims = serde_json::to_value(&changed).unwrap();
        let read = verify(&raw(REGISTRATION_TYPE, &claims)).map(drop);
        assert_eq!(made, read);
        read
    };
    let text = |length: usize| LocalizedText::new("가".repeat(length), "a");
    let english = |length: usize| LocalizedText::new("가", "a".repeat(length));
    for (length, expected) in
        [(MAX_TEXT_CHARACTERS, Ok(())), (MAX_TEXT_CHARACTERS + 1, Err(RegistrationError::TooLong))]
    {
        assert_eq!(judge(&|it| it.name = text(length)), expected);
        assert_eq!(judge(&|it| it.name = english(length)), expected);
        assert_eq!(judge(&|it| it.retention = Some(text(length))), expected);
        assert_eq!(judge(&|it| it.consequences_of_refusal = Some(english(length))), expected);
        assert_eq!(judge(&|it| it.legal_basis = Some(text(length))), expected);
        assert_eq!(judge(&|it| it.resident_number_basis = Some(text(length))), expected);
    }
    for (count, expected) in [(MAX_REGISTERED, Ok(())), (MAX_REGISTERED + 1, Err(RegistrationError::TooLong))]
    {
        let item = RegisteredItem { claims: vec![], ..registration().items[0].clone() };
        assert_eq!(judge(&|it| it.items = vec![item.clone(); count]), expected);
        assert_eq!(judge(&|it| it.items[0].claims = vec![ClaimPath::top_level("name"); count]), expected);
    }
}
