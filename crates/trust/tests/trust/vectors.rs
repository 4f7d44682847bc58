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
