//! The examples of OpenID4VCI 1.0 and the metadata of the conformance suite.

use openid4vci::metadata::{
    ConfigurationEntry, IssuerMetadata, ServerMetadata, Unusable, verify_signed_metadata,
};
use openid4vci::offer::CredentialOffer;
use openid4vci::wire::Identifier;
use primitives::Instant;
use serde_json::Value;
use trust::{AnchorStore, Certificate, IssuerEntitlements, TrustAnchor};

fn body(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.split_once("\n\n")
        .map_or(
            text.clone(),
            |(head, rest)| if head.starts_with("HTTP/") { rest.into() } else { text.clone() },
        )
        .into_bytes()
}

// rule: CI-2
#[test]
fn the_offers_of_the_specification_are_read() {
    let mut run = 0;
    for (file, pre_authorized, tx_code, ids) in [
        ("credential_offer_authz_code.txt", false, false, 1),
        ("credential_offer_by_reference.json", true, true, 1),
        ("credential_offer_multiple_credentials.json", true, true, 2),
        ("credential_offer_pre-authz_code.json", true, true, 1),
    ] {
        let Some(text) = crate::vectors::bytes(&format!("openid4vci/examples/{file}")) else { continue };
        let offer = CredentialOffer::from_json(&body(&text)).unwrap();
        assert_eq!(offer.configuration_ids().len(), ids, "{file}");
        let grant = offer.grants().pre_authorized_code.as_ref();
        assert_eq!(grant.is_some(), pre_authorized, "{file}");
        // an empty `tx_code` object asks for a code as well
        assert_eq!(grant.is_some_and(|it| it.tx_code.is_some()), tx_code, "{file}");
        let again = CredentialOffer::from_json(offer.to_json().to_string().as_bytes()).unwrap();
        assert_eq!(again, offer, "{file}");
        run += 1;
    }
    assert!(run == 4 || !crate::vectors::folder().exists());
}

/// A verdict of the schema that counts here: members that it does not know are ignored by this specification (section 12.2.4).
fn counts(error: &Value) -> bool {
    !matches!(error["keyword"].as_str(), Some("additionalProperties" | "unevaluatedProperties"))
}

// rule: CI-3
#[test]
fn the_conformance_suites_issuer_metadata_get_the_verdict_of_its_schema() {
    let Some(checks) = crate::vectors::read("metadata/checks.json") else { return };
    let mut run = 0;
    for (file, check) in checks["files"].as_object().unwrap() {
        let bytes = crate::vectors::bytes(&format!("metadata/openid4vci-1_0/{file}")).unwrap();
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        let Ok(id) = Identifier::parse(json["credential_issuer"].as_str().unwrap(), "x") else {
            panic!("{file}")
        };
        let errors: Vec<&Value> =
            check["errors"].as_array().unwrap().iter().filter(|it| counts(it)).collect();
        let configurations = "/credential_configurations_supported/";
        let whole = errors.iter().any(|it| !it["at"].as_str().unwrap().starts_with(configurations));
        let parsed = IssuerMetadata::from_json(&bytes, &id);
        assert_eq!(parsed.is_err(), whole, "{file}: {errors:?}");
        if let Ok(metadata) = parsed {
            for error in errors {
                let id = error["at"].as_str().unwrap().trim_start_matches(configurations);
                // a `claims` member beside `credential_metadata` is of a draft, and no member of this version
                if !id.ends_with("/claims") {
                    let entry = metadata.configuration(id).unwrap();
                    assert_eq!(entry, &ConfigurationEntry::Unusable(Unusable::Malformed), "{file}");
                }
            }
        }
        run += 1;
    }
    assert!(run > 0);
}

// rule: CI-3
#[test]
fn metadata_of_another_issuer_are_refused() {
    let Some(bytes) =
        crate::vectors::bytes("openid4vci/examples/credential_issuer_metadata_sd_jwt_long.json")
    else {
        return;
    };
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    let own = json["credential_issuer"].as_str().unwrap();
    let metadata = IssuerMetadata::from_json(&bytes, &Identifier::parse(own, "x").unwrap()).unwrap();
    assert!(metadata.configurations.iter().any(|(_, it)| matches!(it, ConfigurationEntry::Usable(_))));
    for other in [format!("{own}/"), own.to_uppercase().replace("HTTPS", "https")] {
        assert!(
            IssuerMetadata::from_json(&bytes, &Identifier::parse(&other, "x").unwrap()).is_err(),
            "{other}"
        );
    }
}

// rule: CI-5
#[test]
fn the_conformance_suites_server_metadata() {
    let folder = "metadata/openid4vci-1_0";
    let Some(full) =
        crate::vectors::bytes(&format!("{folder}/valid-oauth-authorization-server-metadata-mock-full.json"))
    else {
        return;
    };
    let own = Identifier::parse("https://auth.example.com", "x").unwrap();
    let metadata = ServerMetadata::from_json(&full, &own).unwrap();
    assert!(metadata.pkce_s256 && !metadata.anonymous_pre_authorized && !metadata.dpop);
    let other = Identifier::parse("https://auth.example.com/", "x").unwrap();
    assert!(ServerMetadata::from_json(&full, &other).is_err());
    let bad = crate::vectors::bytes(&format!(
        "{folder}/invalid-oauth-authorization-server-metadata-multiple-errors.json"
    ));
    assert!(ServerMetadata::from_json(&bad.unwrap(), &own).is_err());
}

// rule: CI-4, HA-5
#[test]
fn the_signed_metadata_of_the_specification_are_refused_since_their_signer_is_the_anchor() {
    let Some(file) = crate::vectors::read("openid4vci/jwts.json") else { return };
    let case = &file["cases"].as_array().unwrap()[0];
    let der = primitives::base64url::decode_standard(case["header"]["x5c"][0].as_str().unwrap()).unwrap();
    let mut anchors = AnchorStore::new();
    let certificate = Certificate::from_der(&der).unwrap();
    let any = IssuerEntitlements::any_for_developer_profile();
    let own = Identifier::parse("https://credential-issuer.example.com", "x").unwrap();
    let now = Instant::from_unix_seconds(1_760_000_000);
    let token = case["token"].as_str().unwrap().as_bytes();
    assert!(verify_signed_metadata(token, &own, &anchors, now).is_err());
    if let Ok(anchor) = TrustAnchor::for_issuer(certificate, any) {
        anchors.add(anchor);
    }
    assert!(verify_signed_metadata(token, &own, &anchors, now).is_err());
}
