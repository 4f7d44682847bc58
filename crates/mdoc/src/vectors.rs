//! Documents of other makers, ISO/IEC 18013-5 Annex D among them: read, issuer signature, digests, device signature.
//!
//! They are checked below the public functions, because their document signers' authorities are not given, have expired or are made
//! otherwise than RFC 5280 asks; one chain that holds is checked whole. Each case is counted or left out by name.

use primitives::Instant;
use serde_json::Value;
use trust::certificate::Certificate;
use trust::{AnchorStore, CredentialType, IssuerEntitlements, TrustAnchor};

use crate::cbor::{Item, STRUCTURE_BOUNDS};
use crate::verify::verify_digests;
use crate::{
    DeviceResponse, DeviceResponseError, IssuerAuthError, IssuerDataError, IssuerSigned, IssuerSignedError,
    MobileSecurityObject, SessionTranscript,
};

/// A file of vectors, or a line that says how many cases were left out.
fn vectors(file: &str, cases: usize) -> Option<Value> {
    let folder = std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    match std::fs::read_to_string(format!("{folder}/{file}")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("left out: {cases} cases of {file} (vectors absent)");
            None
        }
    }
}

fn unhex(value: &Value) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    value.as_str().unwrap().as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn from_pem(pem: &Value) -> Certificate {
    let text: String = pem.as_str().unwrap().lines().filter(|line| !line.starts_with("-----")).collect();
    Certificate::from_der(&primitives::base64url::decode_standard(&text).unwrap()).unwrap()
}

/// The issuer's signature by the contained leaf, and all digests.
fn assert_issuer_data(issuer_signed: &IssuerSigned, name: &str, elements: usize) {
    let leaf = issuer_signed.issuer_auth.chain().leaf().public_key().unwrap();
    assert!(issuer_signed.issuer_auth.verify(&leaf).is_ok(), "{name}");
    assert_eq!(verify_digests(&issuer_signed.name_spaces, &issuer_signed.security_object), Ok(()), "{name}");
    assert_eq!(issuer_signed.unverified_claims().iter().count(), elements, "{name}");
}

/// What the issuer signed of the first document, whatever the rest of the response is.
fn issuer_signed_of(response: &[u8]) -> IssuerSigned {
    let response = Item::parse(response, STRUCTURE_BOUNDS).map_err(|error| error.to_string()).unwrap();
    let document = &response.member("documents").unwrap().as_array().unwrap()[0];
    IssuerSigned::from_item(document.member("issuerSigned").unwrap())
        .map_err(|error| error.to_string())
        .unwrap()
}

/// The number of elements that `checked` found when the vectors were gathered.
fn elements(checked: &Value) -> usize {
    checked["digests"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()
}

fn case<'v>(vectors: &'v Value, name: &str) -> &'v Value {
    ["cases", "vectors", "hex_values"]
        .iter()
        .filter_map(|list| vectors[list].as_array())
        .flatten()
        .find(|case| case["name"] == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

// rule: MD-3, MD-16, MD-17, MD-27, MD-30
#[test]
fn responses_of_other_wallets_verify_against_their_transcripts() {
    let file = "mdoc/mdoc-ts.json";
    let Some(vectors) = vectors(file, 5) else { return };
    let mut count = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let bytes = unhex(&case["hex"]);
        if case["kind"] == "IssuerSigned" {
            let issuer_signed = IssuerSigned::parse(&bytes).map_err(|error| error.to_string()).unwrap();
            assert_issuer_data(&issuer_signed, name, elements(&case["checked"]));
            count += 1;
            continue;
        }
        let transcript =
            SessionTranscript::from_bytes(&unhex(&case["session_transcript_hex_computed_here"])).unwrap();
        let response = match DeviceResponse::parse(&bytes) {
            Ok(response) => response,
            Err(error) => {
                println!("left out: {name} of {file} ({error})");
                continue;
            }
        };
        assert_issuer_data(&response.issuer_signed, name, elements(&case["checked"][0]));
        assert_eq!(response.verify_device(&transcript), Ok(()), "{name}");
        let other = SessionTranscript::openid4vp_dc_api("https://other.example", "nonce", None);
        assert_eq!(response.verify_device(&other), Err(DeviceResponseError::DeviceSignature), "{name}");
        count += 1;
    }
    // Ubique's certificate has a serial number of 32 bytes, which RFC 5280 4.1.2.2 forbids.
    assert_eq!(count, 4);
}

