//! From the government's offer to verified copies, over its real TLS listener.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use demo_government::{Bundle, GrantKind};
use openid4vci::holder::*;
use primitives::Refusal as _;
use support::*;

fn plain() -> GrantKind {
    GrantKind::PreAuthorized { tx_code: None }
}

fn with_code(code: &str) -> GrantKind {
    GrantKind::PreAuthorized { tx_code: Some(code.to_owned()) }
}

fn sd_jwt(copies: &ReceivedCopies) -> &sd_jwt_vc::VerifiedSdJwtVc {
    match copies.copies.as_slice()[0].credential() {
        VerifiedCredential::SdJwtVc(credential) => credential,
        VerifiedCredential::Mdoc(_) => panic!("an mdoc"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_card_in_five_copies_by_a_pre_authorized_code() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p1", Bundle::FirstCard, plain()).await.unwrap();
    let authorized = wallet.authorized(&link, None).await;
    let copies = wallet.collect(authorized, 5).await;
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].copies.as_slice().len(), 5);
    let card = sd_jwt(&copies[0]);
    assert_eq!(card.claims()["name"], "이도담");
    assert_eq!(card.claims()["ageOver19"], true);
    assert_eq!(card.claims()["address"]["sigungu"], "가람시");
    let places: std::collections::BTreeSet<u64> = copies[0]
        .copies
        .as_slice()
        .iter()
        .map(|copy| match copy.credential() {
            VerifiedCredential::SdJwtVc(credential) => credential.status().unwrap().index(),
            VerifiedCredential::Mdoc(_) => panic!("an mdoc"),
        })
        .collect();
    assert_eq!(places.len(), 5, "each copy has a place of its own");
    let notification = copies.into_iter().next().unwrap().notification.unwrap();
    wallet.drive(notification.notify(NotificationEvent::CredentialAccepted, None)).await.unwrap();
    government.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_code_is_tried_five_times_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p2", Bundle::FirstCard, with_code("4711")).await.unwrap();
    let resolved = wallet.resolve(&link).await;
    assert_eq!(resolved.transaction_code().unwrap().length, Some(4));
    for _ in 0..5 {
        let client = wallet.attested_client().await;
        let wrong = wallet.drive(resolved.clone().pre_authorized(client, &[], Some("0000")).unwrap()).await;
        assert!(wrong.is_err());
    }
    let client = wallet.attested_client().await;
    let late = wallet.drive(resolved.pre_authorized(client, &[], Some("4711")).unwrap()).await;
    assert_eq!(late.unwrap_err().code(), "transaction_code_wrong", "the right code comes too late");

    let link = government.offer("p2", Bundle::FirstCard, with_code("471100")).await.unwrap();
    let authorized = wallet.authorized(&link, Some("471100")).await;
    assert_eq!(wallet.collect(authorized, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_everybody_is_issued_in_every_form_and_believed() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let (mut sd_jwts, mut mdocs) = (0, 0);
    for person in government.personas().await.unwrap() {
        let mut received = 0;
        for link in government.all_offers(&person.id, plain()).await.unwrap() {
            let authorized = wallet.authorized(&link, None).await;
            for copies in wallet.collect(authorized, 1).await {
                received += 1;
                match copies.copies.as_slice()[0].credential() {
                    VerifiedCredential::SdJwtVc(credential) => {
                        sd_jwts += 1;
                        let kind = civic::Catalogue.by_vct(credential.vct()).unwrap();
                        let claims = credential.claims().as_object().unwrap();
                        let own = ["iss", "iat", "nbf", "exp", "cnf", "vct", "status"];
                        for name in claims.keys().filter(|name| !own.contains(&name.as_str())) {
                            let known = kind.claims.iter().any(|claim| claim.path[0] == name);
                            assert!(known, "{}: {name}", kind.key);
                        }
                        let mut without_portrait = claims.clone();
                        without_portrait.remove("portrait");
                        let text = serde_json::to_string(&without_portrait["iss"]).unwrap();
                        assert!(text.contains(".localhost:"));
                        for (name, value) in
                            without_portrait.iter().filter(|(name, _)| !own.contains(&name.as_str()))
                        {
                            let text = value.to_string();
                            assert!(!civic::mask::looks_like_resident_number(&text), "{}: {name}", kind.key);
                        }
                    }
                    VerifiedCredential::Mdoc(document) => {
                        mdocs += 1;
                        let kind = civic::Catalogue.by_doctype(document.doc_type()).unwrap();
                        assert!(kind.mobile_document.is_some());
                    }
                }
            }
        }
        let forms = person.papers.iter().map(|paper| 1 + usize::from(paper.mobile_document)).sum::<usize>();
        assert_eq!(received, forms, "{}", person.id);
    }
    assert!(sd_jwts > 50 && mdocs >= 6, "{sd_jwts} {mdocs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_once_and_never_without_an_attestation() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p1", Bundle::FirstCard, plain()).await.unwrap();
    let resolved = wallet.resolve(&link).await;
    let nameless = Client::public("citizen-wallet".to_owned(), dpop_key());
    let error = match resolved.clone().pre_authorized(nameless, &[], None) {
        Ok(exchange) => wallet.drive(exchange).await.unwrap_err().code().to_owned(),
        Err(error) => error.code().to_owned(),
    };
    assert_ne!(error, "server_refused_invalid_grant", "the code was not even looked at");

    let client = wallet.attested_client().await;
    wallet.drive(resolved.clone().pre_authorized(client, &[], None).unwrap()).await.unwrap();
    let client = wallet.attested_client().await;
    let again = wallet.drive(resolved.pre_authorized(client, &[], None).unwrap()).await;
    assert_eq!(again.unwrap_err().code(), "server_refused_invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_request_without_an_attestation_is_refused_on_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let origin = government.addresses().origin("garam");
    for path in ["/par", "/token"] {
        let url = url::Url::parse(&format!("{origin}{path}")).unwrap();
        let request = primitives::http::Request::post_form(url, [("client_id", "citizen-wallet")]);
        let answer = primitives::Http::send(&wallet.client, request).await.unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json().unwrap()["error"], "invalid_client");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallet_provider_attests_a_key_that_is_proven_once() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let address = wallet.profile["walletProvider"]["attestation"].as_str().unwrap().to_owned();
    let key = crypto::PrivateKey::generate(&crypto::SystemEntropy).unwrap();
    let ask = async |proof: String| {
        let url = url::Url::parse(&address).unwrap();
        let request = primitives::http::Request::post_json(url, &serde_json::json!({ "proof": proof }));
        primitives::Http::send(&wallet.client, request).await.unwrap().status
    };
    let proof = wallet.attestation_proof(&key, &address, "once");
    assert_eq!(ask(proof.clone()).await, 200);
    assert_eq!(ask(proof).await, 400, "a proof counts once");
    assert_eq!(ask(wallet.attestation_proof(&key, "https://elsewhere.example/", "two")).await, 400);
    assert_eq!(ask("nonsense".to_owned()).await, 400);
    let typ = "wallet-instance-proof+jwt";
    assert_eq!(ask(wallet.proof_with(&key, typ, &address, "early", -299)).await, 200);
    assert_eq!(ask(wallet.proof_with(&key, typ, &address, "stale", -310)).await, 400);
    assert_eq!(ask(wallet.proof_with(&key, typ, &address, "future", 310)).await, 400);
    assert_eq!(ask(wallet.proof_with(&key, typ, &address, "", 0)).await, 400, "without a jti");
    assert_eq!(ask(wallet.proof_with(&key, "dpop+jwt", &address, "other", 0)).await, 400, "of another type");
    let mut forged = wallet.attestation_proof(&key, &address, "forged").into_bytes();
    let last = forged.len() - 10;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(ask(String::from_utf8(forged).unwrap()).await, 400, "with another signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_signs_its_metadata_for_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let link = government.offer("p4", Bundle::Agency("nuri-nts".to_owned()), plain()).await.unwrap();
    let openid4vci::offer::OfferSource::ByValue(offer) =
        openid4vci::offer::OfferSource::parse(&link).unwrap()
    else {
        panic!("by value");
    };
    let policy = DiscoveryPolicy {
        signed_metadata: SignedMetadata::Require,
        loopback_authorization_page: true,
        ..DiscoveryPolicy::default()
    };
    assert!(wallet.drive(Discovery::new(offer, policy)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_by_reference_is_the_offer_by_value() {
    use openid4vci::offer::OfferSource;
    let folder = tempfile::tempdir().unwrap();
    let government = start(folder.path()).await;
    let wallet = TestWallet::new(&government).await;
    let links =
        government.offer_links("p1", Bundle::Agency("garam".to_owned()), with_code("123456")).await.unwrap();
    assert!(links.by_reference.len() < 200, "short enough for a QR code: {}", links.by_reference.len());
    let OfferSource::ByReference(fetch) = OfferSource::parse(&links.by_reference).unwrap() else {
        panic!("by reference");
    };
    let answer = primitives::Http::send(&wallet.client, fetch.request()).await.unwrap();
    let fetched = fetch.receive(&answer).unwrap();
    let OfferSource::ByValue(offer) = OfferSource::parse(&links.by_value).unwrap() else {
        panic!("by value")
    };
    assert_eq!(fetched, offer);
    let elsewhere = format!("{}/offer/none", government.addresses().origin("garam"));
    assert_eq!(wallet.get(&elsewhere).await.status, 404);
}
