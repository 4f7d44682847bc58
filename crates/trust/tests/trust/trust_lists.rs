//! Each step of the verification of a trust list, left out: TL-1 to TL-14.

use std::collections::BTreeSet;

use crypto::jws::HeaderBuilder;
use primitives::LocalizedText;
use serde_json::{Value, json};
use trust::trust_list::{
    AcceptedList, MAX_TRUST_LIST_BYTES, ServiceRole, SignedTrustList, TRUST_LIST_TYPE, TrustList,
    TrustListError, TrustedEntity, TrustedService, VerifiedTrustList,
};
use trust::{AnchorStore, Certificate, ChainFault, CredentialType, StatusScope, TrustListSigner};

use crate::people::*;

fn operator() -> Tree {
    Tree::named("신뢰목록", 500)
}

fn service(role: ServiceRole, certificate: &Certificate) -> TrustedService {
    TrustedService {
        name: LocalizedText::new("서비스(시연)", "Service (demo)"),
        role,
        certificates: vec![certificate.clone()],
        granted: true,
    }
}

fn id_card() -> CredentialType {
    CredentialType::sd_jwt_vc("urn:kr.example:id")
}

fn list() -> TrustList {
    let (issuer, verifier) = (Tree::named("행안", 1), Tree::named("도서관", 100));
    let (status, provider) = (Tree::named("상태", 200), Tree::named("지갑", 600));
    let types = BTreeSet::from([id_card(), CredentialType::mdoc("org.iso.18013.5.1.mDL")]);
    TrustList {
        sequence_number: 7,
        issued_at: now() - DAY,
        next_update: now() + 30 * DAY,
        operator: LocalizedText::new("누리 시연국", "Nuri (demo)"),
        scheme: LocalizedText::new("시민지갑 시연 신뢰목록", "Citizen Wallet demo trust list"),
        territory: "KR".to_owned(),
        entities: vec![TrustedEntity {
            name: LocalizedText::new("누리행안부(시연)", "Ministry (demo)"),
            information_uri: Some("https://ministry.example/".to_owned()),
            services: vec![
                service(ServiceRole::Issuer(types), &issuer.root),
                service(ServiceRole::Verifier, &verifier.root),
                service(ServiceRole::StatusSigner(StatusScope::of(&issuer.root)), &status.root),
                service(ServiceRole::WalletProvider, &provider.root),
                service(ServiceRole::Registrar, &Tree::named("등록", 300).root),
            ],
        }],
    }
}

fn payload(list: &TrustList) -> Value {
    let token = signed(list);
    let part = token.split('.').nth(1).unwrap().to_owned();
    serde_json::from_slice(&primitives::base64url::decode(&part).unwrap()).unwrap()
}

fn signed(list: &TrustList) -> String {
    let operator = operator();
    list.sign(&operator.chain(), &operator.leaf_key).unwrap()
}

fn raw(typ: &str, payload: &Value) -> String {
    let operator = operator();
    let header = HeaderBuilder::new(typ).x5c(&operator.chain().to_der());
    header.sign_claims(payload.as_object().unwrap(), &operator.leaf_key).unwrap()
}

fn verify(token: &str) -> Result<VerifiedTrustList, TrustListError> {
    verify_after(token, None)
}

fn verify_after(token: &str, previous: Option<&AcceptedList>) -> Result<VerifiedTrustList, TrustListError> {
    let signers: AnchorStore<TrustListSigner> = operator().anchors();
    SignedTrustList::parse(token)?.verify(&signers, previous, now())
}

/// The error when one value of the list is another, or is not there.
fn fault_with(pointer: &str, value: Value) -> TrustListError {
    let mut payload = payload(&list());
    *payload.pointer_mut(pointer).unwrap() = value;
    verify(&raw(TRUST_LIST_TYPE, &payload)).unwrap_err()
}

const SCHEME: &str = "/LoTE/ListAndSchemeInformation";
const SERVICE: &str = "/LoTE/TrustedEntitiesList/0/TrustedEntityServices/0/ServiceInformation";