// rule: MD-30, VP-H3
#[test]
fn the_transcript_of_another_wallets_openid4vp_response_is_computed_alike() {
    let Some(vectors) = vectors("mdoc/mdoc-ts.json", 1) else { return };
    let animo = case(&vectors, "animo");
    let parameter = |name: &str| animo["parameters"][name].as_str().unwrap();
    let thumbprint = unhex(&animo["parameters"]["jwk_thumbprint_hex"]).try_into().unwrap();
    let transcript = SessionTranscript::openid4vp_redirect(
        parameter("client_id"),
        parameter("nonce"),
        Some(&thumbprint),
        parameter("response_uri"),
    );
    assert_eq!(transcript.as_bytes(), unhex(&animo["session_transcript_hex_computed_here"]));
}

// rule: MD-13, MD-14, MD-20, MD-21, MD-22
#[test]
fn another_wallets_response_is_judged_whole_up_to_its_root() {
    let Some(vectors) = vectors("mdoc/mdoc-ts.json", 1) else { return };
    let animo = case(&vectors, "animo");
    let entitlements = IssuerEntitlements::types([CredentialType::mdoc("eu.europa.ec.eudi.pid.1")]);
    let root = from_pem(&animo["certificates_pem"]["rootCertificate"]);
    let anchor = TrustAnchor::for_issuer(root, entitlements).unwrap();
    let anchors: AnchorStore<_> = [anchor].into_iter().collect();
    let transcript =
        SessionTranscript::from_bytes(&unhex(&animo["session_transcript_hex_computed_here"])).unwrap();
    let now = Instant::parse_rfc3339("2026-01-12T00:00:00Z").unwrap();
    let response = DeviceResponse::parse(&unhex(&animo["hex"])).map_err(|error| error.to_string()).unwrap();
    let verify = |now| response.clone().verify(&transcript, &anchors, now);
    assert_eq!(verify(now).map_err(|error| error.to_string()).unwrap().claims.iter().count(), 2);
    let late = Instant::parse_rfc3339("2027-01-08T11:35:35Z").unwrap();
    assert!(matches!(verify(late).err(), Some(DeviceResponseError::Issuer(_))));
    assert!(response.verify(&transcript, &AnchorStore::new(), now).is_err());
}

// rule: MD-3, MD-16, MD-17, MD-27, MD-28
#[test]
fn responses_of_the_conformance_suite_are_read() {
    let file = "mdoc/conformance-suite.json";
    let Some(vectors) = vectors(file, 3) else { return };
    let mut count = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let parsed = DeviceResponse::parse_base64url(case["base64url"].as_str().unwrap());
        if case["checked"][0]["device_auth"] == "mac" {
            assert_eq!(parsed.err(), Some(DeviceResponseError::DeviceMac), "{name}");
            count += 1;
            continue;
        }
        if name == "mdoc-animo" {
            // `undefined` where the payload and a MAC are to be absent: not what ISO/IEC 18013-5 describes.
            assert_eq!(parsed.err(), Some(DeviceResponseError::DeviceAuth));
            println!("left out: device signature of {name} of {file} (malformed)");
            assert_issuer_data(&issuer_signed_of(&unhex(&case["hex"])), name, elements(&case["checked"][0]));
            count += 1;
            continue;
        }
        let response = parsed.map_err(|error| error.to_string()).unwrap();
        assert_issuer_data(&response.issuer_signed, name, elements(&case["checked"][0]));
        let transcript = SessionTranscript::from_bytes(&unhex(&case["session_transcript_hex"])).unwrap();
        assert_eq!(response.verify_device(&transcript), Ok(()), "{name}");
        count += 1;
    }
    assert_eq!(count, 3);
}

