//! Other people's data: the status lists of the draft (1, 2, 4 and 8 bits, small and with 2^20 entries), and document
//! signers and authorities of mdocs.

use std::path::PathBuf;

use primitives::Instant;
use serde_json::Value;
use trust::status::{Bits, StatusListBuilder};
use trust::{
    AnchorStore, Certificate, CertificateChain, ChainFault, ChainPolicy, Issuer, IssuerEntitlements,
    TrustAnchor, verify_chain,
};

fn folder() -> PathBuf {
    std::env::var_os("CITIZEN_WALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    )
}

fn read(file: &str) -> Option<Value> {
    let bytes = std::fs::read(folder().join(file)).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

// rule: ST-7, ST-8, ST-10
#[test]
fn the_lists_of_the_draft_say_what_they_should() {
    let Some(file) = read("status-list/lists.json") else {
        println!("left out: 10 cases of status-list/lists.json (vectors absent)");
        return;
    };
    let mut ran = 0;
    for case in file["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let bits = Bits::from_number(case["bits"].as_u64().unwrap()).unwrap();
        let compressed = primitives::base64url::decode(case["lst"].as_str().unwrap()).unwrap();
        let list = StatusListBuilder::from_compressed(bits, &compressed).unwrap();
        assert!(list.count() >= case["entries"].as_u64().unwrap(), "{name}");
        let mut named = 0_u64;
        for status in case["statuses"].as_array().unwrap() {
            let (index, value) = (status[0].as_u64().unwrap(), status[1].as_u64().unwrap());
            assert_eq!(u64::from(list.get(index).unwrap().value()), value, "{name}: index {index}");
            named += u64::from(value != 0);
        }
        let set = (0..list.count()).filter(|index| !list.get(*index).unwrap().is_valid()).count();
        assert_eq!(u64::try_from(set).unwrap(), named, "{name}: every other index is 0");
        let again = StatusListBuilder::from_compressed(bits, &list.compressed().unwrap()).unwrap();
        assert_eq!(again.count(), list.count(), "{name}: our own encoding is read back");
        ran += 1;
    }
    assert!(ran > 0);
}

fn pem(name: &str) -> Option<Certificate> {
    let text = std::fs::read_to_string(folder().join("mdoc/isomdl-pem").join(name)).ok()?;
    Some(Certificate::from_pem(&text).unwrap())
}

/// The fault of a chain under a root at a date, or none.
fn fault(chain: &[&str], root: &str, at: &str) -> Option<Option<ChainFault>> {
    let certificates: Option<Vec<_>> = chain.iter().map(|name| pem(name)).collect();
    let chain = CertificateChain::new(certificates?).unwrap();
    let anchor = TrustAnchor::for_issuer(pem(root)?, IssuerEntitlements::types([])).unwrap();
    let anchors: AnchorStore<Issuer> = std::iter::once(anchor).collect();
    let at = Instant::parse_rfc3339(at).unwrap();
    let verified = verify_chain(&chain, &anchors, at, &ChainPolicy::mdoc_document_signer());
    Some(verified.err().map(|error| error.fault))
}

// rule: PK-3, PK-4, PK-5, PK-8
#[test]
fn document_signers_of_other_vendors_are_judged() {
    const ROOT: &str = "presentation-isomdl_iaca_root_cert.pem";
    const MULTIPAZ: &str = "presentation-owf_multipaz_iaca_p384.pem";
    const DATE: &str = "2024-01-01T00:00:00Z";
    let signer = "presentation-isomdl_iaca_signer.pem";
    let intermediate = "presentation-isomdl_iaca_intermediate.pem";
    let cases: [(&[&str], &str, &str, Option<ChainFault>); 6] = [
        (&[signer], ROOT, DATE, None),
        (&[signer], ROOT, "2026-01-01T00:00:00Z", Some(ChainFault::Expired)),
        (&[signer], ROOT, "2023-01-01T00:00:00Z", Some(ChainFault::NotYetValid)),
        (&["presentation-isomdl_incorrect_iaca_signer.pem"], ROOT, DATE, Some(ChainFault::LeafIsAuthority)),
        (&[signer], MULTIPAZ, "2026-01-01T00:00:00Z", Some(ChainFault::UnknownAnchor)),
        // An authority on P-384 above a leaf on P-256.
        (&["presentation-owf_multipaz_ds_p384.pem"], MULTIPAZ, "2026-11-21T00:00:00Z", None),
    ];
    let mut ran = 0;
    for (chain, root, at, expected) in cases {
        let Some(found) = fault(chain, root, at) else {
            println!("left out: 7 cases of mdoc/isomdl-pem (vectors absent)");
            return;
        };
        assert_eq!(found, expected, "{chain:?} at {at}");
        ran += 1;
    }
    let long = fault(&["presentation-isomdl_iaca_leaf_signer.pem", intermediate], ROOT, DATE);
    assert!(long.unwrap().is_some(), "the root allows no intermediate");
    assert!(ran > 0);
}

// rule: PK-2
#[test]
fn a_key_on_another_curve_is_no_key_for_us() {
    let Some(certificate) = pem("issuance-384-cert.pem") else {
        println!("left out: 1 case of mdoc/isomdl-pem (vectors absent)");
        return;
    };
    assert_eq!(certificate.public_key().unwrap_err(), trust::CertificateError::UnsupportedKey);
}

// rule: PK-1, PK-2
#[test]
fn every_certificate_and_key_of_isomdl_is_read_or_refused_for_its_curve() {
    let Ok(files) = std::fs::read_dir(folder().join("mdoc/isomdl-pem")) else {
        println!("left out: 18 cases of mdoc/isomdl-pem (vectors absent)");
        return;
    };
    let (mut certificates, mut keys, mut other_curves) = (Vec::new(), Vec::new(), 0);
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("BEGIN CERTIFICATE") {
            if name == "issuance-issuer-cert.pem" {
                // X.509 version 1: without extensions nothing says what it may be used for.
                assert_eq!(
                    Certificate::from_pem(&text).unwrap_err(),
                    trust::CertificateError::NotVersion3,
                    "{name}"
                );
                continue;
            }
            let certificate = Certificate::from_pem(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(Certificate::from_pem(&certificate.to_pem().unwrap()).unwrap(), certificate, "{name}");
            match certificate.public_key() {
                Ok(key) => certificates.push((name, key)),
                Err(error) => {
                    assert_eq!(error, trust::CertificateError::UnsupportedKey, "{name}");
                    other_curves += 1;
                }
            }
        } else if text.contains("PRIVATE KEY") {
            // A key on P-384 or P-521, or in SEC 1 form, is none for us.
            match crypto::PrivateKey::from_pkcs8_pem(&text) {
                Ok(key) => keys.push((name, crypto::Signer::public_key(&key))),
                Err(_) => other_curves += 1,
            }
        } else {
            // A device key alone, in base64.
            assert!(primitives::base64url::decode_standard(text.trim()).is_ok(), "{name}");
        }
    }
    // A key and its certificate belong together.
    let pairs = [("issuance-256-key.pem", "issuance-256-cert.pem")];
    let mut fitting = 0;
    for (key, certificate) in pairs {
        let key = keys.iter().find(|(name, _)| name == key);
        let certificate = certificates.iter().find(|(name, _)| name == certificate);
        if let (Some((name, key)), Some((_, certified))) = (key, certificate) {
            assert_eq!(key, certified, "{name}");
            fitting += 1;
        }
    }
    println!(
        "{} certificates and {} keys on P-256, {other_curves} on other curves, {fitting} pairs",
        certificates.len(),
        keys.len()
    );
    assert!(certificates.len() >= 6 && fitting > 0 && other_curves >= 4);
}

// rule: PK-1, PK-2
#[test]
fn the_certificates_of_a_list_of_issuers_are_read() {
    let Some(file) = read("mdoc/vical.json") else {
        println!("left out: 1 case of mdoc/vical.json (vectors absent)");
        return;
    };
    let bytes = unhex(file["vical_hex"].as_str().unwrap());
    let sign1 = crypto::cose::UnverifiedSign1::parse(&bytes).unwrap();
    let chain = CertificateChain::from_der(&sign1.x5chain().unwrap()).unwrap();
    let signer = chain.leaf().public_key().unwrap();
    let verified = sign1.verify(&signer, &[]).unwrap();
    let list = crypto::cbor::parse(verified.payload(), 1 << 20).unwrap();
    let entry = |map: &crypto::cbor::Value, name: &str| {
        map.as_map()
            .unwrap()
            .iter()
            .find(|(key, _)| key.as_text() == Some(name))
            .map(|(_, value)| value.clone())
    };
    let infos = entry(&list, "certificateInfos").unwrap();
    let mut read = 0;
    for info in infos.as_array().unwrap() {
        let der = entry(info, "certificate").unwrap().as_bytes().unwrap().clone();
        let certificate = Certificate::from_der(&der).unwrap();
        // As an issuer's anchor, whichever curve it has; what it may issue stands in its entry.
        let types = entry(info, "docType").unwrap();
        let types =
            types.as_array().unwrap().iter().map(|one| trust::CredentialType::mdoc(one.as_text().unwrap()));
        TrustAnchor::for_issuer(certificate, IssuerEntitlements::types(types)).unwrap();
        read += 1;
    }
    assert!(read > 5, "{read}");
    let mut changed = bytes;
    *changed.last_mut().unwrap() ^= 1;
    assert!(crypto::cose::UnverifiedSign1::parse(&changed).unwrap().verify(&signer, &[]).is_err());
}

// rule: PK-1
#[test]
fn the_keys_and_certificates_of_mdoc_ts_belong_together() {
    let Some(file) = read("mdoc/mdoc-ts-keys.json") else {
        println!("left out: 1 case of mdoc/mdoc-ts-keys.json (vectors absent)");
        return;
    };
    let mut keys = 0;
    for (name, value) in file.as_object().unwrap() {
        if name.ends_with("_jwk") {
            let scalar = primitives::base64url::decode(value["d"].as_str().unwrap()).unwrap();
            let private =
                crypto::PrivateKey::from_scalar(&crypto::SecretBytes::from_slice(&scalar).unwrap()).unwrap();
            let mut public = value.clone();
            public.as_object_mut().unwrap().remove("d");
            let public = *crypto::PublicJwk::from_value(&public).unwrap().key();
            assert_eq!(crypto::Signer::public_key(&private), public, "{name}");
            keys += 1;
        }
    }
    let texts = file["pem"].as_object().unwrap();
    for (name, text) in texts.iter().filter(|(name, _)| name.contains("CERTIFICATE")) {
        Certificate::from_pem(text.as_str().unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert!(keys >= 2, "{keys}");
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
