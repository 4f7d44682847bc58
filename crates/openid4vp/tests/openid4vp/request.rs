//! Requests that are refused, one case for each step of the check, and what is tolerated (VP-R, VP-C, VP-T1, VP-S3, VP-S4).

use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use openid4vp::holder::{Objection, RequestError as E, RespondError, UnsupportedPrefix};
use openid4vp::limits;
use openid4vp::verifier::{ClientIdentity, RequestBuilder};
use primitives::{Refusal, base64url};
use serde_json::{Value, json};
use trust::certificate::builder::{CertificateBuilder, Subject, Validity};
use trust::{AnchorStore, CertificateChain, ChainFault};

/// The refusal of the good request with these members changed.
fn refused(changes: Value) -> E {
    World::new().receive_with(changes).map(|_| ()).expect_err("the request was accepted")
}

#[test]
fn the_good_request_is_accepted_as_it_is() {
    assert!(World::new().receive_with(json!({})).is_ok());
}

// rule: VP-R1
#[test]
fn a_request_object_of_another_type_is_refused() {
    let world = World::new();
    let claims = world.claims();
    let chain = world.verifier.chain.to_der();
    let link = link(&world.verifier.hash_id());
    for header in [HeaderBuilder::new("JWT"), HeaderBuilder::without_type()] {
        let object = header.x5c(&chain).sign_claims(&claims, &world.verifier.key).unwrap();
        assert_eq!(world.receive_object(&link, &object).unwrap_err(), E::RequestObjectType);
    }
}

// rule: VP-R1
#[test]
fn what_is_no_signed_object_is_refused() {
    let world = World::new();
    let link = link(&world.verifier.hash_id());
    let claims = Value::Object(world.claims()).to_string();
    let encoded = base64url::encode(claims.as_bytes());
    let unsecured = |header: &str| format!("{}.{encoded}.", base64url::encode(header.as_bytes()));
    let typed = unsecured(r#"{"alg":"none","typ":"oauth-authz-req+jwt"}"#);
    // This client signs, whatever the object says.
    assert_eq!(world.receive_object(&link, &typed).unwrap_err(), E::SignatureMissing);
    let other = unsecured(r#"{"alg":"None","typ":"oauth-authz-req+jwt"}"#);
    for object in [
        "",
        "a.b.c",
        "{}",
        &other,
        &format!("{typed}AAAA"),
        &"a".repeat(limits::MAX_REQUEST_OBJECT_BYTES + 1),
    ] {
        assert_eq!(world.receive_object(&link, object).unwrap_err(), E::RequestObject);
    }
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world.verifier.chain.to_der());
    let client_id = world.verifier.hash_id();
    let twice = format!(r#"{{"client_id":"{client_id}","client_id":"{client_id}"}}"#);
    let object = header.sign(twice.as_bytes(), &world.verifier.key).unwrap();
    assert_eq!(world.receive_object(&link, &object).unwrap_err(), E::RequestObject);
}

// rule: VP-R2, VP-R3
#[test]
fn iss_and_unknown_parameters_are_ignored() {
    let world = World::new();
    assert!(world.receive_with(json!({ "iss": "https://somebody.else", "x-unknown": { "a": [1] } })).is_ok());
}

// rule: VP-R4
#[test]
fn exactly_one_query_is_asked() {
    assert_eq!(refused(json!({ "dcql_query": null })), E::QueryMissing);
    assert_eq!(refused(json!({ "scope": "com.example.card" })), E::QueryMissing);
    assert_eq!(refused(json!({ "scope": "com.example.card", "dcql_query": null })), E::Scope);
    assert_eq!(refused(json!({ "dcql_query": { "credentials": [] } })), E::Query(dcql::QueryError::Empty));
}

// rule: VP-R5
#[test]
fn nonce_and_state_are_url_safe() {
    for nonce in [json!(null), json!(""), json!("a b"), json!("a+b"), json!(1)] {
        assert_eq!(refused(json!({ "nonce": nonce })), E::Nonce, "{nonce}");
    }
    for state in [json!(""), json!("a b"), json!("가"), json!(1)] {
        assert_eq!(refused(json!({ "state": state })), E::State, "{state}");
    }
    let world = World::new();
    assert!(world.receive_with(json!({ "nonce": "n-._~0", "state": "s".repeat(64) })).is_ok());
    assert!(world.receive_with(json!({ "state": null })).is_ok());
}

// rule: VP-R6
#[test]
fn only_vp_token_by_direct_post_is_answered() {
    for response_type in [json!(null), json!("code"), json!("vp_token id_token")] {
        assert_eq!(refused(json!({ "response_type": response_type })), E::ResponseType);
    }
    for mode in [json!(null), json!("fragment"), json!("dc_api"), json!("query")] {
        assert_eq!(refused(json!({ "response_mode": mode })), E::ResponseMode);
    }
}

// rule: VP-R7
#[test]
fn a_presentation_without_holder_binding_is_bound_by_state() {
    let asked = json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": {}, "require_cryptographic_holder_binding": false
    }] });
    assert_eq!(refused(json!({ "dcql_query": asked, "state": null })), E::StateMissing);
    assert!(World::new().receive_with(json!({ "dcql_query": asked })).is_ok());
}

