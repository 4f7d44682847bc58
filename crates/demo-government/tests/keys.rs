//! The wallet provider attests holder keys, and driver licences are issued to attested keys alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use crypto::jws::UnverifiedJws;
use crypto::{PrivateKey, Signer as _, SystemEntropy};
use demo_government::{Bundle, GrantKind};
use openid4vci::holder::{Client, ClientMethod, Registration};
use primitives::http::Request;
use primitives::{Http as _, Refusal as _};
use serde_json::{Value, json};
use support::*;
use url::Url;

// rule: CI-18, HA-4
#[tokio::test(flavor = "multi_thread")]
async fn the_wallet_provider_attests_keys_that_are_each_proven_for_this_nonce_once() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let attestor = wallet.key_attestor();
    let [one, two] = [(); 2].map(|()| PrivateKey::generate(&SystemEntropy).unwrap());
    let ask = async |body: Value| {
        let request = Request::post_json(Url::parse(&attestor.address).unwrap(), &body);
        wallet.client.send(request).await.unwrap()
    };
    let proofs = json!([attestor.proof(&one, Some("n"), "a"), attestor.proof(&two, Some("n"), "b")]);
    let answer = ask(json!({ "key_proofs": proofs, "nonce": "n" })).await;
    assert_eq!(answer.status, 200);
    let attestation = answer.json().unwrap()["key_attestation"].as_str().unwrap().to_owned();
    let claims = UnverifiedJws::parse(&attestation).unwrap().dangerous_claims().unwrap();
    assert_eq!(claims["attested_keys"], json!([one.public_key().to_jwk(), two.public_key().to_jwk()]));
    assert_eq!((&claims["nonce"], &claims["key_storage"]), (&json!("n"), &json!(["iso_18045_basic"])));
    assert!(!claims.contains_key("user_authentication"), "it says no more than it knows");
    assert_eq!(ask(json!({ "key_proofs": proofs, "nonce": "n" })).await.status, 400, "a proof counts once");
    let key = |nonce, jti: &str| attestor.proof(&one, nonce, jti);
    for (what, body) in [
        ("another nonce", json!({ "key_proofs": [key(Some("n"), "c")], "nonce": "m" })),
        ("no nonce in the proof", json!({ "key_proofs": [key(None, "d")], "nonce": "m" })),
        ("no nonce in the request", json!({ "key_proofs": [key(Some("n"), "e")] })),
        ("no proof", json!({ "key_proofs": [], "nonce": "n" })),
        ("one that is none", json!({ "key_proofs": [key(Some("n"), "f"), "x"], "nonce": "n" })),
        (
            "one for the wallet's own attestation",
            json!({ "key_proofs": [wallet.attestation_proof(&one, &attestor.address, "g")] }),
        ),
    ] {
        assert_eq!(ask(body).await.status, 400, "{what}");
    }
    assert_eq!(
        ask(json!({ "key_proofs": [key(None, "h")] })).await.status,
        200,
        "an issuer may have no nonces"
    );
}

// rule: CI-17, CI-18, HA-4
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_licence_is_issued_to_attested_keys_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let papers = Bundle::Papers(vec!["p2-license".to_owned(), "p2-license.mdoc".to_owned()]);
    let link = government.offer("p2", papers, GrantKind::PreAuthorized { tx_code: None }).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    let without = authorized.clone().request_credential(
        &authorized.papers()[0].clone(),
        holder_keys(1),
        None,
        &wallet.context(),
    );
    assert_eq!(without.unwrap_err().error.code(), "key_attestation_required");
    let received = wallet.collect(authorized, 3).await;
    assert_eq!(received.iter().map(|it| it.copies.as_slice().len()).collect::<Vec<_>>(), [3, 3]);
}

// rule: HA-3
#[tokio::test(flavor = "multi_thread")]
async fn a_registered_wallet_asserts_itself_at_an_agency_and_a_stranger_in_its_name_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let key = PrivateKey::generate(&SystemEntropy).unwrap();
    government.register_client("nuri-mois", "library-wallet", key.public_key()).unwrap();
    assert!(government.register_client("nobody", "library-wallet", key.public_key()).is_err());
    let redeem = async |key: PrivateKey| {
        let papers = Bundle::Papers(vec!["p1-resident".to_owned()]);
        let link = government.offer("p1", papers, GrantKind::PreAuthorized { tx_code: None }).await.unwrap();
        let resolved = wallet.resolve(&link).await;
        assert_eq!(
            resolved.client_method(Some(Registration::PrivateKeyJwt), true),
            ClientMethod::PrivateKeyJwt
        );
        let client = Client::registered("library-wallet".to_owned(), Arc::new(key), dpop_key());
        wallet.drive(resolved.pre_authorized(client, &[], None).unwrap()).await
    };
    let authorized = redeem(key).await.unwrap();
    assert_eq!(wallet.collect(authorized, 2).await[0].copies.as_slice().len(), 2);
    let stranger = PrivateKey::generate(&SystemEntropy).unwrap();
    assert_eq!(redeem(stranger).await.unwrap_err().code(), "server_refused_invalid_client");
}
