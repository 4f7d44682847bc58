//! Signed issuer metadata. After `J` a whole token; after `j` the claims, which the issuer then signs.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use libfuzzer_sys::fuzz_target;
use openid4vci::metadata::{IssuerMetadata, sign_issuer_metadata, verify_signed_metadata};
use openid4vci::wire::Identifier;
use std::sync::OnceLock;

const DOCUMENT: &str = r#"{"credential_issuer":"https://issuer.example","credential_endpoint":"https://issuer.example/c","nonce_endpoint":"https://issuer.example/n","display":[{"name":"I","locale":"ko"}],"credential_configurations_supported":{"a":{"format":"dc+sd-jwt","vct":"urn:fuzz:Card:1","cryptographic_binding_methods_supported":["jwk"],"proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["ES256"]}}}}}"#;

fn issuer() -> Identifier {
    Identifier::parse("https://issuer.example", "x").unwrap()
}

fn genuine() -> &'static String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let metadata = IssuerMetadata::from_json(DOCUMENT.as_bytes(), &issuer()).unwrap();
        sign_issuer_metadata(&metadata, now(), &world().issuer.chain, &world().issuer.key).unwrap()
    })
}

fuzz_target!(
    init: plant(|| {
        let payload = UnverifiedJws::parse(genuine()).unwrap().dangerous_payload().to_vec();
        vec![[b"J", genuine().as_bytes()].concat(), [b"j", &payload[..]].concat()]
    }),
    |data: &[u8]| {
        let Some((kind, rest)) = data.split_first() else { return };
        let token = match kind {
            b'J' => rest.to_vec(),
            b'j' if serde_json::from_slice::<serde_json::Value>(rest).is_ok() => {
                let header = HeaderBuilder::new("openidvci-issuer-metadata+jwt").x5c(&world().issuer.chain.to_der());
                header.sign(rest, &world().issuer.key).unwrap().into_bytes()
            }
            _ => return,
        };
        let Ok(metadata) = verify_signed_metadata(&token, &issuer(), &world().issuers, now()) else { return };
        assert!(metadata.signer.is_some());
        if *kind == b'J' {
            let known = IssuerMetadata::from_json(DOCUMENT.as_bytes(), &issuer()).unwrap();
            assert_eq!(metadata.to_json(), known.to_json());
        }
    }
);
