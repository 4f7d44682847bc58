//! Issuer metadata: written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use openid4vci::holder::SignedMetadata;
use openid4vci::metadata::IssuerMetadata;
use openid4vci::wire::Identifier;

fuzz_target!(
    init: plant(|| vector_files(&["metadata", "openid4vci/examples"])),
    |data: &[u8]| {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
        let Some(name) = value.get("credential_issuer").and_then(|name| name.as_str()) else { return };
        let Ok(expected) = Identifier::parse(name, "credential_issuer") else { return };
        let _ = IssuerMetadata::request(&expected, SignedMetadata::Prefer).map(|request| assert_eq!(request.url.scheme(), "https"));
        let Ok(metadata) = IssuerMetadata::from_json(data, &expected) else { return };
        let written = metadata.to_json();
        let again = IssuerMetadata::from_json(written.to_string().as_bytes(), &expected).unwrap();
        assert_eq!(again.to_json(), written);
        let other = Identifier::parse("https://other.example", "x").unwrap();
        assert!(name == other.as_str() || IssuerMetadata::from_json(data, &other).is_err());
    }
);