// rule: VP-R8
#[test]
fn every_key_of_the_metadata_has_a_name_of_its_own() {
    let world = World::new();
    let key = world.claims()["client_metadata"]["jwks"]["keys"][0].clone();
    let mut nameless = key.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    for keys in [json!([nameless]), json!([key, key]), json!([key, { "kty": "RSA" }])] {
        let metadata = json!({ "jwks": { "keys": keys } });
        assert_eq!(refused(json!({ "client_metadata": metadata })), E::ClientMetadata, "{keys}");
    }
    for metadata in [
        json!("text"),
        json!({ "jwks": {} }),
        json!({ "jwks": { "keys": vec![json!({ "kid": "a" }); limits::MAX_ENCRYPTION_KEYS + 1] } }),
        json!({ "jwks": { "keys": [key] }, "encrypted_response_enc_values_supported": [] }),
        json!({ "jwks": { "keys": [key] }, "encrypted_response_enc_values_supported": "A128GCM" }),
        json!({ "jwks": { "keys": [key] }, "vp_formats_supported": [] }),
    ] {
        assert_eq!(refused(json!({ "client_metadata": metadata })), E::ClientMetadata);
    }
    // A key that can do no more than wrap is none: that is known before anybody is asked for a yes.
    let mut wraps = key.clone();
    wraps["key_ops"] = json!(["wrapKey"]);
    assert_eq!(refused(json!({ "client_metadata": { "jwks": { "keys": [wraps] } } })), E::Encryption);
    let named = json!({ "jwks": { "keys": [key] }, "client_name": 1, "logo_uri": "http://x" });
    let request = world.receive_with(json!({ "client_metadata": named })).unwrap();
    assert_eq!(request.client().certified_name(), Some("Verifier"));
}

// rule: VP-R8
#[test]
fn a_key_of_the_metadata_never_verifies_the_request() {
    let world = World::new();
    let other = PrivateKey::generate(&world.entropy).unwrap();
    let mut claims = world.claims();
    let jwk = crypto::PublicJwk::new(other.public_key()).with_kid("k").to_value();
    claims.insert("client_metadata".to_owned(), json!({ "jwks": { "keys": [jwk] } }));
    let header = HeaderBuilder::new("oauth-authz-req+jwt").kid("k").x5c(&world.verifier.chain.to_der());
    let object = header.sign_claims(&claims, &other).unwrap();
    let refused = world.receive_object(&link(&world.verifier.hash_id()), &object);
    assert_eq!(refused.unwrap_err(), E::Signature);
}

