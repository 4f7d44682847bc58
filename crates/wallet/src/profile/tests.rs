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

#[test]
fn the_port_of_the_redirect_is_one_or_any() {
    let mut value = file();
    assert_eq!(parse(&value).unwrap().redirect_port, None);
    value["redirectPort"] = json!(47_615);
    assert_eq!(parse(&value).unwrap().redirect_port, NonZeroU16::new(47_615));
    for wrong in [json!(0), json!(65_536), json!("47615")] {
        value["redirectPort"] = wrong;
        assert_eq!(parse(&value).err(), Some(ProfileError::Shape));
    }
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

#[test]
fn known_verifiers_are_read_whole_or_not_at_all() {
    let key = PrivateKey::generate(&SystemEntropy).unwrap();
    let jwk = crypto::PublicJwk::new(crypto::Signer::public_key(&key)).with_kid("k").to_value();
    let name = json!({ "ko": "대여점", "en": "Rental" });
    let known = json!({
        "clients": [{ "clientId": "rental", "name": name, "responseUris": ["https://rental.example/"], "jwks": { "keys": [jwk] } }],
        "dids": [{ "did": "did:web:rental.example", "name": name }],
        "attesters": [
            { "issuer": "https://a.example", "jwks": { "keys": [jwk] } },
            { "issuer": "https://b.example", "certificates": [root()] },
        ],
    });
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = file();
        value["knownVerifiers"] = known.clone();
        change(&mut value["knownVerifiers"]);
        parse(&value).map(|profile| profile.known_verifiers)
    };
    let read = with(&|_| {}).map_err(|error| error.to_string()).unwrap();
    assert_eq!((read.clients.len(), read.dids.len(), read.attesters.len()), (1, 1, 2));
    assert!(read.clients[0].signs());
    assert!(parse(&file()).map_err(|error| error.to_string()).unwrap().known_verifiers.clients.is_empty());
    let (clients, dids, attesters) =
        ("knownVerifiers.clients", "knownVerifiers.dids", "knownVerifiers.attesters");
    let refused = |change: &dyn Fn(&mut Value)| with(change).err();
    let twice = |list: &'static str| {
        move |known: &mut Value| {
            let first = known[list][0].clone();
            known[list].as_array_mut().unwrap().push(first);
        }
    };
    assert_eq!(refused(&twice("clients")), Some(ProfileError::KnownVerifier(clients)));
    assert_eq!(refused(&twice("dids")), Some(ProfileError::KnownVerifier(dids)));
    assert_eq!(refused(&twice("attesters")), Some(ProfileError::KnownVerifier(attesters)));
    let set = |pointer: &'static str, new: Value| {
        move |known: &mut Value| *known.pointer_mut(pointer).unwrap() = new.clone()
    };
    for change in [
        set("/clients/0/clientId", json!("x509_hash:a")),
        set("/clients/0/responseUris", json!([])),
        set("/clients/0/jwks", json!({ "keys": [] })),
        set("/clients/0/jwks/keys/0/kty", json!("RSA")),
    ] {
        assert_eq!(refused(&change), Some(ProfileError::KnownVerifier(clients)));
    }
    let encrypts = |known: &mut Value| known["clients"][0]["jwks"]["keys"][0]["use"] = json!("enc");
    assert_eq!(refused(&encrypts), Some(ProfileError::KnownVerifier(clients)));
    assert_eq!(refused(&set("/dids/0/did", json!("rental"))), Some(ProfileError::KnownVerifier(dids)));
    // Keys or certificates, and one of them.
    assert_eq!(
        refused(&|known| known["attesters"][0]["certificates"] = json!([root()])),
        Some(ProfileError::KnownVerifier(attesters))
    );
    assert_eq!(
        refused(&|known| drop(known["attesters"][0].as_object_mut().unwrap().remove("jwks"))),
        Some(ProfileError::KnownVerifier(attesters))
    );
    assert_eq!(refused(&|known| known["surprise"] = json!(1)), Some(ProfileError::Shape));
}

// rule: HA-3
#[test]
fn a_registration_is_one_for_a_server_by_name_or_by_key() {
    let with = |clients: Value| {
        let mut value = file();
        value["clients"] = clients;
        parse(&value)
    };
    let named = json!({"server": "https://as.example/a", "clientId": "one"});
    let keyed = json!({"server": "https://as.example/b", "clientId": "two", "key": "2026"});
    let profile = with(json!([named, keyed])).map_err(|error| error.to_string()).unwrap();
    let read: Vec<_> = profile.clients.iter().map(|it| (it.client_id.as_str(), it.key.as_deref())).collect();
    assert_eq!(read, [("one", None), ("two", Some("2026"))]);
    assert!(parse(&file()).map_err(|error| error.to_string()).unwrap().clients.is_empty());
    assert_eq!(with(json!([keyed, keyed])).err(), Some(ProfileError::Client), "which one is meant?");
    for (name, value) in [("clientId", ""), ("key", "")] {
        let mut entry = keyed.clone();
        entry[name] = json!(value);
        assert_eq!(with(json!([entry])).err(), Some(ProfileError::Client), "{name}");
    }
    let mut plain = named.clone();
    plain["server"] = json!("http://as.example/a");
    assert_eq!(with(json!([plain])).err(), Some(ProfileError::NotHttps("clients.server")));
    let mut secret = keyed.clone();
    secret["secret"] = json!("x");
    assert_eq!(with(json!([secret])).err(), Some(ProfileError::Shape), "no client secrets");
}

// rule: CI-4, HA-5
#[test]
fn a_profile_says_whether_issuers_have_to_sign_what_they_say_of_themselves() {
    use openid4vci::holder::SignedMetadata;
    let with = |word: &str| {
        let mut value = file();
        value["issuerMetadata"] = json!(word);
        parse(&value).map(|it| it.issuer_metadata)
    };
    assert_eq!(parse(&file()).map(|it| it.issuer_metadata).ok(), Some(SignedMetadata::Prefer));
    assert_eq!(with("require").ok(), Some(SignedMetadata::Require));
    assert_eq!(with("unsigned").ok(), Some(SignedMetadata::Ignore));
    assert_eq!(with("prefer").ok(), Some(SignedMetadata::Prefer));
    assert_eq!(with("sometimes").err(), Some(ProfileError::Shape));
}

// rule: CI-18
#[test]
fn who_attests_keys_is_called_over_https() {
    let with = |address: &str| {
        let mut value = file();
        value["walletProvider"] =
            json!({"kind": "service", "attestation": "https://p.example/a", "keyAttestation": address});
        parse(&value).map(drop)
    };
    assert_eq!(with("https://p.example/k"), Ok(()));
    assert_eq!(with("http://p.example/k"), Err(ProfileError::NotHttps("walletProvider.keyAttestation")));
}