// rule: MD-3, MD-16, MD-17, MD-28
#[test]
fn the_response_of_annex_d_is_read_up_to_its_mac() {
    let Some(vectors) = vectors("mdoc/annex-d.json", 2) else { return };
    let bytes = unhex(&case(&vectors, "device_response")["hex"]);
    assert_eq!(DeviceResponse::parse(&bytes).err(), Some(DeviceResponseError::DeviceMac));
    let issuer_signed = issuer_signed_of(&bytes);
    assert_issuer_data(&issuer_signed, "annex-d", 6);
    assert_eq!(issuer_signed.unverified_security_object().doc_type, "org.iso.18013.5.1.mDL");
    assert!(bytes.windows(issuer_signed.to_bytes().len()).any(|window| window == issuer_signed.to_bytes()));
    let claims = issuer_signed.unverified_claims();
    assert_eq!(claims.value("org.iso.18013.5.1", "family_name").unwrap(), "Doe");
    assert_eq!(claims.value("org.iso.18013.5.1", "issue_date").unwrap(), "2019-10-20");
    let portrait = unhex(&case(&vectors, "device_response_portrait_data")["hex"]);
    let portrait = primitives::base64url::encode(&portrait);
    assert_eq!(claims.value("org.iso.18013.5.1", "portrait").unwrap(), &portrait);
    let certificate = unhex(&case(&vectors, "ds_cert")["hex"]);
    assert_eq!(issuer_signed.issuer_auth.chain().leaf().der(), certificate);

    // SessionTranscriptBytes is the transcript inside tag 24.
    let transcript = unhex(&case(&vectors, "session_transcript_bytes")["hex"]);
    let transcript = Item::parse(&transcript, STRUCTURE_BOUNDS).unwrap();
    assert!(SessionTranscript::from_bytes(transcript.as_embedded().unwrap()).is_ok());
}

// rule: MD-3, MD-4, MD-7, MD-16, MD-17, MD-18
#[test]
fn structures_of_isomdl_and_pymdoc_are_read() {
    let Some(isomdl) = vectors("mdoc/isomdl.json", 3) else { return };
    let bytes = unhex(&case(&isomdl, "issuer_signed")["hex"]);
    let issuer_signed = IssuerSigned::parse(&bytes).map_err(|error| error.to_string()).unwrap();
    assert_issuer_data(&issuer_signed, "issuer_signed", 6);
    assert_eq!(issuer_signed.to_bytes(), bytes);
    // The values taken out, to be kept apart: these items are not those that were signed.
    let bytes = unhex(&case(&isomdl, "issuer_signed_dehydrated")["hex"]);
    let dehydrated = IssuerSigned::parse(&bytes).map_err(|error| error.to_string()).unwrap();
    let verdict = verify_digests(&dehydrated.name_spaces, &dehydrated.security_object);
    assert_eq!(verdict, Err(IssuerDataError::DigestMismatch));
    // A toy: a tagged COSE_Sign1 around a text.
    let bytes = unhex(&case(&isomdl, "device_response")["hex"]);
    let expected = IssuerSignedError::IssuerAuth(IssuerAuthError::Malformed);
    assert_eq!(DeviceResponse::parse(&bytes).err(), Some(DeviceResponseError::IssuerSigned(expected)));

    let Some(pymdoc) = vectors("mdoc/pymdoc-cbor.json", 1) else { return };
    let bytes = unhex(&case(&pymdoc, "test_01_mdoc_parser/ISSUED_MDOC")["hex"]);
    assert_issuer_data(&issuer_signed_of(&bytes), "pymdoc", 6);
}

// rule: MD-7, MD-9, MD-11
#[test]
fn single_structures_of_mdoc_ts_are_read() {
    let Some(vectors) = vectors("mdoc/mdoc-ts-models.json", 3) else { return };
    let object = unhex(&case(&vectors, "mobile-security-object/cbor")["hex"]);
    let mut embedded = Vec::new();
    crate::cbor::write::embedded(&mut embedded, &object);
    let object = MobileSecurityObject::parse(&embedded).map_err(|error| error.to_string()).unwrap();
    assert_eq!(object.validity.valid_until, Instant::parse_rfc3339("2021-10-01T13:30:02Z").unwrap());
    // Written as we write it, it is read as the same.
    assert!(MobileSecurityObject::parse(&object.encode()).ok() == Some(object));
    // issuerAuth under tag 18, which ISO/IEC 18013-5 leaves out.
    let tagged = unhex(&case(&vectors, "issuer-auth/cbor")["hex"]);
    let error = crate::issuer_auth::IssuerAuth::parse(&tagged).err();
    assert_eq!(error, Some(IssuerAuthError::Malformed));
    assert!(crate::issuer_auth::IssuerAuth::parse(&tagged[1..]).is_ok());
}
