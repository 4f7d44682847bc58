use crypto::{PrivateKey, SystemEntropy};
use primitives::Instant;
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};

use super::*;

fn root() -> String {
    let key = PrivateKey::generate(&SystemEntropy).unwrap();
    let validity = Validity::days(Instant::from_unix_seconds(1_790_000_000), 365);
    let certificate = CertificateBuilder::authority(Subject::new("Root"), validity)
        .self_signed(&key, &SystemEntropy)
        .unwrap();
    let base64 = primitives::base64url::encode_standard(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

fn file() -> Value {
    let root = root();
    json!({
        "version": 1,
        "name": {"ko": "시험", "en": "Test"},
        "marking": "developer",
        "anchors": {
            "issuers": [{"certificate": root, "types": ["vct:urn:example:1", "doctype:org.iso.18013.5.1.mDL"]}],
            "verifiers": [root],
        },
        "tlsRoots": [root],
        "loopback": {"ports": [9443], "plainHttp": true},
        "unauthenticatedVerifiers": "warn",
    })
}

fn parse(value: &Value) -> Result<Profile, ProfileError> {
    Profile::parse(value.to_string().as_bytes())
}

#[test]
fn a_profile_is_read_by_role() {
    let profile = parse(&file()).map_err(|error| error.to_string()).unwrap();
    assert_eq!(profile.anchors.issuers.len(), 1);
    assert_eq!(profile.anchors.verifiers.len(), 1);
    assert!(profile.anchors.registrars.is_empty());
    assert!(profile.allows_loopback(9443) && !profile.allows_loopback(9444));
    let grant = profile.anchors.issuers.iter().next().unwrap().grant();
    assert!(grant.allows(&trust::CredentialType::sd_jwt_vc("urn:example:1")));
    assert!(!grant.allows(&trust::CredentialType::sd_jwt_vc("urn:example:2")));
}

// rule: PK-18
#[test]
fn any_type_is_for_developers_only() {
    let mut value = file();
    value["anchors"]["issuers"][0]["types"] = json!(["*"]);
    assert!(parse(&value).is_ok());
    for marking in ["demo", "real"] {
        value["marking"] = json!(marking);
        assert_eq!(parse(&value).err(), Some(ProfileError::AnyType));
    }
    value["marking"] = json!("developer");
    value["anchors"]["issuers"][0]["types"] = json!(["*", "vct:urn:example:1"]);
    assert_eq!(parse(&value).err(), Some(ProfileError::CredentialType));
}

#[test]
fn what_is_not_understood_is_refused() {
    let changed = |path: &str, new: Value| {
        let mut value = file();
        *value.pointer_mut(path).unwrap() = new;
        parse(&value).err()
    };
    assert_eq!(changed("/version", json!(2)), Some(ProfileError::Version));
    assert_eq!(changed("/marking", json!("official")), Some(ProfileError::Shape));
    assert_eq!(changed("/unauthenticatedVerifiers", json!("accept")), Some(ProfileError::Shape));
    assert_eq!(changed("/tlsRoots/0", json!("not pem")), Some(ProfileError::NotPem("tlsRoots")));
    assert_eq!(changed("/anchors/verifiers/0", json!("x")), Some(ProfileError::NotPem("anchors.verifiers")));
    let mut value = file();
    value["surprise"] = json!(1);
    assert_eq!(parse(&value).err(), Some(ProfileError::Shape));
    assert_eq!(Profile::parse(b"{\"version\":1,\"version\":1}").err(), Some(ProfileError::NotJson));
    assert_eq!(Profile::parse(&vec![b' '; MAX_PROFILE_BYTES + 1]).err(), Some(ProfileError::NotJson));
}

#[test]
fn a_trust_list_needs_its_signer_and_https() {
    let mut value = file();
    value["trustList"] = json!({"uri": "https://list.example/", "signers": []});
    assert_eq!(parse(&value).err(), Some(ProfileError::TrustList));
    value["trustList"] = json!({"uri": "http://list.example/", "signers": [root()]});
    assert_eq!(parse(&value).err(), Some(ProfileError::NotHttps("trustList.uri")));
    value["trustList"] = json!({"uri": "https://list.example/", "signers": [root()]});
    assert!(parse(&value).is_ok());
}

#[test]
fn a_leaf_is_not_an_anchor() {
    let key = PrivateKey::generate(&SystemEntropy).unwrap();
    let validity = Validity::days(Instant::from_unix_seconds(1_790_000_000), 365);
    let leaf =
        CertificateBuilder::leaf(Subject::new("Leaf"), validity).self_signed(&key, &SystemEntropy).unwrap();
    let base64 = primitives::base64url::encode_standard(leaf.der());
    let mut value = file();
    value["anchors"]["verifiers"] =
        json!([format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")]);
    assert!(matches!(parse(&value).err(), Some(ProfileError::Anchor("anchors.verifiers", _))));
}