// rule: VP-R9
#[test]
fn the_client_is_the_same_inside_and_outside() {
    let world = World::new();
    let object = world.prepare(card_query()).request_object(&world.signer()).unwrap();
    let by_name = link(&format!("x509_san_dns:{HOST}"));
    assert_eq!(world.receive_object(&by_name, &object).unwrap_err(), E::ClientIdMismatch);
    let mut claims = world.claims();
    claims.remove("client_id");
    let header = || HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world.verifier.chain.to_der());
    let object = header().sign_claims(&claims, &world.verifier.key).unwrap();
    let link = link(&world.verifier.hash_id());
    assert_eq!(world.receive_object(&link, &object).unwrap_err(), E::ClientIdMissing);
}

// rule: VP-R9
#[test]
fn what_stands_beside_the_request_object_does_not_count() {
    let world = World::new();
    let mut claims = world.claims();
    claims.remove("nonce");
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world.verifier.chain.to_der());
    let object = header.sign_claims(&claims, &world.verifier.key).unwrap();
    let link = format!("{}&nonce=abc", link(&world.verifier.hash_id()));
    assert_eq!(world.receive_object(&link, &object).unwrap_err(), E::Nonce);
}

// rule: VP-R12
#[test]
fn the_request_is_made_for_a_wallet_that_was_not_discovered() {
    for audience in [json!(null), json!("https://other"), json!(["https://other"]), json!(1)] {
        assert_eq!(refused(json!({ "aud": audience })), E::Audience, "{audience}");
    }
    assert!(World::new().receive_with(json!({ "aud": ["https://self-issued.me/v2"] })).is_ok());
}

// rule: VP-R12
#[test]
fn the_request_is_valid_now() {
    let world = World::new();
    let at = |seconds: i64| json!((world.now + seconds).unix_seconds());
    let skew = limits::CLOCK_SKEW_SECONDS;
    assert_eq!(refused(json!({ "exp": at(-skew) })), E::Time);
    assert_eq!(refused(json!({ "nbf": at(skew + 1) })), E::Time);
    assert_eq!(refused(json!({ "iat": at(skew + 1) })), E::Time);
    assert_eq!(refused(json!({ "exp": "soon" })), E::Time);
    for fine in [json!({ "exp": at(1 - skew) }), json!({ "nbf": at(skew) }), json!({ "iat": at(skew) })] {
        assert!(world.receive_with(fine.clone()).is_ok(), "{fine}");
    }
    let ends = |exp: Value| world.receive_with(json!({ "exp": exp, "iat": null })).unwrap().expires_at();
    assert_eq!(ends(at(5)), Some(world.now + 5));
    assert_eq!(ends(Value::Null), None);
}

// rule: VP-R12
#[test]
fn a_request_that_was_read_for_longer_than_it_counts_is_not_answered() {
    let world = World::new();
    let ends = world.now + 60;
    let request = world.receive_with(json!({ "exp": ends.unix_seconds() })).unwrap();
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let answer = |at| {
        let answered = request.respond(&solution, &selection, &[world.card_copy()], at, &world.entropy);
        answered.map(drop).map_err(|error| error.code())
    };
    let last = ends + limits::CLOCK_SKEW_SECONDS - 1;
    assert_eq!(answer(last), Ok(()));
    assert_eq!(answer(last + 1), Err(RespondError::Expired.code()));
}

// rule: VP-R14
#[test]
fn a_redirect_uri_beside_direct_post_is_refused() {
    assert_eq!(refused(json!({ "redirect_uri": RESPONSE_URI })), E::RedirectUriPresent);
}

