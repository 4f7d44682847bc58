//! What is written is read again alike: offers, metadata of issuers and of servers, for everything that they can say.

use openid4vci::metadata::{IssuerMetadata, ServerMetadata};
use openid4vci::offer::*;
use openid4vci::wire::Identifier;
use primitives::UniqueNonEmpty;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn identifier(text: &str) -> Identifier {
    Identifier::parse(text, "issuer").unwrap()
}

fn any_identifier() -> impl Strategy<Value = Identifier> {
    "https://[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?(/[a-z0-9~_-]{0,5}){0,3}"
        .prop_map(|text| identifier(&text))
}

fn any_code() -> impl Strategy<Value = TransactionCode> {
    (any::<bool>(), prop::option::of(1..64_u32), prop::option::of("[가-힣a-z \"]{1,20}")).prop_map(
        |(numeric, length, description)| TransactionCode {
            input_mode: if numeric { InputMode::Numeric } else { InputMode::Text },
            length,
            description,
        },
    )
}

fn any_grants() -> impl Strategy<Value = Grants> {
    let opaque = "[ -~]{1,30}";
    let authorization = (prop::option::of(opaque), prop::option::of(any_identifier())).prop_map(
        |(issuer_state, authorization_server)| AuthorizationCodeGrant { issuer_state, authorization_server },
    );
    let pre_authorized = (opaque, prop::option::of(any_code()), prop::option::of(any_identifier())).prop_map(
        |(code, tx_code, server)| {
            let mut grant = PreAuthorizedCodeGrant::new(code, tx_code);
            grant.authorization_server = server;
            grant
        },
    );
    (prop::option::of(authorization), prop::option::of(pre_authorized)).prop_map(
        |(authorization_code, pre_authorized_code)| Grants {
            unnamed: authorization_code.is_none() && pre_authorized_code.is_none(),
            authorization_code,
            pre_authorized_code,
        },
    )
}

/// An object in which each member stands or not.
fn some_of(members: &[(&'static str, Value)]) -> impl Strategy<Value = Map<String, Value>> + use<> {
    prop::sample::subsequence(members.to_vec(), 0..=members.len())
        .prop_map(|chosen| chosen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn endpoint(name: &str) -> Value {
    json!(format!("https://issuer.example/{name}?a=b%20c"))
}

proptest! {
    // rule: CI-1, CI-2
    #[test]
    fn an_offer_is_the_same_as_json_and_as_a_link(
        issuer in any_identifier(),
        ids in prop::collection::btree_set("[ -~가-힣]{1,20}", 1..4),
        grants in any_grants(),
    ) {
        let ids = UniqueNonEmpty::new(ids.into_iter().collect()).unwrap();
        let offer = CredentialOffer::new(issuer, ids, grants);
        prop_assert_eq!(&CredentialOffer::from_json(offer.to_json().to_string().as_bytes()).unwrap(), &offer);
        match OfferSource::parse(&offer.link("openid-credential-offer")).unwrap() {
            OfferSource::ByValue(read) => prop_assert_eq!(read, offer),
            OfferSource::ByReference(_) => prop_assert!(false, "by reference"),
        }
    }

    // rule: CI-5
    #[test]
    fn a_servers_metadata_are_written_and_read_again(
        mut members in some_of(&[
            ("authorization_endpoint", endpoint("authorize")),
            ("pushed_authorization_request_endpoint", endpoint("par")),
            ("challenge_endpoint", endpoint("challenge")),
            ("grant_types_supported", json!([PRE_AUTHORIZED_CODE_GRANT])),
            ("code_challenge_methods_supported", json!(["plain"])),
            ("dpop_signing_alg_values_supported", json!(["ES256", "ES384"])),
            ("authorization_response_iss_parameter_supported", json!(true)),
            ("token_endpoint_auth_methods_supported", json!(["attest_jwt_client_auth", "private_key_jwt"])),
            ("client_attestation_signing_alg_values_supported", json!(["ES512"])),
            ("token_endpoint_auth_signing_alg_values_supported", json!(["RS256"])),
            ("authorization_details_types_supported", json!(["openid_credential"])),
        ]),
        tells_challenge_methods in any::<bool>(),
    ) {
        let expected = identifier("https://issuer.example/a");
        if tells_challenge_methods {
            members.insert("code_challenge_methods_supported".to_owned(), json!(["S256", "plain"]));
        }
        members.insert("issuer".to_owned(), json!(expected.as_str()));
        members.insert("token_endpoint".to_owned(), endpoint("token"));
        let read = ServerMetadata::from_json(Value::Object(members).to_string().as_bytes(), &expected).unwrap();
        let again = ServerMetadata::from_json(read.to_json().to_string().as_bytes(), &expected).unwrap();
        prop_assert_eq!(again, read);
    }

    // rule: CI-3
    #[test]
    fn an_issuers_metadata_are_written_and_read_again(
        mut members in some_of(&[
            ("nonce_endpoint", endpoint("nonce")),
            ("deferred_credential_endpoint", endpoint("deferred")),
            ("notification_endpoint", endpoint("notification")),
            ("authorization_servers", json!(["https://a.example", "https://b.example/x"])),
            ("batch_credential_issuance", json!({ "batch_size": 7 })),
            ("display", json!([{ "name": "가람시 (시연용)", "locale": "ko" }, { "name": "Garam" }])),
        ]),
        mut configuration in some_of(&[
            ("scope", json!("resident")),
            ("cryptographic_binding_methods_supported", json!(["jwk", "did:jwk"])),
            ("credential_signing_alg_values_supported", json!(["ES256"])),
            ("credential_metadata", json!({
                "display": [{ "name": "주민등록증", "locale": "ko-KR", "background_color": "#12107c" }],
                "claims": [{ "path": ["address", null, 0], "mandatory": true, "display": [{ "name": "주소", "locale": "ko" }] }],
            })),
        ]),
        bound in any::<bool>(),
        mdoc in any::<bool>(),
    ) {
        let expected = identifier("https://issuer.example/a");
        if bound {
            configuration.insert("cryptographic_binding_methods_supported".to_owned(), json!([if mdoc { "cose_key" } else { "jwk" }]));
            configuration.insert(
                "proof_types_supported".to_owned(),
                json!({ "jwt": { "proof_signing_alg_values_supported": ["ES256"] } }),
            );
        }
        let (format, name) = if mdoc { ("mso_mdoc", "doctype") } else { ("dc+sd-jwt", "vct") };
        configuration.insert("format".to_owned(), json!(format));
        configuration.insert(name.to_owned(), json!("urn:fuzz:Card:1"));
        members.insert("credential_issuer".to_owned(), json!(expected.as_str()));
        members.insert("credential_endpoint".to_owned(), endpoint("credential"));
        members.insert("credential_configurations_supported".to_owned(), json!({ "a": configuration }));
        let read = IssuerMetadata::from_json(Value::Object(members).to_string().as_bytes(), &expected).unwrap();
        let again = IssuerMetadata::from_json(read.to_json().to_string().as_bytes(), &expected).unwrap();
        prop_assert_eq!(again.to_json(), read.to_json());
        if let Some(known) = read.usable("a") {
            prop_assert_eq!(again.usable("a").unwrap(), known);
        }
    }
}
