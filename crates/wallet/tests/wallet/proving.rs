//! Who the wallet is to a server, and how it proves its keys: what the profile gives and the issuer takes.

use primitives::http::Request;
use serde_json::{Value, json};
use wallet::view::*;

use crate::world::*;

const PROVIDER: &str = "https://provider.example/attestation";
const KEYS: &str = "https://provider.example/keys";

fn es256(required: Option<Value>) -> Value {
    let mut proof = json!({ "proof_signing_alg_values_supported": ["ES256"] });
    if let Some(required) = required {
        proof["key_attestations_required"] = required;
    }
    proof
}

/// A world whose profile names a wallet provider, and whose resident cards are issued for these proofs.
fn world(proofs: Value, provider: Value) -> World {
    let world = World::bare(|profile| {
        if !provider.is_null() {
            profile["walletProvider"] = provider;
        }
    });
    world.wallet.initialize().unwrap();
    world.server(|server| server.proof_types.insert("resident".into(), proofs));
    world
}

fn service() -> Value {
    json!({ "kind": "service", "attestation": PROVIDER, "keyAttestation": KEYS })
}

fn sent(world: &World, part: &str) -> Vec<Request> {
    let log = world.net.log.lock().unwrap();
    log.iter().filter(|request| request.url.as_str().contains(part)).cloned().collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn form(request: &Request) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

// rule: CI-17, CI-18, HA-4
#[test]
fn keys_are_attested_by_the_profiles_provider_all_in_one() {
    for (proofs, kind) in [
        (json!({ "jwt": es256(Some(json!({ "key_storage": ["iso_18045_basic"] }))) }), "jwt"),
        (json!({ "attestation": es256(None) }), "attestation"),
    ] {
        let world = world(proofs, service());
        let papers = run(world.receive(&["resident"]));
        assert_eq!(world.wallet.paper(&papers[0].id).unwrap().trust.copies.total, 3);
        let asked = sent(&world, KEYS);
        assert_eq!(asked.len(), 1, "one attestation of the batch");
        assert_eq!(body(&asked[0])["key_proofs"].as_array().unwrap().len(), 3);
        // the provider hears of no issuer, paper or person
        assert_eq!(body(&asked[0]).as_object().unwrap().len(), 2);
        assert!(!String::from_utf8_lossy(&asked[0].body).contains("garam"));
        assert_eq!(asked[0].party.as_ref().map(url::Url::as_str), Some(KEYS), "the profile named it");
        let request = body(&sent(&world, "/credential").pop().unwrap());
        assert_eq!(request["proofs"].as_object().unwrap().keys().collect::<Vec<_>>(), [kind]);
        // what came can be presented
        run(async {
            let (_, link) = world.request(name_query());
            world.sent(&world.consent(&link).await).await;
        });
    }
}

// rule: CI-18, HA-4
#[test]
fn what_demands_more_of_keys_than_they_are_is_refused_with_the_reason_before_anything_is_sent() {
    let without = json!({ "kind": "service", "attestation": PROVIDER });
    for (required, provider, code) in [
        (
            json!({ "key_storage": ["iso_18045_high", "iso_18045_moderate"] }),
            service(),
            "key_storage_too_weak",
        ),
        (json!({ "user_authentication": ["iso_18045_basic"] }), service(), "user_authentication_too_weak"),
        (json!({}), without, "key_attestation_required"),
        (json!({}), Value::Null, "key_attestation_required"),
    ] {
        let world = world(json!({ "jwt": es256(Some(required)) }), provider);
        let link = world.offer(&["resident"], None);
        let started = run(world.wallet.receive_start(&world.input(&link))).unwrap();
        let ReceiveStarted::Refusal(refusal) = started else { panic!("it was shown") };
        assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), (code, Some("CI-18")));
        assert!(!refusal.left);
        assert_eq!(world.history()[0].code.as_deref(), Some(code));
        let asked =
            sent(&world, "https://").iter().filter(|it| it.method == primitives::http::Method::Post).count();
        assert_eq!(asked, 0, "nobody was told anything");
    }
}

// rule: CI-18, HA-4
#[test]
fn an_attestation_that_claims_hardware_is_not_sent() {
    let world = world(json!({ "attestation": es256(None) }), service());
    world.server(|server| server.provider_says = vec!["iso_18045_high"]);
    let refusal = run(world.refused(&["resident"]));
    assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), ("attestation_of_keys", Some("CI-18")));
    assert!(world.all().is_empty());
    assert_eq!(world.net.calls("/credential"), 0);
}

// rule: CI-18
#[test]
fn a_provider_that_does_not_answer_ends_the_receiving_and_keeps_nothing() {
    let world = world(json!({ "attestation": es256(None) }), service());
    world.net.hook(|request| match request.url.as_str().starts_with(KEYS) {
        true => Act::Answer(primitives::http::Response::new(503, "")),
        false => Act::Pass,
    });
    let refusal = run(world.refused(&["resident"]));
    assert_eq!(refusal.code, "attestation_of_keys");
    assert!(world.all().is_empty());
    world.net.unhook();
    assert_eq!(run(world.receive(&["resident"])).len(), 1, "and can be tried again");
}