// rule: VP-R15
#[test]
fn the_answer_goes_to_an_address_of_the_client() {
    for address in
        [json!(null), json!(1), json!("http://verifier.example/"), json!("https://u@verifier.example/")]
    {
        assert_eq!(refused(json!({ "response_uri": address })), E::ResponseUri, "{address}");
    }
    let world = World::new();
    let by_name = |address: &str| {
        let client_id = format!("x509_san_dns:{HOST}");
        world.receive_with(json!({ "client_id": client_id, "response_uri": address })).map(|_| ())
    };
    assert_eq!(by_name("https://VERIFIER.example/x"), Ok(()));
    for address in ["https://other.example/", "https://a.verifier.example/", "https://verifier.example.org/"]
    {
        assert_eq!(by_name(address), Err(E::ResponseUriForeign), "{address}");
    }
}

// rule: VP-C3
#[test]
fn a_name_that_is_not_in_the_certificate_is_refused() {
    let refusal = refused(json!({ "client_id": "x509_san_dns:other.example" }));
    assert_eq!(refusal, E::CertificateName);
}

// rule: VP-C4
#[test]
fn a_hash_that_is_not_the_certificates_is_refused() {
    assert_eq!(refused(json!({ "client_id": "x509_hash:AAAA" })), E::CertificateHash);
    let other = World::new().issuer.hash_id();
    assert_eq!(refused(json!({ "client_id": other })), E::CertificateHash);
}

// rule: VP-C4
#[test]
fn a_signature_of_another_key_is_refused() {
    let world = World::new();
    let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world.verifier.chain.to_der());
    let object = header.sign_claims(&world.claims(), &world.issuer.key).unwrap();
    let refused = world.receive_object(&link(&world.verifier.hash_id()), &object);
    assert_eq!(refused.unwrap_err(), E::Signature);

    // And a payload that was changed after signing.
    let object = world.prepare(card_query()).request_object(&world.signer()).unwrap();
    let mut parts: Vec<&str> = object.split('.').collect();
    let mut claims = world.claims();
    claims.insert("nonce".to_owned(), json!("changed"));
    let payload = base64url::encode(Value::Object(claims).to_string().as_bytes());
    parts[1] = &payload;
    let refused = world.receive_object(&link(&world.verifier.hash_id()), &parts.join("."));
    assert_eq!(refused.unwrap_err(), E::Signature);
}

// rule: VP-C4, HA-6
#[test]
fn the_certificate_chains_to_an_anchor_for_verifiers() {
    let mut world = World::new();
    let claims = world.claims();
    let fault = |world: &World| match world.receive_claims(&claims) {
        Err(E::Chain(error)) => error.fault,
        other => panic!("{:?}", other.map(|_| ())),
    };
    // The same root as an anchor for registrars does not make a verifier.
    world.registrars = world.verifier.anchors();
    world.verifiers = AnchorStore::new();
    assert_eq!(fault(&world), ChainFault::UnknownAnchor);

    let mut world = World::new();
    world.now = world.now + 400 * 86_400;
    assert_eq!(fault(&world), ChainFault::Expired);
}

// rule: HA-6
#[test]
fn the_anchor_in_x5c_and_a_self_signed_leaf_are_refused() {
    let world = World::new();
    let claims = world.claims();
    let sign = |chain: &[Vec<u8>], key: &PrivateKey, client_id: &str| {
        let mut claims = claims.clone();
        claims.insert("client_id".to_owned(), json!(client_id));
        let object = HeaderBuilder::new("oauth-authz-req+jwt").x5c(chain).sign_claims(&claims, key).unwrap();
        match world.receive_object(&link(client_id), &object) {
            Err(E::Chain(error)) => error.fault,
            other => panic!("{:?}", other.map(|_| ())),
        }
    };
    let mut with_anchor = world.verifier.chain.to_der();
    with_anchor.push(world.verifier.root.der().to_vec());
    assert_eq!(sign(&with_anchor, &world.verifier.key, &world.verifier.hash_id()), ChainFault::AnchorInChain);

    let key = PrivateKey::generate(&world.entropy).unwrap();
    let own = CertificateBuilder::leaf(Subject::new("own"), Validity::days(world.now - 1, 1));
    let chain = CertificateChain::new(vec![own.self_signed(&key, &world.entropy).unwrap()]).unwrap();
    let client_id = format!("x509_hash:{}", base64url::encode(&chain.leaf().hash()));
    assert_eq!(sign(&chain.to_der(), &key, &client_id), ChainFault::SelfSignedLeaf);
}