#[test]
fn a_list_survives_signing_and_becomes_anchors_by_role() {
    let verified = verify(&signed(&list())).unwrap();
    assert_eq!(*verified.list(), list());
    let anchors = verified.anchors();
    assert_eq!(anchors.issuers.iter().next().unwrap().certificate(), &Tree::named("행안", 1).root);
    assert_eq!(anchors.verifiers.iter().next().unwrap().certificate(), &Tree::named("도서관", 100).root);
    assert_eq!(anchors.wallet_providers.len(), 1);
    assert_eq!(anchors.registrars.len(), 1);
    let status = anchors.status_signers.iter().next().unwrap();
    assert_eq!(*status.grant(), StatusScope::of(&Tree::named("행안", 1).root));
}

#[test]
fn the_shape_is_that_of_ts_119_602() {
    let payload = payload(&list());
    let scheme = payload.pointer(SCHEME).unwrap();
    assert_eq!(scheme["LoTEVersionIdentifier"], json!(1));
    assert_eq!(scheme["LoTESequenceNumber"], json!(7));
    assert_eq!(scheme["ListIssueDateTime"], json!("2026-11-20T00:00:00Z"));
    assert_eq!(scheme["SchemeOperatorName"][0], json!({ "lang": "ko", "value": "누리 시연국" }));
    let service = payload.pointer(SERVICE).unwrap();
    assert!(service["ServiceDigitalIdentity"]["X509Certificates"][0]["val"].is_string());
    assert!(service["ServiceTypeIdentifier"].is_string());
}

// rule: TL-1
#[test]
fn a_changed_list_is_refused() {
    let token = signed(&list());
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let changed = TrustList { sequence_number: 8, ..list() };
    parts[1] = primitives::base64url::encode(payload(&changed).to_string().as_bytes());
    assert_eq!(verify(&parts.join(".")).unwrap_err(), TrustListError::Signature);
    let forged = list().sign(&operator().chain(), &key(70)).unwrap();
    assert_eq!(verify(&forged).unwrap_err(), TrustListError::Signature);
}