// rule: CI-15
#[test]
fn a_paper_that_is_bound_to_no_key_is_received_without_proofs_and_kept() {
    let mut world = world(Value::Null, Value::Null);
    let papers = run(world.receive(&["resident"]));
    let request = body(&sent(&world, "/credential").pop().unwrap());
    assert!(request.get("proofs").is_none());
    world.restart();
    let page = world.wallet.paper(&papers[0].id).unwrap();
    assert_eq!(page.trust.signature, SignatureState::Holds);
    assert_eq!(page.trust.copies.total, 1);
}

// rule: CI-15, VP-D8
#[test]
fn a_paper_that_is_bound_to_no_key_goes_to_who_does_not_ask_for_its_holder_and_to_nobody_else() {
    let world = world(Value::Null, Value::Null);
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let started = world.wallet.present_start(&world.input(&link)).await.unwrap();
        let PresentStarted::Refusal(refusal) = started else { panic!("it was offered") };
        assert_eq!(refusal.code, "nothing_fits");
        let mut lax = name_query();
        lax["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        let (_, link) = world.request(lax);
        world.sent(&world.consent(&link).await).await;
        world.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(openid4vp::verifier::Outcome::Verified(answer)) => {
                assert!(answer.presentations[0].holder_key.is_none());
            }
            _ => panic!("not verified"),
        });
    });
}

/// A world in which the wallet is registered as this client at the issuer's server.
fn registered(key: Option<&str>, methods: &[&'static str]) -> World {
    let world = World::bare(|profile| {
        let mut client = json!({ "server": ISSUER, "clientId": "library-wallet" });
        if let Some(key) = key {
            client["key"] = json!(key);
        }
        profile["clients"] = json!([client]);
    });
    world.wallet.initialize().unwrap();
    world.server(|server| server.authentication = methods.to_vec());
    world
}

// rule: HA-3
#[test]
fn a_client_that_the_profile_names_asserts_itself_with_its_own_key() {
    let mut world = registered(Some("2026"), &["private_key_jwt"]);
    let clients = world.wallet.registered_clients().unwrap();
    assert_eq!((clients[0].server.as_str(), clients[0].client_id.as_str()), (ISSUER, "library-wallet"));
    let jwk = clients[0].keys.clone().unwrap()["keys"][0].clone();
    assert!(jwk.get("d").is_none());
    let key = *crypto::PublicJwk::from_value(&jwk).unwrap().key();
    // before the server knows it
    let refusal = run(world.refused(&["resident"]));
    assert_eq!(refusal.code, "server_refused_invalid_client");
    world.server(|server| server.gate.register_client("library-wallet", key));
    run(world.receive(&["resident"]));
    let token = form(&sent(&world, "/token").pop().unwrap());
    assert_eq!(token["client_id"], "library-wallet");
    let assertion = crypto::jws::UnverifiedJws::parse(&token["client_assertion"]).unwrap();
    let claims = assertion.verify(&key, "JWT").unwrap().claims().unwrap();
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(ISSUER), &json!("library-wallet")));
    let proof = body(&sent(&world, "/credential").pop().unwrap())["proofs"]["jwt"][0].clone();
    let proof = crypto::jws::UnverifiedJws::parse(proof.as_str().unwrap()).unwrap();
    assert_eq!(proof.dangerous_claims().unwrap()["iss"], "library-wallet");
    // the same key after a restart, and another one in another wallet
    world.restart();
    assert_eq!(world.wallet.registered_clients().unwrap()[0].keys, clients[0].keys);
    let other = registered(Some("2026"), &["private_key_jwt"]);
    assert_ne!(other.wallet.registered_clients().unwrap()[0].keys, clients[0].keys);
    let renamed = registered(Some("2027"), &["private_key_jwt"]);
    assert_ne!(renamed.wallet.registered_clients().unwrap()[0].keys, clients[0].keys);
    world.wallet.lock();
    assert!(world.wallet.registered_clients().is_err(), "the key is behind the wallet's secret");
}

// rule: HA-3
#[test]
fn a_client_without_a_key_gives_its_name_and_nothing_more_and_only_where_that_is_taken() {
    let world = registered(None, &["none"]);
    run(world.receive(&["resident"]));
    let token = form(&sent(&world, "/token").pop().unwrap());
    assert_eq!(token["client_id"], "library-wallet");
    assert!(!token.contains_key("client_assertion"));
    assert_eq!(world.wallet.registered_clients().unwrap()[0].keys, None);
    let world = registered(Some("k"), &["none"]);
    run(world.receive(&["resident"]));
    assert!(!form(&sent(&world, "/token").pop().unwrap()).contains_key("client_assertion"));
}

// rule: CI-12, HA-3
#[test]
fn an_attested_wallet_is_the_same_client_for_every_issuance_with_another_key_each() {
    let world = world(json!({ "jwt": es256(None) }), service());
    world.server(|server| server.authentication = vec!["attest_jwt_client_auth"]);
    run(world.receive(&["resident"]));
    run(world.receive(&["notice"]));
    let parse = |it: &str| crypto::jws::UnverifiedJws::parse(it).unwrap().dangerous_claims().unwrap();
    let attestations: Vec<_> = sent(&world, "/token")
        .iter()
        .map(|it| parse(it.header("oauth-client-attestation").unwrap()))
        .collect();
    assert!(attestations.iter().all(|it| it["sub"] == "citizen-wallet"));
    let first = attestations.first().unwrap();
    assert_ne!(first["cnf"], attestations.last().unwrap()["cnf"], "not reused (HA-3)");
}