// rule: VP-C4
#[test]
fn a_request_without_certificates_is_refused() {
    let world = World::new();
    let object = HeaderBuilder::new("oauth-authz-req+jwt").sign_claims(&world.claims(), &world.verifier.key);
    let refused = world.receive_object(&link(&world.verifier.hash_id()), &object.unwrap());
    assert_eq!(refused.unwrap_err(), E::Certificate);
}

// rule: VP-C1, VP-C7, VP-C8
#[test]
fn prefixes_that_are_not_supported_are_refused_by_their_rule() {
    for (client_id, expected, rule) in [
        ("pre-registered", E::PrefixUnknown, "VP-C1"),
        ("https://verifier.example", E::PrefixUnknown, "VP-C1"),
        (
            "openid_federation:https://f.example",
            E::PrefixUnsupported(UnsupportedPrefix::OpenIdFederation),
            "VP-C7",
        ),
        ("origin:https://verifier.example", E::PrefixOrigin, "VP-C8"),
    ] {
        let refusal = refused(json!({ "client_id": client_id }));
        assert_eq!(refusal, expected, "{client_id}");
        assert_eq!(refusal.rule(), rule);
    }
}

// rule: VP-C2
#[test]
fn a_redirect_uri_client_cannot_sign() {
    let client_id = format!("redirect_uri:{RESPONSE_URI}");
    assert_eq!(refused(json!({ "client_id": client_id })), E::SignatureExcluded);
    let world = World::new();
    let prepared = RequestBuilder::new(ClientIdentity::RedirectUri, card_query(), RESPONSE_URI)
        .build(world.now, &world.entropy)
        .unwrap();
    assert!(prepared.request_object(&world.signer()).is_err());
    assert!(prepared.link_by_reference("openid4vp", REQUEST_URI, false).is_err());
}

// rule: VP-T1
#[test]
fn without_a_type_that_is_known_every_transaction_is_refused() {
    let entry = |value: Value| base64url::encode(value.to_string().as_bytes());
    let known = entry(json!({ "type": "payment", "credential_ids": ["card"], "amount": 1 }));
    assert_eq!(refused(json!({ "transaction_data": [known] })), E::TransactionDataUnsupported);
    for malformed in [
        json!([]),
        json!("x"),
        json!([1]),
        json!(["not base64url!"]),
        json!([entry(json!([]))]),
        json!([entry(json!({ "credential_ids": ["card"] }))]),
        json!([entry(json!({ "type": "payment" }))]),
        json!([entry(json!({ "type": "payment", "credential_ids": [] }))]),
        json!([entry(json!({ "type": 1, "credential_ids": ["card"] }))]),
        json!(vec![known.clone(); limits::MAX_TRANSACTION_DATA + 1]),
    ] {
        assert_eq!(refused(json!({ "transaction_data": malformed })), E::TransactionDataMalformed);
    }
}