// rule: TL-1
#[test]
fn a_list_unsigned_or_without_a_chain_is_refused() {
    let header = primitives::base64url::encode(br#"{"alg":"none","typ":"lote+jwt"}"#);
    let body = primitives::base64url::encode(payload(&list()).to_string().as_bytes());
    assert!(SignedTrustList::parse(&format!("{header}.{body}.")).is_err());
    let bare = HeaderBuilder::new(TRUST_LIST_TYPE);
    let bare = bare.sign_claims(payload(&list()).as_object().unwrap(), &operator().leaf_key).unwrap();
    assert_eq!(verify(&bare).unwrap_err(), TrustListError::NoCertificates);
}

// rule: TL-2
#[test]
fn a_list_of_another_type_is_refused() {
    assert!(verify(&raw(TRUST_LIST_TYPE, &payload(&list()))).is_ok());
    assert_eq!(verify(&raw("JWT", &payload(&list()))).unwrap_err(), TrustListError::Type);
}

// rule: TL-3
#[test]
fn a_list_signed_by_one_of_its_own_issuers_is_refused() {
    let issuer = Tree::named("행안", 1);
    let token = list().sign(&issuer.chain(), &issuer.leaf_key).unwrap();
    match verify(&token).unwrap_err() {
        TrustListError::Signer(chain) => assert_eq!(chain.fault, ChainFault::UnknownAnchor),
        other => panic!("{other:?}"),
    }
}

// rule: TL-4
#[test]
fn another_version_is_refused() {
    let pointer = format!("{SCHEME}/LoTEVersionIdentifier");
    assert_eq!(fault_with(&pointer, json!(2)), TrustListError::Version);
    assert_eq!(fault_with(&pointer, json!("1")), TrustListError::Malformed);
}

// rule: TL-14
#[test]
fn another_kind_of_list_by_the_same_signer_takes_no_place() {
    let pointer = format!("{SCHEME}/LoTEType");
    for kind in
        ["http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList", "", "HTTPS://CITIZEN-WALLET.kr.example"]
    {
        assert_eq!(fault_with(&pointer, json!(kind)), TrustListError::Kind, "{kind}");
    }
    let mut other = payload(&TrustList { sequence_number: 8, entities: Vec::new(), ..list() });
    *other.pointer_mut(&pointer).unwrap() = json!("https://trust.example/list/of/wallets");
    let ours = verify(&signed(&list())).unwrap().accepted();
    let error = verify_after(&raw(TRUST_LIST_TYPE, &other), Some(&ours)).unwrap_err();
    assert_eq!(error, TrustListError::Kind);
    assert!(verify_after(&signed(&list()), Some(&ours)).is_ok());
}

// rule: TL-5
#[test]
fn an_older_list_never_replaces_a_newer_one() {
    let accepted = verify(&signed(&list())).unwrap().accepted();
    assert_eq!(accepted.sequence_number, 7);
    assert!(verify_after(&signed(&list()), Some(&accepted)).is_ok(), "the same again");
    let newer = TrustList { sequence_number: 8, ..list() };
    assert!(verify_after(&signed(&newer), Some(&accepted)).is_ok());
    let older = TrustList { sequence_number: 6, ..list() };
    assert_eq!(verify_after(&signed(&older), Some(&accepted)).unwrap_err(), TrustListError::Rollback);
    let same_number = TrustList { territory: "XX".to_owned(), ..list() };
    assert_eq!(verify_after(&signed(&same_number), Some(&accepted)).unwrap_err(), TrustListError::Rollback);
    assert_eq!(fault_with(&format!("{SCHEME}/LoTESequenceNumber"), json!(0)), TrustListError::Malformed);
    assert_eq!(fault_with(&format!("{SCHEME}/LoTESequenceNumber"), json!(-1)), TrustListError::Malformed);
}

// rule: TL-6
#[test]
fn a_list_of_the_future_is_refused() {
    let to_come = TrustList { issued_at: now() + DAY, ..list() };
    assert_eq!(verify(&signed(&to_come)).unwrap_err(), TrustListError::NotYetValid);
    let at = |seconds: i64| verify(&signed(&TrustList { issued_at: now() + seconds, ..list() })).map(drop);
    assert_eq!(at(trust::CLOCK_LEEWAY_SECONDS), Ok(()));
    assert_eq!(at(trust::CLOCK_LEEWAY_SECONDS + 1), Err(TrustListError::NotYetValid));
    assert_eq!(fault_with(&format!("{SCHEME}/ListIssueDateTime"), Value::Null), TrustListError::Malformed);
}

// rule: TL-7
#[test]
fn an_expired_list_is_refused() {
    let expired = TrustList { next_update: now(), ..list() };
    assert_eq!(verify(&signed(&expired)).unwrap_err(), TrustListError::Expired);
    let of_no_time = TrustList { issued_at: now() + 30, next_update: now() + 30, ..list() };
    assert_eq!(verify(&signed(&of_no_time)).unwrap_err(), TrustListError::Malformed);
    let backwards = TrustList { next_update: now() - 2 * DAY, ..list() };
    assert_eq!(verify(&signed(&backwards)).unwrap_err(), TrustListError::Malformed);
    assert_eq!(fault_with(&format!("{SCHEME}/NextUpdate"), Value::Null), TrustListError::Malformed);
}

fn only(role: ServiceRole, granted: bool) -> VerifiedTrustList {
    let mut list = list();
    let certificate = Tree::named("행안", 1).root;
    list.entities[0].services = vec![TrustedService { granted, ..service(role, &certificate) }];
    verify(&signed(&list)).unwrap()
}

// rule: TL-8
#[test]
fn a_service_of_an_unknown_type_makes_no_anchor() {
    let verified = only(ServiceRole::Unknown("https://other.example/service".to_owned()), true);
    assert_eq!(*verified.anchors(), Default::default());
    assert_eq!(verified.list().entities[0].services.len(), 1, "kept for people to see");
}

// rule: TL-9
#[test]
fn an_issuer_of_a_list_issues_the_types_named_and_none_by_default() {
    let verified = verify(&signed(&list())).unwrap();
    let entitlements = verified.anchors().issuers.iter().next().unwrap().grant();
    assert!(entitlements.allows(&id_card()));
    assert!(entitlements.allows(&CredentialType::mdoc("org.iso.18013.5.1.mDL")));
    assert!(!entitlements.allows(&CredentialType::sd_jwt_vc("urn:kr.example:library")));
    let none = only(ServiceRole::Issuer(BTreeSet::new()), true);
    assert!(!none.anchors().issuers.iter().next().unwrap().grant().allows(&id_card()));
    let star = only(ServiceRole::Issuer(BTreeSet::from([CredentialType::sd_jwt_vc("*")])), true);
    assert!(!star.anchors().issuers.iter().next().unwrap().grant().allows(&id_card()));
}

// rule: TL-10
#[test]
fn a_critical_extension_that_nobody_understands_refuses_the_list() {
    let unknown = json!([{ "Critical": true, "Type": "https://other.example/extension", "Value": 1 }]);
    let silent = json!([{ "Type": "https://other.example/extension" }]);
    let harmless = json!([{ "Critical": false, "Type": "https://other.example/extension" }]);
    let with = |at: &str, extensions: &Value| {
        let mut payload = payload(&list());
        let name = if at == SCHEME { "SchemeExtensions" } else { "ServiceInformationExtensions" };
        payload.pointer_mut(at).unwrap()[name] = extensions.clone();
        verify(&raw(TRUST_LIST_TYPE, &payload)).map(|_| ())
    };
    for at in [SCHEME, SERVICE] {
        assert_eq!(with(at, &unknown), Err(TrustListError::CriticalExtension), "{at}");
        assert_eq!(with(at, &silent), Err(TrustListError::CriticalExtension), "{at}");
        assert_eq!(with(at, &harmless), Ok(()), "{at}");
    }
}

// rule: TL-10
#[test]
fn an_extension_counts_for_its_own_kind_of_service_alone() {
    let mut payload = payload(&list());
    let services = "/LoTE/TrustedEntitiesList/0/TrustedEntityServices";
    let extensions = |at: usize| format!("{services}/{at}/ServiceInformation/ServiceInformationExtensions");
    let of_issuer = payload.pointer(&extensions(0)).unwrap().clone();
    let of_status = payload.pointer(&extensions(2)).unwrap().clone();
    let verifier = format!("{services}/1/ServiceInformation");
    for foreign in [of_issuer, of_status] {
        payload.pointer_mut(&verifier).unwrap()["ServiceInformationExtensions"] = foreign;
        let refused = verify(&raw(TRUST_LIST_TYPE, &payload)).unwrap_err();
        assert_eq!(refused, TrustListError::CriticalExtension);
    }
}

// rule: TL-11
#[test]
fn a_service_that_is_not_granted_makes_no_anchor() {
    assert_eq!(only(ServiceRole::Verifier, true).anchors().verifiers.len(), 1);
    assert!(only(ServiceRole::Verifier, false).anchors().verifiers.is_empty());
}

/// The list with one member of its first service's information replaced.
fn with_service(changes: &[(&str, Value)]) -> Result<VerifiedTrustList, TrustListError> {
    let mut payload = payload(&list());
    for (member, value) in changes {
        payload.pointer_mut(SERVICE).unwrap()[*member] = value.clone();
    }
    verify(&raw(TRUST_LIST_TYPE, &payload))
}

// rule: TL-8, TL-11
#[test]
fn what_makes_no_anchor_is_not_read_and_keeps_no_list_from_counting() {
    let longest = trust::certificate::MAX_CERTIFICATE_BYTES.div_ceil(3) * 4;
    let certificates = |values: Vec<String>| json!({ "X509Certificates": values.iter().map(|val| json!({ "val": val })).collect::<Vec<_>>() });
    let identities = [
        certificates(vec!["A".repeat(longest + 4)]),
        certificates(vec!["AAAA".to_owned()]),
        certificates(vec!["AAAA".to_owned(); 9]),
        json!({ "X509Certificates": [{ "encoding": "another" }] }),
        Value::Null,
    ];
    let unknown = ("ServiceTypeIdentifier", json!("https://other.example/service"));
    let withdrawn = ("ServiceStatus", json!("http://uri.etsi.org/19602/Status/withdrawn"));
    let none = ("ServiceInformationExtensions", json!([]));
    let others = verify(&signed(&list())).unwrap().anchors().verifiers.clone();
    for identity in identities {
        let identity = ("ServiceDigitalIdentity", identity);
        for concerns_nobody in [[unknown.clone(), none.clone()], [withdrawn.clone(), none.clone()]] {
            let read =
                with_service(&[&concerns_nobody[..], std::slice::from_ref(&identity)].concat()).unwrap();
            assert!(read.anchors().issuers.is_empty());
            assert_eq!(read.anchors().verifiers, others);
            assert_eq!(read.list().entities[0].services.len(), list().entities[0].services.len());
        }
        // One that makes anchors is read whole, or the list is refused.
        assert!(with_service(&[identity]).is_err());
    }
    // Nor are the types read of an issuer that may issue nothing any more.
    let mut extensions = payload(&list()).pointer(SERVICE).unwrap()["ServiceInformationExtensions"].clone();
    extensions[0]["Value"] = json!("another shape");
    let types = ("ServiceInformationExtensions", extensions);
    assert!(with_service(&[withdrawn, types.clone()]).unwrap().anchors().issuers.is_empty());
    assert_eq!(with_service(&[types]).unwrap_err(), TrustListError::Malformed);
}

// rule: TL-9
#[test]
fn a_type_of_an_unknown_format_is_left_out_and_the_others_stay() {
    let with_types = |types: Value| {
        let mut extensions =
            payload(&list()).pointer(SERVICE).unwrap()["ServiceInformationExtensions"].clone();
        extensions[0]["Value"] = types;
        with_service(&[("ServiceInformationExtensions", extensions)])
    };
    let card = serde_json::to_value(id_card()).unwrap();
    let unknown = json!({ "format": "jwt_vc_json", "type_values": [["Card"]] });
    let allowed = |read: VerifiedTrustList| {
        let anchor = read.anchors().issuers.iter().next().unwrap().clone();
        anchor.grant().listed().unwrap().iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(allowed(with_types(json!([unknown, card])).unwrap()), [id_card()]);
    assert_eq!(allowed(with_types(json!([unknown])).unwrap()), []);
    for malformed in
        [json!([{ "format": "dc+sd-jwt" }]), json!([{ "vct": "a" }]), json!(["dc+sd-jwt"]), json!([1])]
    {
        assert_eq!(with_types(malformed.clone()).err(), Some(TrustListError::Malformed), "{malformed}");
    }
    assert_eq!(with_types(json!(vec![unknown; 257])).err(), Some(TrustListError::TooLong));
}

// rule: TL-12
#[test]
fn a_list_is_bounded() {
    let long = "a".repeat(MAX_TRUST_LIST_BYTES + 1);
    assert_eq!(SignedTrustList::parse(&long).err(), Some(TrustListError::TooLong));
    let mut many = list();
    let entity = TrustedEntity { services: vec![], ..many.entities[0].clone() };
    many.entities = vec![entity; 513];
    assert_eq!(verify(&signed(&many)).unwrap_err(), TrustListError::TooLong);
    let mut services = list();
    services.entities[0].services = vec![services.entities[0].services[1].clone(); 33];
    assert_eq!(verify(&signed(&services)).unwrap_err(), TrustListError::TooLong);
    let mut certificates = list();
    certificates.entities[0].services[1].certificates = vec![Tree::named("행안", 1).root; 8];
    assert!(verify(&signed(&certificates)).is_ok());
    certificates.entities[0].services[1].certificates = vec![Tree::named("행안", 1).root; 9];
    assert_eq!(verify(&signed(&certificates)).unwrap_err(), TrustListError::TooLong);
    let types = (0..257).map(|number| CredentialType::mdoc(number.to_string())).collect();
    let mut issuer = list();
    issuer.entities[0].services[0].role = ServiceRole::Issuer(types);
    assert_eq!(verify(&signed(&issuer)).unwrap_err(), TrustListError::TooLong);
}

// rule: TL-12
#[test]
fn a_certificate_that_cannot_be_an_anchor_refuses_the_list() {
    let mut leaf = list();
    leaf.entities[0].services[1].certificates = vec![Tree::named("행안", 1).leaf];
    assert!(matches!(verify(&signed(&leaf)).unwrap_err(), TrustListError::Anchor(_)));
    let pointer = format!("{SERVICE}/ServiceDigitalIdentity/X509Certificates/0/val");
    assert!(matches!(fault_with(&pointer, json!("AAAA")), TrustListError::Anchor(_)));
    // Measured before it is decoded: these are no characters of base64.
    let longest = trust::certificate::MAX_CERTIFICATE_BYTES.div_ceil(3) * 4;
    assert_eq!(fault_with(&pointer, json!("!".repeat(longest))), TrustListError::Malformed);
    assert_eq!(fault_with(&pointer, json!("!".repeat(longest + 1))), TrustListError::TooLong);
}

// rule: TL-13
#[test]
fn a_status_signer_without_a_scope_speaks_for_nobody() {
    let verified = only(ServiceRole::StatusSigner(StatusScope::default()), true);
    let signer = verified.anchors().status_signers.iter().next().unwrap();
    assert!(signer.grant().issuer_anchors.is_empty());
}
