//! Authorization server metadata: written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use openid4vci::metadata::ServerMetadata;
use openid4vci::wire::Identifier;

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vci/examples"]);
        seeds.push(br#"{"issuer":"https://as.example/x","authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t","pushed_authorization_request_endpoint":"https://as.example/p","challenge_endpoint":"https://as.example/c","grant_types_supported":["authorization_code"],"code_challenge_methods_supported":["S256"],"dpop_signing_alg_values_supported":["ES256"],"token_endpoint_auth_methods_supported":["attest_jwt_client_auth"],"require_pushed_authorization_requests":true,"pre-authorized_grant_anonymous_access_supported":true}"#.to_vec());
        seeds
    }),
    |data: &[u8]| {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
        let Some(name) = value.get("issuer").and_then(|name| name.as_str()) else { return };
        let Ok(expected) = Identifier::parse(name, "issuer") else { return };
        let _ = ServerMetadata::request(&expected).map(|request| assert_eq!(request.url.scheme(), "https"));
        let Ok(metadata) = ServerMetadata::from_json(data, &expected) else { return };
        let _ = metadata.takes("authorization_code");
        let written = metadata.to_json();
        let again = ServerMetadata::from_json(written.to_string().as_bytes(), &expected).unwrap();
        assert_eq!(again.to_json(), written);
    }
);