// rule: VP-S3, VP-S4
#[test]
fn the_first_usable_key_and_the_best_content_encryption_are_taken() {
    let world = World::new();
    let usable = world.claims()["client_metadata"]["jwks"]["keys"][0].clone();
    let kid = usable["kid"].as_str().unwrap().to_owned();
    let changed = |name: &str, value: Value| {
        let mut key = usable.clone();
        key["kid"] = json!(format!("not-{name}"));
        match value {
            Value::Null => key.as_object_mut().unwrap().remove(name),
            value => key.as_object_mut().unwrap().insert(name.to_owned(), value),
        };
        key
    };
    let unusable = [
        changed("alg", json!(null)),
        changed("alg", json!("ECDH-ES+A128KW")),
        changed("use", json!("sig")),
        changed("crv", json!("P-384")),
        changed("kty", json!("OKP")),
        changed("x", json!("AAAA")),
        changed("d", json!("AAAA")),
    ];
    for key in &unusable {
        let metadata = json!({ "jwks": { "keys": [key] } });
        assert_eq!(refused(json!({ "client_metadata": metadata })), E::Encryption, "{}", key["kid"]);
        let metadata = json!({ "jwks": { "keys": [key, usable] } });
        let request = world.receive_with(json!({ "client_metadata": metadata })).unwrap();
        assert_eq!(request.encryption().unwrap().key().kid(), Some(kid.as_str()));
    }
    assert_eq!(refused(json!({ "client_metadata": null })), E::Encryption);

    let method = |offered: Value| {
        let mut metadata = json!({ "jwks": { "keys": [usable] } });
        if !offered.is_null() {
            metadata["encrypted_response_enc_values_supported"] = offered;
        }
        let request = world.receive_with(json!({ "client_metadata": metadata }))?;
        Ok(request.encryption().unwrap().method().name())
    };
    assert_eq!(method(json!(null)), Ok("A128GCM"));
    assert_eq!(method(json!(["A128GCM", "A256GCM"])), Ok("A256GCM"));
    assert_eq!(method(json!(["A256GCM"])), Ok("A256GCM"));
    assert_eq!(method(json!(["A128CBC-HS256", "A128GCM"])), Ok("A128GCM"));
    assert_eq!(method(json!(["A128CBC-HS256"])), Err(E::Encryption));
}

// rule: VP-H1, VP-H6
#[test]
fn formats_and_algorithms_that_the_verifier_excludes_are_respected() {
    let world = World::new();
    let receive = |formats: Value| {
        let metadata = json!({ "vp_formats_supported": formats });
        let query = serde_json::to_value(both_query().as_wire()).unwrap();
        let changes =
            json!({ "client_metadata": metadata, "response_mode": "direct_post", "dcql_query": query });
        world.receive_with(changes).map(|request| request.objection())
    };
    let both = json!({
        "dc+sd-jwt": { "sd-jwt_alg_values": ["ES384", "ES256"], "kb-jwt_alg_values": ["ES256"] },
        "mso_mdoc": { "issuerauth_alg_values": [-9], "deviceauth_alg_values": [-7, -65537] }
    });
    assert_eq!(receive(both.clone()), Ok(None));
    assert_eq!(receive(json!({ "dc+sd-jwt": {}, "mso_mdoc": {} })), Ok(None));
    assert_eq!(receive(json!({ "dc+sd-jwt": {} })), Ok(Some(Objection::FormatsNotSupported)));
    assert_eq!(receive(json!({ "mso_mdoc": {} })), Ok(Some(Objection::FormatsNotSupported)));
    for (format, parameter, excluded) in [
        ("dc+sd-jwt", "sd-jwt_alg_values", json!(["ES384"])),
        ("dc+sd-jwt", "kb-jwt_alg_values", json!(["EdDSA"])),
        ("mso_mdoc", "issuerauth_alg_values", json!([-35])),
        ("mso_mdoc", "deviceauth_alg_values", json!([-65537])),
    ] {
        let mut formats = both.clone();
        formats[format][parameter] = excluded;
        assert_eq!(receive(formats), Ok(Some(Objection::FormatsNotSupported)), "{parameter}");
    }
}

#[test]
fn a_refusal_names_the_verifier_and_says_that_nothing_left() {
    for error in [E::Signature, E::Nonce, E::RedirectUriPresent, E::TransactionDataUnsupported] {
        assert_eq!(error.blame(), primitives::Blame::Verifier);
        assert_eq!(error.left(), primitives::Left::Nothing);
        assert!(error.rule().starts_with("VP-"));
    }
}
