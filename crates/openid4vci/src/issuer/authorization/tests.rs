//! The authorization details of the specification's examples.

use super::*;
use crate::wire::Identifier;

const EXAMPLES: [(&str, &[&str]); 7] = [
    ("authorization_details", &["UniversityDegreeCredential"]),
    ("authorization_details_jwt_vc_json", &["UniversityDegreeCredential"]),
    ("authorization_details_ldp_vc", &["UniversityDegree_LDP_VC"]),
    ("authorization_details_mso_doc", &["org.iso.18013.5.1.mDL"]),
    ("authorization_details_multiple_credentials", &["UniversityDegreeCredential", "org.iso.18013.5.1.mDL"]),
    ("authorization_details_sd_jwt_vc", &["PID_SD_JWT_VC"]),
    ("authorization_details_with_as", &["UniversityDegreeCredential"]),
];

fn read(name: &str) -> Option<String> {
    let folder = std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    std::fs::read_to_string(format!("{folder}/openid4vci/examples/{name}.json")).ok()
}

/// An issuer of everything that the examples name, in a format of ours; with `servers` it has authorization servers elsewhere.
fn issuer(servers: bool) -> IssuerMetadata {
    let issuer = "https://credential-issuer.example.com";
    let configuration = json!({ "format": "dc+sd-jwt", "vct": "urn:example:one" });
    let ids = EXAMPLES.iter().flat_map(|(_, ids)| *ids).map(|id| ((*id).to_owned(), configuration.clone()));
    let mut whole = json!({
        "credential_issuer": issuer,
        "credential_endpoint": format!("{issuer}/credential"),
        "credential_configurations_supported": ids.collect::<serde_json::Map<_, _>>(),
    });
    if servers {
        whole["authorization_servers"] = json!(["https://server.example.com"]);
    }
    let own = Identifier::parse(issuer, "x").unwrap();
    IssuerMetadata::from_json(whole.to_string().as_bytes(), &own).unwrap()
}

// rule: CI-7
#[test]
fn the_authorization_details_of_the_specification_name_their_configurations() {
    for (name, ids) in EXAMPLES {
        let Some(details) = read(name) else {
            println!("left out: 1 cases of {name}.json (vectors absent)");
            continue;
        };
        let mut found = requested(&issuer(false), None, Some(&details)).unwrap();
        found.sort();
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{name}");
        // Where the authorization server is another, `locations` must say which issuer is meant.
        let elsewhere = requested(&issuer(true), None, Some(&details));
        assert_eq!(elsewhere.is_ok(), name == "authorization_details_with_as", "{name}");
        let other = details.replace("openid_credential", "openid");
        assert!(requested(&issuer(false), None, Some(&other)).is_err(), "{name}");
    }
}
